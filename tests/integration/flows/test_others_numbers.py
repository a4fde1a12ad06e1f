"""Numbers that a call tells: told once and how to be left alone, and never where nobody vouches."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from flow_desk import NAMED, ShiftedClock, Steps, desk_of, free, join_waitlist
from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.follow_up import ConsentAnswer, InboundRecord
from dalpak.domain.records import MessageRecord
from dalpak.flows.desk import Desk, Postponed
from dalpak.flows.why import why, words_of

pytestmark = pytest.mark.integration

ANOTHER = "+972541112233"
OPT_OUT = "המספר נמסר לנו בשיחה אל סלון רונית. להסרה אפשר להשיב: הסר."
WITHHELD = ("anonymous", None, "+266696687")


@pytest.fixture
async def clock(office: Office) -> ShiftedClock:
    office.clock = ShiftedClock()
    return office.clock


async def call_from(office: Office, caller: str | None) -> None:
    record = await office.call("call_1")
    await office.sql("UPDATE call_log SET caller = :c WHERE id = :id", c=caller, id=record.id)


async def confirm(office: Office, desk: Desk, booked: str) -> str:
    payload = {"business_id": SALON.id, "appointment_id": booked}
    flow = NAMED["confirm_appointment"]
    return await flow(Steps(f"confirm:{booked}", office.clock), desk, payload)


async def remind(office: Office, desk: Desk, booked: str) -> MessageRecord:
    row = await office.appointment(booked)
    payload = {"business_id": SALON.id, "appointment_id": booked, "start": row.start.isoformat()}
    await NAMED["remind_appointment"](Steps(f"remind:{booked}", office.clock), desk, payload)
    return next(m for m in await office.messages() if m.kind == "reminder")


async def vouched(office: Office, number: str) -> None:
    """As the tools do when it was keyed, or read back and agreed to."""
    async with office.store.writing(SCOPE) as w:
        await w.confirm_number("call_1", number)


async def test_the_caller_s_own_number_gets_no_line_and_no_limit_of_one(
    office: Office, clock: ShiftedClock
) -> None:
    messenger = FakeMessenger()
    desk = desk_of(office, messenger)
    await call_from(office, "052-345-6789")
    booked = await office.book()
    assert await confirm(office, desk, booked) == "accepted"
    assert (await remind(office, desk, booked)).state == "accepted"
    assert not [m for m in messenger.sent if OPT_OUT in m.text]


async def test_another_s_number_is_told_once_and_how_to_be_left_alone(
    office: Office, clock: ShiftedClock
) -> None:
    messenger = FakeMessenger()
    desk = desk_of(office, messenger)
    await call_from(office, CALLER)
    first, second = [await office.book(phone=ANOTHER, hour=hour) for hour in (10, 12)]

    assert await confirm(office, desk, first) == "accepted"
    assert messenger.sent[0].text.endswith(f"\n{OPT_OUT}")
    # What is not owed is dropped; what is owed waits, and comes.
    reminder = await remind(office, desk, first)
    assert (reminder.state, reminder.reason) == ("skipped", "anothers_number")
    with pytest.raises(Postponed) as waits:
        await confirm(office, desk, second)
    assert waits.value.code == "anothers_number"
    assert len(messenger.sent) == 1
    clock.ahead += timedelta(minutes=61)
    assert await confirm(office, desk, second) == "accepted"
    assert messenger.sent[1].text.count(OPT_OUT) == 1


async def test_who_writes_back_is_no_stranger_and_who_refuses_hears_no_more(
    office: Office, clock: ShiftedClock
) -> None:
    desk = desk_of(office)
    await call_from(office, CALLER)
    booked = await office.book(phone=ANOTHER)
    assert await confirm(office, desk, booked) == "accepted"
    wrote = InboundRecord("in_1", SALON.id, "fake", "p1", ANOTHER, "תודה", clock.now())
    async with office.store.writing(SCOPE) as w:
        await w.record_inbound(wrote)
    clock.ahead += timedelta(minutes=90)
    assert (await remind(office, desk, booked)).state == "accepted"

    async with office.store.writing(SCOPE) as w:
        stop = ConsentAnswer.OPTED_OUT
        await w.record_consent(ANOTHER, stop, source="message", now=clock.now())
    later = await office.book(phone=ANOTHER, hour=14)
    assert await confirm(office, desk, later) == "skipped"


async def test_each_call_has_its_own_one_and_a_business_its_own_limit(
    office: Office, clock: ShiftedClock
) -> None:
    desk = desk_of(office)
    await call_from(office, CALLER)
    booked = await office.book(phone=ANOTHER)
    assert await confirm(office, desk, booked) == "accepted"
    await office.cancel(booked)
    await office.call("call_2")
    gone = {"business_id": SALON.id, "appointment_id": booked, "call_id": "call_2"}
    assert await NAMED["confirm_cancellation"](Steps("c"), desk, gone) == "accepted"

    clock.ahead += timedelta(minutes=61)
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"quiet_hours": None, "most_to_others": 2})
    again = await office.book(phone=ANOTHER, hour=12)
    assert await confirm(office, desk, again) == "accepted"
    assert (await remind(office, desk, again)).reason == "anothers_number"


async def test_the_line_is_the_business_s_own_to_word(office: Office, clock: ShiftedClock) -> None:
    messenger = FakeMessenger()
    await call_from(office, CALLER)
    async with office.store.writing(SCOPE) as w:
        await w.save_template("he", "opt_out", "לא ביקשת? השיבו הסר")
    await confirm(office, desk_of(office, messenger), await office.book(phone=ANOTHER))
    assert messenger.sent[0].text.endswith("\nלא ביקשת? השיבו הסר")


@pytest.mark.parametrize("caller", WITHHELD)
async def test_a_withheld_line_causes_nothing_until_a_number_is_vouched_for(
    office: Office, clock: ShiftedClock, caller: str | None
) -> None:
    messenger = FakeMessenger()
    desk = desk_of(office, messenger)
    await call_from(office, caller)
    booked = await office.book()
    assert await confirm(office, desk, booked) == "skipped"
    (message,) = await office.messages()
    assert (message.reason, messenger.sent) == ("number_not_confirmed", [])
    assert words_of(message.reason).startswith("the call came from a withheld number")

    await vouched(office, ANOTHER)
    unvouched = await office.book(hour=12)
    assert await confirm(office, desk, unvouched) == "skipped"
    await vouched(office, CALLER)
    agreed = await office.book(hour=14)
    assert await confirm(office, desk, agreed) == "accepted"
    assert OPT_OUT in messenger.sent[0].text


async def offered(office: Office, vouch: Callable[[], Awaitable[None]] | None) -> MessageRecord:
    """The offer of a freed time to who began to wait in a call with a withheld number."""
    await call_from(office, None)
    if vouch is not None:
        await vouch()
    booked = await office.book(phone=CALLER)
    await join_waitlist(office, ANOTHER, "wait_1", call_id="call_1")
    payload = await free(office, booked)
    flow = NAMED["offer_freed_slot"]
    # Where it was sent it waits for an answer.
    with suppress(Postponed):
        await flow(Steps("offer", office.clock), desk_of(office), payload)
    return next(m for m in await office.messages() if m.kind == "waitlist_offer")


async def test_a_number_that_was_only_said_is_offered_nothing(
    office: Office, clock: ShiftedClock
) -> None:
    offer = await offered(office, None)
    assert (offer.state, offer.reason) == ("skipped", "number_not_confirmed")


async def test_a_number_that_was_keyed_is_offered_the_time(
    office: Office, clock: ShiftedClock
) -> None:
    offer = await offered(office, lambda: vouched(office, ANOTHER))
    assert (offer.state, offer.call_id) == ("accepted", "call_1")


async def test_the_reasons_are_told_by_why(office: Office) -> None:
    await call_from(office, None)
    engine = office.hire(FakeMessenger())
    await engine.start()
    booked = await office.book()
    await office.settled(1)
    for subject in (booked, "call_1"):
        (found,) = await why(office.store, SCOPE, engine.board, subject) or ()
        assert (found.verdict, found.reason) == ("skipped", "number_not_confirmed")
        assert "neither keyed nor agreed to" in found.words
