"""Doubt: what is done about a message that may have left, by what its messenger can do."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flow_desk import (
    AT_ONCE,
    NAMED,
    ShiftedClock,
    Steps,
    deliveries,
    desk_of,
    facts_of,
    receipt,
    run,
)
from flow_office import CALLER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.follow_up import ConsentAnswer, InboundRecord
from dalpak.errors import ProviderError
from dalpak.flows.desk import DeliveryLimits, Desk, Payload, Postponed
from dalpak.ports.messenger import Delivery, Features

pytestmark = pytest.mark.integration

CONFIRM = NAMED["confirm_appointment"]
SAME_KEY = Features(deduplicates=True)
ASKED = Features(can_be_asked=True)
BLIND = Features(receipts=True)
LOST = ConnectionResetError("in the middle")
LATER = DeliveryLimits(ask_after=timedelta(hours=1), receipt_wait=timedelta(hours=1))


async def interrupted(office: Office, messenger: FakeMessenger, *more: FakeMessenger) -> Desk:
    """A confirmation whose sender died before the answer; the facts are in the database."""
    desk = desk_of(office, messenger, *more)
    messenger.answers.insert(0, LOST)
    with pytest.raises(ConnectionResetError):
        await CONFIRM(Steps(), desk, await facts_of(office, "confirm_appointment"))
    return desk


async def again(office: Office, desk: Desk) -> str:
    """The state after the same flow ran once more."""
    (message,) = await office.messages()
    payload: Payload = {"business_id": SALON.id, "appointment_id": message.appointment_id or ""}
    return await CONFIRM(Steps(), desk, payload)


async def test_who_deduplicates_gets_the_same_again(office: Office) -> None:
    messenger = FakeMessenger(features=SAME_KEY)
    desk = await interrupted(office, messenger)

    assert await again(office, desk) == "accepted"

    first, second = messenger.sent
    assert (first.repeated, second.repeated) == (False, True)
    assert (first.idem_key, first.text) == (second.idem_key, second.text)


async def test_who_can_be_asked_is_asked_first(office: Office) -> None:
    there = FakeMessenger(features=ASKED, found=[Delivery("delivered", "p1")])
    desk = await interrupted(office, there)
    assert await again(office, desk) == "delivered"
    assert len(there.sent) == 1
    (delivery,) = await deliveries(office)
    assert (delivery.provider_id, delivery.attempts) == ("p1", 1)


async def test_what_the_provider_never_had_is_sent(office: Office) -> None:
    never = FakeMessenger(features=ASKED)
    desk = await interrupted(office, never)
    assert await again(office, desk) == "accepted"
    assert len(never.sent) == 2


async def test_a_provider_that_cannot_be_asked_now_is_asked_later(office: Office) -> None:
    class Down(FakeMessenger):
        async def lookup(self, _message: object) -> Delivery | None:
            raise ProviderError("unreachable")

    messenger = Down(features=ASKED)
    desk = await interrupted(office, messenger)
    with pytest.raises(ProviderError):
        await again(office, desk)
    (message,) = await office.messages()
    assert (message.state, message.reason) == ("unknown", "unreachable")
    assert len(messenger.sent) == 1


@pytest.mark.parametrize("features", [ASKED, BLIND])
async def test_a_request_that_may_still_arrive_is_waited_for(
    office: Office, features: Features
) -> None:
    messenger = FakeMessenger(features=features)
    desk = await interrupted(office, messenger)
    with pytest.raises(Postponed) as waits:
        await again(office, replace(desk, limits=LATER))
    assert waits.value.until > office.clock.now() + timedelta(minutes=50)
    assert len(messenger.sent) == 1


async def test_a_receipt_settles_what_the_answer_left_open(office: Office) -> None:
    messenger = FakeMessenger([Delivery("unknown", reason="timeout")], features=BLIND)
    desk = desk_of(office, messenger, limits=LATER)
    payload = await facts_of(office, "confirm_appointment")
    with pytest.raises(Postponed):
        await CONFIRM(Steps(), desk, payload)
    await receipt(office, "delivered")

    assert await again(office, replace(desk, limits=AT_ONCE)) == "delivered"
    assert len(messenger.sent) == 1


async def test_nobody_tells_anything_one_repetition_and_then_it_stays_in_doubt(
    office: Office,
) -> None:
    lost = Delivery("unknown", reason="timeout")
    messenger = FakeMessenger([lost, lost, lost], features=Features())
    desk = desk_of(office, messenger)
    payload = await facts_of(office, "confirm_appointment")

    state = await CONFIRM(Steps(), desk, payload)

    assert state == "unknown"
    assert [m.repeated for m in messenger.sent] == [False, True]
    assert len({m.idem_key for m in messenger.sent}) == 1
    (message,) = await office.messages()
    assert (message.state, message.reason) == ("unknown", "timeout")


async def test_a_refusal_for_now_is_no_repetition(office: Office) -> None:
    messenger = FakeMessenger([ProviderError("rate_limited")])
    desk = desk_of(office, messenger)
    payload = await facts_of(office, "confirm_appointment")
    with pytest.raises(ProviderError):
        await CONFIRM(Steps(), desk, payload)
    (refused,) = await office.messages()
    assert (refused.state, refused.reason) == ("pending", "rate_limited")

    message = await run(office, CONFIRM, payload, desk)

    assert [x.repeated for x in messenger.sent] == [False, False]
    assert (message.state, message.reason) == ("accepted", "")


# -- the next messenger ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "refusal",
    [Delivery("failed", reason="not_on_whatsapp", code="131026"),
     ProviderError("bad_number", retryable=False)],
    ids=["answered", "raised"],
)  # fmt: skip
async def test_a_definite_refusal_goes_to_the_next_messenger(
    office: Office, refusal: Delivery | Exception
) -> None:
    first, second = FakeMessenger([refusal], name="first"), FakeMessenger(name="second")
    payload = await facts_of(office, "confirm_appointment")

    message = await run(office, CONFIRM, payload, desk_of(office, first, second))

    assert (message.state, message.channel, message.reason) == ("accepted", "second", "")
    assert first.sent[0].text == second.sent[0].text
    assert [(d.channel, d.state) for d in await deliveries(office)] == [
        ("first", "failed"),
        ("second", "accepted"),
    ]


async def test_doubt_never_goes_to_the_next_messenger(office: Office) -> None:
    first = FakeMessenger(name="first", features=BLIND)
    second = FakeMessenger(name="second")
    desk = await interrupted(office, first, second)

    assert await again(office, desk) == "accepted"
    assert len(first.sent) == 2
    assert second.sent == []


async def test_no_messenger_is_left(office: Office) -> None:
    refused = Delivery("failed", reason="not_on_whatsapp")
    messenger = FakeMessenger([refused])
    payload = await facts_of(office, "confirm_appointment")

    message = await run(office, CONFIRM, payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("failed", "not_on_whatsapp")
    assert await again(office, desk_of(office, messenger)) == "failed"
    assert len(messenger.sent) == 1


async def test_the_business_chooses_its_messengers(office: Office) -> None:
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"channels": ["third", "unheard_of", "first"], "quiet_hours": None})
    given = [FakeMessenger(name=name) for name in ("first", "second", "third")]
    given[2].answers = [Delivery("failed", reason="refused")]
    payload = await facts_of(office, "confirm_appointment")

    message = await run(office, CONFIRM, payload, desk_of(office, *given))

    assert message.channel == "first"
    assert [len(m.sent) for m in given] == [1, 0, 1]


async def test_a_landline_is_reached_by_whoever_can(office: Office) -> None:
    await office.call()
    payload = {"business_id": SALON.id, "appointment_id": await office.book(phone="+97235551234")}
    voice = Features(deduplicates=True, mobiles_only=False)
    mobile, any_phone = FakeMessenger(name="mobile"), FakeMessenger(name="any", features=voice)

    message = await run(office, CONFIRM, payload, desk_of(office, mobile, any_phone))

    assert (message.state, message.channel) == ("accepted", "any")
    assert mobile.sent == []


async def test_a_late_failure_is_told_to_the_next_messenger_only_while_it_is_true(
    office: Office,
) -> None:
    first, second = FakeMessenger(name="first"), FakeMessenger(name="second")
    desk = desk_of(office, first, second)
    payload = await facts_of(office, "confirm_appointment")
    await CONFIRM(Steps(), desk, payload)
    await receipt(office, "failed", "not_on_whatsapp")
    await office.cancel(payload["appointment_id"])
    (failed,) = await deliveries(office)

    told = {"business_id": SALON.id, "message_id": failed.message_id, "delivery_id": failed.id}
    state = await NAMED["fall_back"](Steps("f:2"), desk, told)

    assert state == "skipped"
    assert second.sent == []
    (message,) = await office.messages()
    assert (message.state, message.reason) == ("skipped", "cancelled")


async def test_words_that_were_forgotten_are_not_sent_later(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger([ProviderError("rate_limited")])
    with pytest.raises(ProviderError):
        await CONFIRM(Steps(), desk_of(office, messenger), payload)
    async with office.store.writing(SCOPE) as w:
        assert await w.forget_messages(before=office.clock.now(), limit=10) == 1

    message = await run(office, CONFIRM, payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("skipped", "forgotten")
    assert len(messenger.sent) == 1


# -- what changes in between -----------------------------------------------------------------------


async def test_a_cancellation_before_the_sending_is_committed_stops_it(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    await office.cancel(payload["appointment_id"])
    messenger = FakeMessenger()

    message = await run(office, CONFIRM, payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("skipped", "cancelled")
    assert messenger.sent == []


async def test_a_cancellation_after_an_interrupted_send_leaves_the_doubt_on_record(
    office: Office,
) -> None:
    messenger = FakeMessenger()
    desk = await interrupted(office, messenger)
    (message,) = await office.messages()
    await office.cancel(message.appointment_id or "")

    assert await again(office, desk) == "sending"

    (message,) = await office.messages()
    assert (message.state, message.reason) == ("sending", "cancelled_while_sending")
    assert len(messenger.sent) == 1


async def test_who_opts_out_before_the_sending_gets_nothing(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger([ProviderError("rate_limited")])
    desk = desk_of(office, messenger)
    with pytest.raises(ProviderError):
        await CONFIRM(Steps(), desk, payload)
    await answer(office, ConsentAnswer.OPTED_OUT)

    message = await run(office, CONFIRM, payload, desk)

    assert (message.state, message.reason) == ("skipped", "opted_out")
    assert len(messenger.sent) == 1


async def answer(office: Office, what: ConsentAnswer) -> None:
    async with office.store.writing(SCOPE) as w:
        await w.record_consent(CALLER, what, source="call", now=office.clock.now())


@pytest.mark.parametrize(
    ("required", "said", "reason"),
    [
        (False, None, ""),
        (True, None, "no_consent"),
        (True, ConsentAnswer.GRANTED, ""),
        (False, ConsentAnswer.DECLINED, "no_consent"),
        (False, ConsentAnswer.OPTED_OUT, "opted_out"),
    ],
)
async def test_consent(
    office: Office, required: bool, said: ConsentAnswer | None, reason: str
) -> None:
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"consent_required": required, "quiet_hours": None})
    if said is not None:
        await answer(office, said)
    payload = await facts_of(office, "confirm_appointment")

    message = await run(office, CONFIRM, payload, desk_of(office))

    assert (message.state, message.reason) == ("skipped" if reason else "accepted", reason)


async def test_free_text_is_allowed_to_who_wrote_today(office: Office) -> None:
    messenger = FakeMessenger()
    payload = await facts_of(office, "confirm_appointment")
    office.clock = ShiftedClock()
    wrote = {"business_id": SALON.id, "channel": "fake", "sender": CALLER, "text": "היי"}
    for n, hours_ago in enumerate((30, 2)):
        async with office.store.writing(SCOPE) as w:
            at = office.clock.now() - timedelta(hours=hours_ago)
            await w.record_inbound(
                InboundRecord(id=f"in_{n}", provider_id=f"p{n}", received_at=at, **wrote)
            )
    await CONFIRM(Steps(), desk_of(office, messenger), payload)
    office.clock.ahead = timedelta(hours=23)
    await CONFIRM(Steps("f:2"), desk_of(office, messenger), payload)

    assert [m.window_open for m in messenger.sent] == [True, False]
