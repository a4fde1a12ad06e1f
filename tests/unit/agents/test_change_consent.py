"""Whatever a caller says or presses, in whatever order: nothing is cancelled or moved without a clear yes to
its read-back."""

import asyncio

import pytest
from changing_call import booked_before, local
from desk_call import DeskCall
from front_desk import MONDAY_TEN
from hypothesis import given, settings
from hypothesis import strategies as st

from dalpak.agents.memory import recall
from dalpak.domain.records import AppointmentStatus
from dalpak.ports.agent import Said

pytestmark = pytest.mark.unit

YES = frozenset({"כן", "כן תבטלי", "כן להעביר", "בטח", ">1", "כן, להזיז ליום רביעי באחת"})
WORDS = (
    "לבטל את התור",
    "להזיז את התור ליום רביעי בשלוש",
    "להזיז את התור",
    "לבטל",
    "להעביר",
    "מתי התור שלי",
    "ביום חמישי בבוקר",
    "הראשון",
    "השני",
    "בעשר",
    "לא",
    "לא, בעצם להזיז",
    "אל תבטלי",
    "אולי",
    "רגע",
    "מה אמרת",
    "בננה מטוס",
    "תור חדש למחר בארבע",
    "דנה",
    "כן אבל בחמש",
    "רשימת המתנה",
    "...",
    ">2",
    ">3",
    ">9",
    *sorted(YES),
)
READ_BACKS = ("לבטל את התור?", "להעביר?", "לקבוע?", "כן או לא?")
HANGING = frozenset(
    {"לבטל", "להעביר", "לבטל את התור", "להזיז את התור", "להזיז את התור ליום רביעי בשלוש"}
)
"""The wish itself: a yes only when it is said again, to the short question."""


async def standing(call: DeskCall) -> None:
    for start in (local(24, "10:00"), local(26, "12:00")):
        await booked_before(call.store, MONDAY_TEN, start)  # type: ignore[arg-type]


def booked(call: DeskCall) -> frozenset[tuple[object, ...]]:
    rows = [row for row in call.rows() if row.status is AppointmentStatus.BOOKED]
    return frozenset((row.id, row.start) for row in rows)


def said(what: str) -> Said:
    if what == "...":
        return Said(silence=True)
    return Said(keys=what[1:]) if what.startswith(">") else Said(text=what)


async def play(words: list[str]) -> int:
    """How often something changed."""
    call, asked, changes = DeskCall(), "", 0
    await standing(call)
    for word in words:
        before = booked(call)
        out = await call.does(said(word))
        told = [o.spoken.text for o in out if hasattr(o, "spoken")]
        if booked(call) != before:
            changes += 1
            assert word in YES | HANGING, (words, word)
            assert asked.endswith(READ_BACKS) or "הקישו אחת" in asked, (words, asked)
            assert word not in HANGING or asked.endswith("כן או לא?"), (words, asked)
            assert recall(call.state).errand is None
        asked = " ".join(told)
    return changes


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=3, max_size=9))
def test_nothing_changes_without_a_clear_yes_to_its_read_back(words: list[str]) -> None:
    asyncio.run(play(words))


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (["לבטל את התור", "הראשון", "כן"], 1),
        (["לבטל את התור", "הראשון", "לבטל", "לבטל"], 1),
        (["להזיז את התור", "השני", "ליום רביעי בשלוש", "כן להעביר", "לבטל את התור", ">1", ">1"], 2),
        (["לבטל את התור", "הראשון", "אולי", "לא", "כן"], 0),
    ],
)
def test_and_with_one_it_does(words: list[str], changes: int) -> None:
    assert asyncio.run(play(words)) == changes
