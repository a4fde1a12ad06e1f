"""Which numbers a call vouches for: keyed, or read back and agreed to; never one that was only said."""

import pytest
from front_desk import MONDAY_TEN, TUESDAY, Caller, FakeClock, salon
from memory_store import MemoryStore

from dalpak.call.inputs import Said
from dalpak.domain.records import CallRecord, TenantScope
from dalpak.language.registry import language
from dalpak.tools.desk import desk_factory
from dalpak.tools.gate import BookingGate

pytestmark = pytest.mark.unit

NOA, MORNING = "+972523456789", {"date": TUESDAY, "window_from": "09:00", "window_to": "10:00"}


def a_call(call_id: str) -> CallRecord:
    return CallRecord(call_id, "salon", "twilio", call_id, "", None, None, MONDAY_TEN, MONDAY_TEN)


async def caller_of(
    store: MemoryStore, call_id: str = "call-1", phone: str | None = None
) -> Caller:
    async with store.writing(TenantScope("salon")) as w:
        await w.open_call(a_call(call_id))
    return Caller(store, FakeClock(), call_id=call_id, phone=phone)


def confirmed(store: MemoryStore, call_id: str = "call-1") -> tuple[str, ...]:
    return store.tables("salon").calls[call_id].confirmed


@pytest.mark.parametrize(
    ("line", "expected"), [(None, (NOA,)), ("+972541112233", (NOA,)), (NOA, ())]
)
async def test_what_was_read_back_and_agreed_to_is_vouched_for(
    line: str | None, expected: tuple[str, ...]
) -> None:
    store = MemoryStore(salon())
    caller = await caller_of(store, phone=line)
    slot = await caller.choose()
    await caller.introduce(phone="0523456789")
    nonce = await caller.agree()
    assert confirmed(store) == (), "not before the yes has booked"
    assert (await caller.create(slot, nonce)).ok
    # The carrier vouches for the caller's own line.
    assert confirmed(store) == expected


async def test_who_changes_a_visit_by_name_and_digits_agrees_to_its_number() -> None:
    store = MemoryStore(salon())
    booked = await (await caller_of(store)).book()
    visit = str(booked.data["appointment_id"])
    for call_id, change in (("call-2", "move"), ("call-3", "cancel")):
        caller = await caller_of(store, call_id)
        found = await caller.use("calendar.my_appointments", name="Noa", last4="6789")
        assert found.ok
        assert confirmed(store, call_id) == ()
        done = await (caller.move(visit, "11:00") if change == "move" else caller.call_off(visit))
        assert done.ok, done.data
        assert confirmed(store, call_id) == (NOA,)


@pytest.mark.parametrize(
    ("pressed", "expected"), [(NOA, (NOA,)), (None, ()), ("+972541112233", ())]
)
async def test_to_wait_only_a_keyed_number_is_vouched_for(
    pressed: str | None, expected: tuple[str, ...]
) -> None:
    store = MemoryStore(salon())
    for n, at in enumerate(("09:00", "09:00", "09:30", "09:30")):
        assert (await Caller(store, FakeClock(), call_id=f"x{n}").book(at)).ok
    caller = await caller_of(store)
    await caller.introduce("Noa", "0523456789")
    caller.gate.keyed = pressed
    assert (await caller.use("calendar.waitlist", **MORNING)).ok
    assert confirmed(store) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(keys="0523456789"), NOA),
        (Said(keys="1"), None),
        (Said(text="אפס חמש שתיים שלוש ארבע חמש שש שבע שמונה תשע"), None),
    ],
)
async def test_only_keys_are_keyed_and_a_checkpoint_keeps_it(
    said: Said, expected: str | None
) -> None:
    open_desk = desk_factory(MemoryStore(salon()), FakeClock(), lambda _: language("he"))
    desk = await open_desk(a_call("call-1"), lambda _: None)
    desk.turn_began(1, said, ears=True)
    state = desk.state()["gate"]
    assert isinstance(state, dict)
    assert BookingGate.from_json(state).keyed == expected
    # A checkpoint of an earlier release knows nothing of it.
    del state["keyed"]
    assert BookingGate.from_json(state).keyed is None
