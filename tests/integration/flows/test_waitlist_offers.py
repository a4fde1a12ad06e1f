"""A freed time: who is offered it, how long it is kept, and what each answer comes to."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flow_desk import NAMED, Memory, ShiftedClock, desk_of, free, join_waitlist, offers
from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.follow_up import ConsentAnswer, OfferStatus
from dalpak.domain.records import AppointmentStatus
from dalpak.flows.desk import Desk, Payload, Postponed
from dalpak.ports.messenger import Delivery
from dalpak.tools.slot_offers import accept_offer, end_offer, open_offer_to

pytestmark = pytest.mark.integration

OFFER = NAMED["offer_freed_slot"]
FIRST, SECOND = "+972523456701", "+972523456702"


@pytest.fixture
def clock(office: Office) -> ShiftedClock:
    office.clock = ShiftedClock()
    return office.clock


async def freed(office: Office) -> Payload:
    await office.call()
    return await free(office, await office.book(phone=CALLER))


async def start(flow: Memory, desk: Desk, payload: Payload) -> Postponed:
    with pytest.raises(Postponed) as sleeps:
        await OFFER(flow, desk, payload)
    return sleeps.value


async def told_again(office: Office) -> Payload:
    """The payload of the newest `slot.freed`."""
    (event,) = await office.sql(
        "SELECT payload FROM event WHERE type = 'slot.freed' ORDER BY at DESC LIMIT 1"
    )
    return {"business_id": SALON.id, **json.loads(event[0])}


async def test_the_first_who_waits_is_offered_the_time_and_it_is_kept(
    office: Office, clock: ShiftedClock
) -> None:
    payload = await freed(office)
    await join_waitlist(office, SECOND, "wait_2", minutes_ago=5)
    await join_waitlist(office, FIRST, "wait_1", minutes_ago=10)
    messenger = FakeMessenger()

    sleeps = await start(Memory(clock=clock), desk_of(office, messenger), payload)

    (offer,) = await offers(office)
    assert offer.phone == FIRST == messenger.sent[0].to
    assert sleeps.until == offer.expires_at
    kept = offer.expires_at - clock.now()
    assert timedelta(minutes=29) < kept <= timedelta(minutes=30), "longer than a call's hold"
    held = await office.appointment(offer.appointment_id)
    assert (held.status, held.start.isoformat()) == (AppointmentStatus.HELD, payload["start"])
    assert messenger.sent[0].kind == "waitlist_offer"
    assert "{" not in messenger.sent[0].text


async def test_yes_books_it_and_nobody_else_is_asked(office: Office, clock: ShiftedClock) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1")
    flow, desk = Memory(clock=clock), desk_of(office)
    await start(flow, desk, payload)

    async with office.store.writing(SCOPE) as w:
        offer = await open_offer_to(w, FIRST, clock.now())
        assert offer is not None
        booked = await accept_offer(w, offer.id, clock.now())
    async with office.store.writing(SCOPE) as w:
        assert await accept_offer(w, offer.id, clock.now()) == booked, "said twice"
    clock.ahead = timedelta(hours=1)
    result = await OFFER(flow, desk, payload)

    assert result == "answered"
    assert booked is not None
    assert (booked.status, booked.phone) == (AppointmentStatus.BOOKED, FIRST)
    async with office.store.reading(SCOPE) as r:
        assert await r.waitlist() == []
        assert [e.type for e in await r.events(booked.id)] == ["appointment.created"]


async def test_a_yes_that_comes_too_late_books_nothing(office: Office, clock: ShiftedClock) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1")
    await start(Memory(clock=clock), desk_of(office), payload)
    clock.ahead = timedelta(minutes=31)

    async with office.store.writing(SCOPE) as w:
        assert await open_offer_to(w, FIRST, clock.now()) is None
        (offer,) = await w.offers(phone=FIRST)
        assert await accept_offer(w, offer.id, clock.now()) is None


async def test_no_answer_moves_on_to_the_next(office: Office, clock: ShiftedClock) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1", minutes_ago=10)
    await join_waitlist(office, SECOND, "wait_2", minutes_ago=5)
    messenger = FakeMessenger()
    flow, desk = Memory(clock=clock), desk_of(office, messenger)
    await start(flow, desk, payload)
    clock.ahead = timedelta(minutes=31)

    assert await OFFER(flow, desk, payload) == "passed"
    await start(Memory("f:2", clock), desk, await told_again(office))

    assert [m.to for m in messenger.sent] == [FIRST, SECOND]
    states = {o.phone: o.status for o in await offers(office)}
    assert states == {FIRST: OfferStatus.EXPIRED, SECOND: OfferStatus.OPEN}
    clock.ahead = timedelta(minutes=62)
    assert await OFFER(Memory("f:2", clock), desk, payload) == "passed"
    assert await OFFER(Memory("f:3", clock), desk, await told_again(office)) == "nobody_waits"


async def test_no_frees_it_at_once(office: Office, clock: ShiftedClock) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1")
    flow, desk = Memory(clock=clock), desk_of(office)
    await start(flow, desk, payload)
    (offer,) = await offers(office)

    async with office.store.writing(SCOPE) as w:
        assert await end_offer(w, offer.id, OfferStatus.DECLINED, clock.now())
        assert not await end_offer(w, offer.id, OfferStatus.EXPIRED, clock.now())

    held = await office.appointment(offer.appointment_id)
    assert held.status is AppointmentStatus.EXPIRED
    assert (await told_again(office))["start"] == payload["start"]
    clock.ahead = timedelta(minutes=31)
    assert await OFFER(flow, desk, payload) == "answered"


async def test_who_cannot_be_told_is_passed_over(office: Office, clock: ShiftedClock) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1", minutes_ago=10)
    await join_waitlist(office, SECOND, "wait_2", minutes_ago=5)
    async with office.store.writing(SCOPE) as w:
        await w.record_consent(FIRST, ConsentAnswer.OPTED_OUT, source="inbound", now=clock.now())
    messenger = FakeMessenger()

    await start(Memory(clock=clock), desk_of(office, messenger), payload)

    assert [m.to for m in messenger.sent] == [SECOND]


async def test_an_offer_that_cannot_be_sent_ends_at_once(
    office: Office, clock: ShiftedClock
) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1")
    refused = FakeMessenger([Delivery("failed", reason="not_on_whatsapp")])

    assert await OFFER(Memory(clock=clock), desk_of(office, refused), payload) == "passed"

    (offer,) = await offers(office)
    assert offer.status is OfferStatus.EXPIRED


@pytest.mark.parametrize(
    "wish",
    [
        {"resource_id": "yossi"},
        {"window": (0, 60)},
        {"service_ids": ("unheard_of",)},
        {"last_day": "first"},
    ],
    ids=["other staff", "other hours", "other service", "other days"],
)
async def test_a_time_that_does_not_suit_is_offered_to_nobody(
    office: Office, clock: ShiftedClock, wish: dict[str, object]
) -> None:
    payload = await freed(office)
    if wish.get("last_day") == "first":
        wish = {"last_day": clock.now().date()}
    await join_waitlist(office, FIRST, "wait_1", **wish)

    assert await OFFER(Memory(clock=clock), desk_of(office), payload) == "nobody_waits"
    assert await office.messages() == []


async def test_somebody_was_faster(office: Office, clock: ShiftedClock) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1")
    async with office.store.writing(SCOPE) as w:
        # A caller books it while the message would be written.
        office_hour = int(payload["start"][11:13])
        assert await office._book(w, SECOND, office_hour, key="faster")

    assert await OFFER(Memory(clock=clock), desk_of(office), payload) == "nobody_waits"


async def test_at_night_nobody_is_offered_anything_before_morning(
    office: Office, clock: ShiftedClock
) -> None:
    payload = await freed(office)
    await join_waitlist(office, FIRST, "wait_1")
    local = clock.now().astimezone(ZoneInfo(SALON.timezone))
    around = [local + timedelta(hours=hours) for hours in (-1, 2)]
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"quiet_hours": [f"{at:%H:%M}" for at in around]})

    sleeps = await start(Memory(clock=clock), desk_of(office), payload)

    assert sleeps.code == "quiet"
    assert await offers(office) == []
