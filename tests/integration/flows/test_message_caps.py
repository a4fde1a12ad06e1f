"""The limits on messages, at work: what waits, what is dropped, what is told about it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flow_desk import (
    NAMED,
    Memory,
    ShiftedClock,
    Steps,
    confirmed_at_once,
    desk_of,
    facts_of,
    free,
    join_waitlist,
)
from flow_office import CALLER, OWNER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.follow_up import InboundRecord
from dalpak.domain.records import MessageRecord
from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk, Postponed
from dalpak.flows.why import Verdict, why
from dalpak.ports.messenger import Delivery

pytestmark = pytest.mark.integration

CONFIRM = NAMED["confirm_appointment"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def clock(office: Office) -> ShiftedClock:
    office.clock = ShiftedClock()
    await office.call()
    return office.clock


async def confirm(office: Office, desk: Desk, booked: str) -> str:
    payload = {"business_id": SALON.id, "appointment_id": booked}
    return await CONFIRM(Steps(f"confirm:{booked}", office.clock), desk, payload)


async def waits(office: Office, desk: Desk, booked: str) -> Postponed:
    with pytest.raises(Postponed) as put_off:
        await confirm(office, desk, booked)
    return put_off.value


async def booked(office: Office, count: int, *, phone: str = CALLER) -> list[str]:
    return [await office.book(hour=hour, phone=phone) for hour in range(6, 6 + count)]


async def third_waits(office: Office, messenger: FakeMessenger) -> tuple[Desk, list[str]]:
    """Two confirmations to one number have just left, a third one waits."""
    desk, visits = desk_of(office, messenger), await booked(office, 3)
    for each in visits[:2]:
        await confirm(office, desk, each)
    await waits(office, desk, visits[2])
    return desk, visits


async def message_of(office: Office, appointment_id: str) -> MessageRecord:
    (found,) = [m for m in await office.messages() if m.appointment_id == appointment_id]
    return found


async def test_the_third_confirmation_within_an_hour_waits_and_comes(
    office: Office, clock: ShiftedClock
) -> None:
    messenger = FakeMessenger()
    desk, visits = desk_of(office, messenger), await booked(office, 3)
    await confirm(office, desk, visits[0])
    first_at = clock.now()
    clock.ahead += 20 * MINUTE
    await confirm(office, desk, visits[1])

    late = await waits(office, desk, visits[2])

    assert abs(late.until - first_at - 60 * MINUTE) < MINUTE
    third = await message_of(office, visits[2])
    assert (third.state, third.reason, len(messenger.sent)) == ("pending", "too_many", 2)
    clock.ahead += 41 * MINUTE
    assert await confirm(office, desk, visits[2]) == "accepted"
    third = await message_of(office, visits[2])
    assert (third.state, third.reason, len(messenger.sent)) == ("accepted", "", 3)


async def test_what_waited_is_not_sent_when_it_is_no_longer_true(
    office: Office, clock: ShiftedClock
) -> None:
    messenger = FakeMessenger()
    desk, visits = await third_waits(office, messenger)
    await office.cancel(visits[2])
    clock.ahead += 61 * MINUTE

    assert await confirm(office, desk, visits[2]) == "skipped"
    assert (await message_of(office, visits[2])).reason == "cancelled"


async def test_of_a_visit_that_was_moved_while_its_confirmation_waited_the_move_is_told(
    office: Office, clock: ShiftedClock
) -> None:
    messenger = FakeMessenger()
    desk, visits = await third_waits(office, messenger)
    version = str(await office.move(visits[2], hours=5))
    clock.ahead += 61 * MINUTE

    assert await confirm(office, desk, visits[2]) == "skipped"
    moved = {"business_id": SALON.id, "appointment_id": visits[2], "version": version}
    assert await NAMED["confirm_reschedule"](Steps("moved"), desk, moved) == "accepted"
    assert [m.kind for m in messenger.sent] == ["confirmation", "confirmation", "rescheduled"]


async def test_what_waits_does_not_come_in_the_night(office: Office, clock: ShiftedClock) -> None:
    local = clock.now().astimezone(ZoneInfo(SALON.timezone))
    night = [f"{local + hours * 60 * MINUTE:%H:%M}" for hours in (0.5, 9)]
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"quiet_hours": night})
    desk, visits = desk_of(office), await booked(office, 3)
    for each in visits[:2]:
        await confirm(office, desk, each)

    late = await waits(office, desk, visits[2])

    assert f"{late.until.astimezone(local.tzinfo):%H:%M}" == night[1]
    assert late.until - clock.now() < 12 * 60 * MINUTE


async def test_a_confirmation_that_would_come_after_the_visit_goes_at_once(
    office: Office, clock: ShiftedClock
) -> None:
    desk, visits = desk_of(office), await booked(office, 3)
    row = await office.appointment(visits[2])
    clock.ahead = row.start - clock.now() - 30 * MINUTE
    for each in visits:
        assert await confirm(office, desk, each) == "accepted"


async def test_a_business_sets_its_own_limit(office: Office, clock: ShiftedClock) -> None:
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"quiet_hours": None, "most_per_hour": 1})
    desk, visits = desk_of(office), await booked(office, 2)
    await confirm(office, desk, visits[0])
    await waits(office, desk, visits[1])


async def test_only_what_left_is_counted(office: Office, clock: ShiftedClock) -> None:
    refused, busy = Delivery("failed", reason="not_on_whatsapp"), ProviderError("rate_limited")
    messenger = FakeMessenger([refused, busy, Delivery("recorded"), Delivery("accepted")])
    desk, visits = desk_of(office, messenger), await booked(office, 6)
    assert await confirm(office, desk, visits[0]) == "failed"
    with pytest.raises(ProviderError):
        await confirm(office, desk, visits[1])
    assert await confirm(office, desk, visits[2]) == "recorded"
    assert await confirm(office, desk, visits[3]) == "accepted"
    assert await confirm(office, desk, visits[4]) == "accepted"
    await waits(office, desk, visits[5])
    # What was refused for a moment is judged again: meanwhile the number has had its share.
    await waits(office, desk, visits[1])


async def test_a_late_failure_makes_room(office: Office, clock: ShiftedClock) -> None:
    desk, visits = await third_waits(office, FakeMessenger())
    await receipt_of(office, visits[0], "failed")
    assert await confirm(office, desk, visits[2]) == "accepted"


async def receipt_of(office: Office, appointment_id: str, state: str) -> None:
    message = await message_of(office, appointment_id)
    async with office.store.writing(SCOPE) as w:
        (delivery,) = await w.deliveries(message.id)
        await w.record_receipt(delivery.id, state=state, now=office.clock.now())


async def test_a_repetition_of_what_may_have_left_is_no_further_message(
    office: Office, clock: ShiftedClock
) -> None:
    lost = ConnectionResetError("in the middle")
    messenger = FakeMessenger([Delivery("accepted"), Delivery("accepted")])
    desk, visits = desk_of(office, messenger), await booked(office, 3)
    await confirm(office, desk, visits[0])
    messenger.answers.insert(0, lost)
    with pytest.raises(ConnectionResetError):
        await confirm(office, desk, visits[1])
    await waits(office, desk, visits[2])
    assert await confirm(office, desk, visits[1]) == "accepted"


async def test_who_writes_with_us_is_answered_and_the_business_hears_everything(
    office: Office, clock: ShiftedClock
) -> None:
    desk, visits = desk_of(office), await booked(office, 3)
    for each in visits[:2]:
        await confirm(office, desk, each)
    for n in range(4):
        lead_id = await office.leave_lead()
        notice = {"business_id": SALON.id, "lead_id": lead_id, "call_id": "call_1"}
        assert await NAMED["notify_lead"](Steps(f"lead:{n}"), desk, notice) == "accepted"
    await waits(office, desk, visits[2])
    wrote = InboundRecord("in_1", SALON.id, "fake", "p1", CALLER, "היי", clock.now())
    async with office.store.writing(SCOPE) as w:
        await w.record_inbound(wrote)
    assert await confirm(office, desk, visits[2]) == "accepted"


async def test_the_owner_may_try_it_out(office: Office, clock: ShiftedClock) -> None:
    desk = desk_of(office)
    for each in await booked(office, 4, phone=OWNER):
        assert await confirm(office, desk, each) == "accepted"


async def test_past_the_share_of_a_call_its_summary_is_dropped_and_its_bookings_are_told(
    office: Office, clock: ShiftedClock
) -> None:
    async with office.store.writing(SCOPE) as w:
        rules = {"quiet_hours": None, "summary_to": "caller", "most_per_call": 2}
        await w.save_messaging(rules)
    desk = desk_of(office)
    visits = [await office.book(hour=6 + n, phone=f"+97252345670{n}") for n in range(3)]
    for each in visits[:2]:
        await confirm(office, desk, each)
    await office.end_call()

    ended = {"business_id": SALON.id, "call_id": "call_1"}
    assert await NAMED["summarise_call"](Steps("summary"), desk, ended) == "skipped"
    late = await waits(office, desk, visits[2])

    assert 58 * MINUTE < late.until - clock.now() <= 60 * MINUTE
    summary = next(m for m in await office.messages() if m.kind == "call_summary")
    assert summary.reason == "too_many"


async def test_a_cancellation_belongs_to_the_call_that_cancelled(
    office: Office, clock: ShiftedClock
) -> None:
    desk, (visit,) = desk_of(office), await booked(office, 1)
    await office.cancel(visit)
    payload = {"business_id": SALON.id, "appointment_id": visit, "call_id": "call_2"}
    assert await NAMED["confirm_cancellation"](Steps("c"), desk, payload) == "accepted"
    assert (await message_of(office, visit)).call_id == "call_2"


async def remind(office: Office, clock: ShiftedClock, *, minutes_before: int) -> str:
    """The reminder of a visit so near, to a number that has just had its share."""
    desk = desk_of(office)
    payload = await facts_of(office, "remind_appointment")
    row = await office.appointment(payload["appointment_id"])
    clock.ahead = row.start - clock.now() - minutes_before * MINUTE
    for each in await booked(office, 2):
        await confirm(office, desk, each)
    await NAMED["remind_appointment"](Steps("r", clock), desk, payload)
    return next(m.reason for m in await office.messages() if m.kind == "reminder")


async def test_a_reminder_waits_while_it_helps(office: Office, clock: ShiftedClock) -> None:
    with pytest.raises(Postponed, match="too_many"):
        await remind(office, clock, minutes_before=120)


async def test_a_reminder_that_would_come_too_late_is_dropped(
    office: Office, clock: ShiftedClock
) -> None:
    assert await remind(office, clock, minutes_before=100) == "too_many"


async def test_a_freed_time_is_not_kept_for_who_may_not_be_told_now(
    office: Office, clock: ShiftedClock
) -> None:
    desk, visits = desk_of(office), await booked(office, 3)
    for each in visits[:2]:
        await confirm(office, desk, each)
    await join_waitlist(office, CALLER, "wait_1")
    payload = await free(office, visits[2])

    assert await NAMED["offer_freed_slot"](Memory(clock=clock), desk, payload) == "passed"

    offer = next(m for m in await office.messages() if m.kind == "waitlist_offer")
    assert (offer.state, offer.reason) == ("skipped", "too_many")


async def test_flows_at_once_share_one_limit(office: Office, clock: ShiftedClock) -> None:
    await confirmed_at_once(office, messages=8)


async def test_why_it_waits_is_told_in_words(office: Office) -> None:
    await office.call()
    engine = office.hire(FakeMessenger())
    await engine.start()
    visits = await booked(office, 3)

    async def look() -> tuple[str, str] | None:
        for visit in visits:
            (found,) = await why(office.store, SCOPE, engine.board, visit) or ()
            if found.verdict is Verdict.PENDING and found.next_try_at is not None:
                ahead = found.next_try_at - office.clock.now()
                assert 58 * MINUTE < ahead < 61 * MINUTE
                return found.reason, found.words
        return None

    reason, words = await office.eventually(look)
    assert reason == "too_many"
    assert words.startswith("not sent yet: the number, or the call, has had as many messages")
