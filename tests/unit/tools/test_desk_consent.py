"""Consent at the desk: it is made of the caller's own words and keys, whatever an agent asks for.

The real desk and the real ears of the language; only the words of the caller vary.
"""

from datetime import timedelta

import pytest
from front_desk import MONDAY_TEN, FakeClock, salon
from memory_store import MemoryStore

from dalpak.call.inputs import Said
from dalpak.domain.records import CallRecord
from dalpak.language.registry import language
from dalpak.tools.desk import desk_factory
from dalpak.tools.gate import BookingGate, GateReason

pytestmark = pytest.mark.unit

START = MONDAY_TEN + timedelta(days=1, hours=5, minutes=30)
"""Tuesday at half past three in the afternoon."""


def read_back_heard() -> tuple[BookingGate, str]:
    gate = BookingGate()
    slot = gate.offer(
        start=START,
        end=START + timedelta(minutes=30),
        resource_id="dana",
        service_id="cut",
    ).id
    gate.choose(slot)
    gate.note_name("Noa")
    assert gate.mint("n1") is None
    gate.heard("n1")
    return gate, slot


async def after(said: Said, *more: Said, code: str = "he") -> GateReason | None:
    """Why nothing may be created once the caller has said this to a read-back; None: it may."""
    gate, slot = read_back_heard()
    record = CallRecord(
        id="call-1",
        business_id="salon",
        transport="terminal",
        external_id="x",
        account_id="a",
        caller=None,
        called=None,
        started_at=MONDAY_TEN,
        last_seen_at=MONDAY_TEN,
        checkpoint={"desk": {"gate": gate.to_json()}},
    )
    open_desk = desk_factory(MemoryStore(salon()), FakeClock(), lambda _: language(code))
    desk = await open_desk(record, lambda _: None)
    for number, one in enumerate((said, *more), start=5):
        desk.turn_began(number, one, ears=True)
    state = desk.state()["gate"]
    assert isinstance(state, dict)
    return BookingGate.from_json(state).may_create(slot, "n1")


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("he", "כן"),
        ("he", "כן תודה ביי"),
        ("he", "כן תקבעי תודה רבה להתראות"),
        ("he", "בטח בשלוש וחצי"),
        ("he", "סבבה"),
        ("he", "מעולה תודה"),
        ("en", "yes, thanks, bye"),
        ("en", "sure, book it, have a nice day"),
    ],
)
async def test_a_clear_yes_is_consent(code: str, text: str) -> None:
    assert await after(Said(text=text), code=code) is None


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("he", "טוב נדבר ביי"),
        ("he", "אין בעיה אני אסתדר ביי"),
        ("he", "מעולה תודה ביי"),
        ("he", "בסדר יום טוב"),
        ("he", "אוקיי לא משנה"),
        ("he", "סבבה פעם אחרת"),
        ("he", "כן טוב נדבר ביי"),
        ("he", "תודה רבה"),
        ("he", "תודה להתראות"),
        ("he", "ביי"),
        ("he", "אחלה אבל בארבע"),
        ("he", "טוב אני אחשוב על זה"),
        ("en", "fine, talk later, bye"),
        ("en", "great, bye"),
        ("en", "okay, never mind"),
        ("en", "thank you very much"),
    ],
)
async def test_politeness_on_the_way_out_is_no_consent(code: str, text: str) -> None:
    assert await after(Said(text=text), code=code) is not None


async def test_one_is_a_yes_and_every_later_turn_that_is_none_takes_it_back() -> None:
    assert await after(Said(keys="1")) is None
    assert await after(Said(keys="2")) is not None
    assert await after(Said(text="כן"), Said(text="טוב נדבר ביי")) is GateReason.NO_YES
    assert await after(Said(text="כן"), Said(silence=True)) is GateReason.NO_YES
