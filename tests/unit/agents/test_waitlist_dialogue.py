"""The waiting list with the built-in agent: what is wanted is read back, and written down after a yes."""

from datetime import date
from pathlib import Path

import pytest
from changing_call import ANOTHER, ChangingCall, local, opened_salon

from dalpak.language.en import ENGLISH
from dalpak.language.he import HEBREW
from dalpak.ports.agent import CollectDigits

pytestmark = pytest.mark.integration

WEDNESDAY = date(2026, 11, 25)
ASKS = "להיכנס לרשימת ההמתנה?"


async def full_wednesday(c: ChangingCall) -> None:
    for minute in range(9 * 60, 17 * 60, 30):
        await c.stands(local(25, f"{minute // 60}:{minute % 60:02d}"), phone=ANOTHER)


async def test_where_nothing_suits_the_wish_is_read_back_and_kept(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await full_wednesday(c)
        assert c.phrase("none_free") in await c.says("תור ליום רביעי")
        assert await c.says("תרשמו אותי לרשימת המתנה") == f"אז תספורת, מחרתיים, יום רביעי. {ASKS}"
        assert await c.waiting() == []
        assert (await c.says("כן")).startswith(c.phrase("waitlisted"))
        (entry,) = await c.waiting()
        assert (entry.first_day, entry.last_day) == (WEDNESDAY, WEDNESDAY)
        assert entry.service_ids == ("cut",)


async def test_one_sentence_tells_the_hours_too(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await full_wednesday(c)
        asked = await c.says("תכניסו אותי לרשימת ההמתנה ליום רביעי בבוקר")
        assert "משעה תשע בבוקר עד שתים עשרה בצהריים" in asked
        await c.says("כן תרשמי")
        (entry,) = await c.waiting()
        assert entry.window == (5 * 60, 12 * 60)


async def test_step_by_step_and_another_hour(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await full_wednesday(c)
        assert await c.says("רשימת המתנה") == c.phrase("waitlist_when")
        assert "משעה ארבע אחר הצהריים עד חמש" in await c.says("יום רביעי בארבע")
        assert "משעה תשע בבוקר" in await c.says("לא, בבוקר")
        assert await c.waiting() == []
        await c.says("כן")
        assert len(await c.waiting()) == 1


async def test_a_no_writes_nothing(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await full_wednesday(c)
        await c.says("רשימת המתנה ליום רביעי")
        assert await c.says("לא") == HEBREW.phrase("anything_else").text
        assert await c.waiting() == []
        assert await c.note() == ""


async def test_where_there_is_a_place_it_is_offered_instead(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.says("רשימת המתנה ליום רביעי")
        assert (await c.says("כן")).startswith(c.phrase("still_free"))
        assert await c.waiting() == []
        await c.says("הראשון")
        await c.says("דנה")
        await c.says("כן")
        assert await c.starts() == [local(25, "9:00")]


async def test_without_a_number_it_is_asked_for_first(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        c.caller = None
        await full_wednesday(c)
        assert await c.says("רשימת המתנה ליום רביעי") == c.phrase("ask_phone_keypad")
        assert c.directives == [CollectDigits("phone", 15)]
        assert (await c.presses("0541112233")).endswith(ASKS)
        await c.presses("1")
        assert len(await c.waiting()) == 1


async def test_a_closed_day_is_refused_with_its_reason(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.says("רשימת המתנה לשבת")
        told = await c.says("כן")
        assert "סגורים" in told
        assert await c.waiting() == []


async def test_in_english(tmp_path: Path) -> None:
    async with opened_salon(tmp_path, language=ENGLISH) as c:
        await full_wednesday(c)
        asked = await c.says("put me on the waiting list for Wednesday")
        assert asked.endswith("Shall I put you on the waiting list?")
        await c.says("yes")
        assert len(await c.waiting()) == 1
