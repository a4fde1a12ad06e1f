"""The caller's own appointments with the built-in agent: told, cancelled, moved; graded by the database."""

from pathlib import Path

import pytest
from changing_call import ANOTHER, ChangingCall, local, opened_salon

from dalpak.language.en import ENGLISH
from dalpak.language.he import HEBREW
from dalpak.ports.agent import CollectDigits, SayGoodbye, TransferTo

pytestmark = pytest.mark.integration

TOMORROW = local(24, "10:00")
THURSDAY = local(26, "12:00")
WEDNESDAY_THREE = local(25, "15:00")
MORE = HEBREW.phrase("anything_else").text
KEPT = HEBREW.phrase("not_changed").text


async def two(c: ChangingCall) -> None:
    await c.stands(TOMORROW)
    await c.stands(THURSDAY, "colour")


# -- when is it --------------------------------------------------------------------------------------


async def test_the_next_appointment_is_told_and_nobody_elses(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.stands(THURSDAY, phone=ANOTHER)
        told = await c.says("מתי התור שלי")
        assert "מחר, יום שלישי, בשעה עשר בבוקר" in told
        assert "חמישי" not in told
        assert told.endswith(MORE)


async def test_several_are_told_and_then_one_of_them_is_cancelled(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        told = await c.says("מתי התורים שלי")
        assert "עשר בבוקר" in told
        assert "שתים עשרה בצהריים" in told
        assert (await c.says("אז לבטל את התור של יום חמישי")).endswith("לבטל את התור?")
        assert await c.starts() == [TOMORROW, THURSDAY]
        assert "ביטלתי" in await c.says("כן")
        assert await c.starts() == [TOMORROW]


async def test_in_the_middle_of_a_booking_it_is_told_and_the_question_stands(
    tmp_path: Path,
) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        assert "מה נוח?" in await c.says("תור ליום רביעי בבוקר")
        told = await c.says("רגע, מתי התור שלי")
        assert "עשר בבוקר" in told
        assert told.endswith("מה נוח?")
        assert "תשע בבוקר" in told


async def test_a_withheld_number_is_asked_for_name_and_number(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        c.caller = None
        await c.stands(TOMORROW)
        assert await c.says("מתי התור שלי") == c.phrase("ask_name")
        assert await c.says("דנה") == c.phrase("ask_phone_keypad")
        assert c.directives == [CollectDigits("phone", 15)]
        assert "עשר בבוקר" in await c.presses("0541112233")


async def test_a_number_that_does_not_fit_is_told_nothing(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        c.caller = None
        await c.stands(TOMORROW)
        await c.says("לבטל את התור שלי")
        await c.says("דנה")
        told = await c.presses("0541112234")
        assert told == f"{c.phrase('no_appointment')} {c.phrase('book_or_message')}"
        await c.says("כן")
        assert await c.starts() == [TOMORROW]


# -- cancelling --------------------------------------------------------------------------------------


@pytest.mark.parametrize("yes", ["כן", "כן תבטלי", "כן לבטל", "בטח, תבטל אותו", "בטח"])
async def test_one_appointment_is_cancelled_after_a_yes(tmp_path: Path, yes: str) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        asked = await c.says("אני רוצה לבטל את התור")
        assert asked == "אז תספורת, מחר, יום שלישי, בשעה עשר בבוקר. לבטל את התור?"
        assert await c.starts() == [TOMORROW]
        assert "ביטלתי את התור" in await c.says(yes)
        assert await c.starts() == []
        await c.says("לא תודה")
        assert c.directives == [SayGoodbye()]


@pytest.mark.parametrize("no", ["לא", "לא לבטל", "אל תבטלי", "לא, תשאירי אותו", "לא משנה, עזבי"])
async def test_a_no_keeps_it(tmp_path: Path, no: str) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("אני רוצה לבטל את התור")
        assert await c.says(no) == f"{KEPT} {MORE}"
        assert await c.starts() == [TOMORROW]


async def test_the_bare_word_is_asked_about_once(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("לבטל את התור")
        assert await c.says("לבטל") == c.phrase("confirm_cancel_again")
        assert await c.starts() == [TOMORROW]
        await c.says("לבטל")
        assert await c.starts() == []


async def test_none_to_cancel_is_said_and_something_else_offered(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW, phone=ANOTHER)
        told = await c.says("לבטל את התור שלי")
        assert told == f"{c.phrase('no_appointment')} {c.phrase('book_or_message')}"
        assert await c.says("אפשר להשאיר הודעה") == c.phrase("ask_message")
        await c.says("תגידו לדנה שהתקשרתי")
        assert await c.note() == "תגידו לדנה שהתקשרתי"
        assert await c.starts() == [TOMORROW]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("השני", [TOMORROW]),
        ("את הראשון", [THURSDAY]),
        ("של יום חמישי", [TOMORROW]),
        ("בעשר", [THURSDAY]),
        ("הצבע", [TOMORROW]),
    ],
)
async def test_of_several_the_caller_says_which(tmp_path: Path, answer: str, left: list) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        assert (await c.says("לבטל את התור")).startswith("איזה תור?")
        assert (await c.says(answer)).endswith("לבטל את התור?")
        await c.says("כן")
        assert await c.starts() == left


async def test_of_several_one_is_meant_from_the_start(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        assert (await c.says("לבטל את התור לצבע")).endswith("לבטל את התור?")
        await c.says("כן")
        assert await c.starts() == [TOMORROW]


async def test_the_wrong_one_is_set_right_at_its_read_back(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        await c.says("לבטל את התור")
        await c.says("הראשון")
        assert (await c.says("לא, של יום חמישי")).startswith("אז צבע, ביום חמישי")
        await c.says("כן")
        assert await c.starts() == [TOMORROW]


async def test_a_new_one_after_all(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        c.caller = None
        await c.stands(TOMORROW)
        await c.says("לבטל את התור שלי")
        told = await c.says("בעצם אני רוצה לקבוע תור חדש ליום רביעי בשלוש")
        assert "שלוש אחר הצהריים" in told
        await c.says("דנה")
        await c.presses("0541112233")
        await c.says("כן")
        assert await c.starts() == [TOMORROW, WEDNESDAY_THREE]


async def test_of_several_none_after_all(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        await c.says("לבטל את התור")
        again = await c.says("בננה מטוס")
        assert again.startswith(c.phrase("sorry"))
        assert "איזה תור?" in again
        assert await c.says("לא, לא צריך") == f"{KEPT} {MORE}"
        assert len(await c.rows()) == 2


async def test_too_late_is_said_and_a_message_taken(tmp_path: Path) -> None:
    async with opened_salon(tmp_path, cancel_notice_min=2880, reschedule_notice_min=2880) as c:
        await c.stands(TOMORROW)
        told = await c.says("לבטל את התור")
        assert told == f"{c.phrase('too_late_to_change')} {c.phrase('offer_message')}"
        await c.says("כן")
        await c.says("אני חולה ולא אגיע")
        assert await c.note() == "אני חולה ולא אגיע"
        assert await c.starts() == [TOMORROW]


@pytest.mark.parametrize("answer", ["בסדר כמו גמור", "בננה מטוס"])
async def test_an_unclear_answer_to_the_offer_of_a_message_is_asked_again(
    tmp_path: Path, answer: str
) -> None:
    async with opened_salon(tmp_path, cancel_notice_min=2880, reschedule_notice_min=2880) as c:
        await c.stands(TOMORROW)
        await c.says("לבטל את התור")
        assert (await c.says(answer)).endswith(c.phrase("offer_message"))
        assert await c.says("כן") == c.phrase("ask_message")


async def test_too_late_to_cancel_may_still_be_moved(tmp_path: Path) -> None:
    async with opened_salon(tmp_path, cancel_notice_min=2880) as c:
        await c.stands(TOMORROW)
        assert (await c.says("לבטל את התור")).startswith(c.phrase("move_instead"))
        assert (await c.says("הראשון")).endswith("להעביר?")
        await c.says("כן")
        assert await c.starts() == [local(24, "09:30")]


async def test_a_change_of_mind_moves_it_instead(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("אני רוצה לבטל את התור")
        assert "לאיזה יום ושעה להעביר?" in await c.says("לא, בעצם להזיז")
        assert (await c.says("ליום רביעי בשלוש")).endswith("להעביר?")
        await c.says("כן להעביר")
        assert await c.starts() == [WEDNESDAY_THREE]


async def test_a_goodbye_cancels_nothing(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("לבטל את התור")
        await c.says("להתראות")
        assert c.directives == [SayGoodbye()]
        assert await c.starts() == [TOMORROW]


async def test_a_person_instead(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("לבטל את התור")
        await c.says("אני רוצה לדבר עם בן אדם")
        assert c.directives == [TransferTo("+972502345678")]
        assert await c.starts() == [TOMORROW]


async def test_silence_and_repeat_bring_the_read_back_again(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        asked = await c.says("לבטל את התור")
        assert (await c.silent()).endswith(asked)
        assert await c.says("מה אמרת") == asked
        assert (
            await c.says("בננה מטוס") == f"{c.phrase('sorry')} {c.phrase('confirm_cancel_again')}"
        )
        assert await c.starts() == [TOMORROW]
        await c.says("כן")
        assert await c.starts() == []


async def test_a_read_back_that_was_not_heard_cancels_nothing(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        c.heard = False
        asked = await c.says("לבטל את התור")
        assert await c.says("כן") == asked
        assert await c.starts() == [TOMORROW]


async def test_by_keys(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        await c.says("לבטל את התור")
        assert (await c.presses("7")).startswith(c.phrase("keypad_not_an_option"))
        assert (await c.presses("2")).endswith("לבטל את התור?")
        assert await c.presses("2") == f"{KEPT} {MORE}"
        assert len(await c.rows()) == 2
        await c.says("לבטל את התור")
        await c.presses("2")
        await c.presses("1")
        assert await c.starts() == [TOMORROW]


# -- moving ------------------------------------------------------------------------------------------


async def test_one_sentence_moves_it(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        row = await c.stands(TOMORROW)
        asked = await c.says("להזיז את התור ליום רביעי בשלוש")
        assert "במקום מחר, יום שלישי, בשעה עשר בבוקר" in asked
        assert "בשעה שלוש אחר הצהריים. להעביר?" in asked
        assert await c.starts() == [TOMORROW]
        assert "העברתי את התור" in await c.says("כן")
        assert [r.id for r in await c.rows()] == [row]
        assert await c.starts() == [WEDNESDAY_THREE]


@pytest.mark.parametrize(
    ("words", "start"),
    [
        ("אפשר להעביר את התור לאחת עשרה", local(24, "11:00")),
        ("להזיז את התור של מחר לשלוש", local(24, "15:00")),
        ("לדחות את התור ביומיים", local(26, "10:00")),
    ],
)
async def test_what_is_not_said_stays(tmp_path: Path, words: str, start: object) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        assert (await c.says(words)).endswith("להעביר?")
        await c.says("כן")
        assert await c.starts() == [start]


async def test_step_by_step(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await two(c)
        assert (await c.says("אני רוצה להזיז את התור")).startswith("איזה תור?")
        assert "לאיזה יום ושעה להעביר?" in await c.says("הראשון")
        assert "מה נוח?" in await c.says("ביום רביעי בבוקר")
        assert (await c.says("הראשון")).endswith("להעביר?")
        await c.says("כן")
        assert await c.starts() == [local(25, "09:00"), THURSDAY]


async def test_an_hour_off_the_grid_brings_two_others(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        told = await c.says("להזיז את התור ליום רביעי בעשר ועשרים")
        assert told.startswith(c.phrase("off_grid"))
        assert (await c.says("השני")).endswith("להעביר?")
        await c.says("כן")
        assert await c.starts() == [local(25, "10:30")]


async def test_another_hour_at_the_read_back(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("להזיז את התור ליום רביעי בשתיים")
        assert "שלוש אחר הצהריים" in await c.says("לא, בשלוש")
        assert await c.starts() == [TOMORROW]
        await c.says("כן")
        assert await c.starts() == [WEDNESDAY_THREE]


async def test_taken_meanwhile_the_old_one_stays_and_two_others_are_offered(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("להזיז את התור ליום רביעי בשלוש")
        c.clock.forward(minutes=4)  # longer than the hold
        await c.stands(WEDNESDAY_THREE, phone=ANOTHER)
        told = await c.says("כן")
        assert told.startswith(c.phrase("just_taken"))
        assert await c.starts() == [TOMORROW, WEDNESDAY_THREE]
        assert (await c.says("הראשון")).endswith("להעביר?")
        await c.says("כן")
        assert await c.starts() == [WEDNESDAY_THREE, local(25, "15:30")]


async def test_no_to_a_move_keeps_it(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("להזיז את התור ליום רביעי בשלוש")
        assert await c.says("לא") == f"{KEPT} {MORE}"
        assert await c.starts() == [TOMORROW]


async def test_cancelled_instead_of_moved(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.stands(TOMORROW)
        await c.says("להזיז את התור ליום רביעי")
        assert (await c.says("בעצם תבטלי אותו")).endswith("לבטל את התור?")
        await c.says("כן")
        assert await c.starts() == []


async def test_what_was_just_booked_is_moved_in_the_same_call(tmp_path: Path) -> None:
    async with opened_salon(tmp_path) as c:
        await c.says("תור מחר בשתיים על שם דנה")
        await c.says("כן")
        assert await c.starts() == [local(24, "14:00")]
        assert (await c.says("בעצם אפשר להזיז אותו לשלוש")).endswith("להעביר?")
        await c.says("כן")
        assert await c.starts() == [local(24, "15:00")]


# -- in English --------------------------------------------------------------------------------------


async def test_cancelled_in_english(tmp_path: Path) -> None:
    async with opened_salon(tmp_path, language=ENGLISH) as c:
        await c.stands(TOMORROW)
        asked = await c.says("I want to cancel my appointment")
        assert asked.endswith("Shall I cancel the appointment?")
        await c.says("yes cancel it")
        assert await c.starts() == []


async def test_told_and_moved_in_english(tmp_path: Path) -> None:
    async with opened_salon(tmp_path, language=ENGLISH) as c:
        await c.stands(TOMORROW)
        assert "at ten in the morning" in await c.says("when is my appointment")
        assert (await c.says("move it to Wednesday at three")).endswith("Shall I move it?")
        assert await c.starts() == [TOMORROW]
        await c.says("yes please")
        assert await c.starts() == [WEDNESDAY_THREE]


async def test_kept_in_english(tmp_path: Path) -> None:
    async with opened_salon(tmp_path, language=ENGLISH) as c:
        await two(c)
        await c.says("I need to cancel my appointment")
        assert (await c.says("the second one")).endswith("Shall I cancel the appointment?")
        assert (await c.says("no, keep it")).startswith(ENGLISH.phrase("not_changed").text)
        assert len(await c.rows()) == 2
