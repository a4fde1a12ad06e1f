"""What each flow writes, and that every reason for silence is on record."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flow_office import CALLER, OWNER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.calendar_links import APPOINTMENTS, appointment_path
from dalpak.domain.records import CallEnd, MessageRecord, TurnRecord
from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk, Flow, Payload
from dalpak.flows.registry import FLOWS
from dalpak.language.registry import language
from dalpak.ports.messenger import Delivery

pytestmark = pytest.mark.integration

NAMED = {name: flow for flows in FLOWS.values() for name, flow in flows.items()}


class Steps:
    """A flow context without memory: what a crash before anything was recorded looks like."""

    def __init__(self, flow_id: str) -> None:
        self.flow_id = flow_id

    async def step(self, _name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        return await work()

    async def sleep_until(self, instant_iso: str) -> None:
        raise AssertionError(f"no flow here sleeps, not even until {instant_iso}")


def desk_of(office: Office, messenger: FakeMessenger, summary_to: str = "business") -> Desk:
    return Desk(office.store, messenger, language, office.clock, summary_to)


async def facts_of(office: Office, name: str) -> Payload:
    """The facts a flow is about, and the payload of their event."""
    await office.call()
    match name:
        case "confirm_appointment":
            return {"business_id": SALON.id, "appointment_id": await office.book()}
        case "summarise_call":
            await office.end_call()
            return {"business_id": SALON.id, "call_id": "call_1"}
        case "notify_lead":
            lead_id = await office.leave_lead()
            return {"business_id": SALON.id, "lead_id": lead_id, "call_id": "call_1"}
        case _:
            raise AssertionError(f"a new flow needs its facts here: {name}")


async def run(office: Office, flow: Flow, payload: Payload, desk: Desk) -> MessageRecord:
    await flow(Steps("f:1"), desk, payload)
    (message,) = await office.messages()
    return message


@pytest.mark.parametrize("name", sorted(NAMED))
async def test_a_flow_that_runs_twice_acts_once(office: Office, name: str) -> None:
    messenger = FakeMessenger()
    desk = desk_of(office, messenger)
    payload = await facts_of(office, name)

    first = await run(office, NAMED[name], payload, desk)
    again = await run(office, NAMED[name], payload, desk)

    assert len(messenger.sent) == 1
    assert first == again
    assert again.state == "accepted"
    assert again.idem_key == f"f:1:send:{messenger.sent[0].to}" == messenger.sent[0].idem_key


async def test_the_confirmation_says_what_was_booked(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    async with office.store.reading(SCOPE) as r:
        appointment = await r.appointment(payload["appointment_id"])
    assert appointment is not None

    desk = desk_of(office, FakeMessenger())
    message = await run(office, NAMED["confirm_appointment"], payload, desk)

    local = appointment.start.astimezone(ZoneInfo(SALON.timezone))
    assert message.to == CALLER
    assert message.kind == "confirmation"
    assert message.appointment_id == appointment.id
    for fact in ("נועה", "תספורת", "דנה", SALON.name, SALON.address, f"{local:%H:%M}"):
        assert fact in message.text
    assert f"{local.day}.{local.month}.{local.year}" in message.text
    assert "{" not in message.text


@pytest.mark.parametrize(("phone", "reason"), [(None, "no_phone"), ("+97235551234", "landline")])
async def test_an_unreachable_caller_is_skipped_with_the_reason(
    office: Office, phone: str | None, reason: str
) -> None:
    await office.call()
    payload = {"business_id": SALON.id, "appointment_id": await office.book(phone=phone)}
    messenger = FakeMessenger()

    message = await run(office, NAMED["confirm_appointment"], payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("skipped", reason)
    assert messenger.sent == []


async def cancel(office: Office) -> None:
    """As another program would."""
    await office.sql("UPDATE appointment SET status = 'cancelled'")


async def test_an_appointment_cancelled_meanwhile_is_not_confirmed(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    await cancel(office)
    messenger = FakeMessenger()

    message = await run(office, NAMED["confirm_appointment"], payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("skipped", "cancelled")
    assert messenger.sent == []


async def test_a_cancellation_after_an_interrupted_send_leaves_the_doubt_on_record(
    office: Office,
) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger(answers=[ConnectionResetError("in the middle")])
    desk = desk_of(office, messenger)
    with pytest.raises(ConnectionResetError):
        await NAMED["confirm_appointment"](Steps("f:1"), desk, payload)
    await cancel(office)

    message = await run(office, NAMED["confirm_appointment"], payload, desk)

    assert (message.state, message.reason) == ("sending", "cancelled_while_sending")
    assert len(messenger.sent) == 1


async def test_an_interrupted_send_is_repeated_as_a_repetition(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger(answers=[ConnectionResetError("in the middle")])
    desk = desk_of(office, messenger)
    with pytest.raises(ConnectionResetError):
        await NAMED["confirm_appointment"](Steps("f:1"), desk, payload)
    assert [x.state for x in await office.messages()] == ["sending"]

    message = await run(office, NAMED["confirm_appointment"], payload, desk)

    assert [x.repeated for x in messenger.sent] == [False, True]
    assert messenger.sent[0].text == messenger.sent[1].text
    assert message.state == "accepted"


async def test_a_refusal_is_on_record_and_not_a_repetition(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger(answers=[ProviderError("rate_limited")])
    desk = desk_of(office, messenger)
    with pytest.raises(ProviderError):
        await NAMED["confirm_appointment"](Steps("f:1"), desk, payload)
    (refused,) = await office.messages()
    assert (refused.state, refused.reason) == ("failed", "rate_limited")

    message = await run(office, NAMED["confirm_appointment"], payload, desk)

    assert [x.repeated for x in messenger.sent] == [False, False]
    assert (message.state, message.reason) == ("accepted", "")


async def test_a_refusal_for_good_is_not_tried_again(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger(answers=[ProviderError("not_on_whatsapp", retryable=False)])

    message = await run(office, NAMED["confirm_appointment"], payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("failed", "not_on_whatsapp")


async def test_an_unknown_outcome_stays_unknown(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger(answers=[Delivery("unknown", reason="read_timeout")])

    message = await run(office, NAMED["confirm_appointment"], payload, desk_of(office, messenger))

    assert (message.state, message.reason) == ("sending", "read_timeout")


async def test_the_summary_goes_to_the_business(office: Office) -> None:
    await office.call()
    await office.book()
    turn = TurnRecord("call_1", 1, "שלום, אפשר לקבוע תור?", "בשמחה", office.clock.now())
    async with office.store.writing(SCOPE) as w:
        await w.add_turn(turn)
        await w.close_call("call_1", reason=CallEnd.AGENT, now=office.clock.now())
    payload = {"business_id": SALON.id, "call_id": "call_1"}

    message = await run(office, NAMED["summarise_call"], payload, desk_of(office, FakeMessenger()))

    assert message.to == OWNER
    assert message.kind == "call_summary"
    assert message.text.startswith("סיכום שיחה")
    assert "נועה" in message.text
    assert "תספורת" in message.text
    assert CALLER not in message.text
    assert turn.said not in message.text


async def test_the_summary_goes_to_the_caller_if_the_operator_says_so(office: Office) -> None:
    payload = await facts_of(office, "summarise_call")

    desk = desk_of(office, FakeMessenger(), summary_to="caller")
    message = await run(office, NAMED["summarise_call"], payload, desk)

    assert message.to == CALLER


async def test_a_lead_reaches_the_business_with_a_number_to_dial(office: Office) -> None:
    payload = await facts_of(office, "notify_lead")

    message = await run(office, NAMED["notify_lead"], payload, desk_of(office, FakeMessenger()))

    assert message.to == OWNER
    assert CALLER in message.text
    assert "לחזור אחרי ארבע" in message.text


async def test_a_confirmation_links_to_its_calendar_file_where_one_can_follow(
    office: Office,
) -> None:
    payload = await facts_of(office, "confirm_appointment")
    desk = replace(desk_of(office, FakeMessenger()), links_to="https://desk.example")
    text = (await run(office, NAMED["confirm_appointment"], payload, desk)).text
    link = text.splitlines()[-1].split()[-1]
    async with office.store.reading(SCOPE) as reading:
        secret = await reading.known_calendar_token(APPOINTMENTS)
    assert secret is not None
    path = appointment_path(SALON.id, payload["appointment_id"], secret)
    assert link == f"https://desk.example{path}"


async def test_without_a_public_address_there_is_no_link(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    desk = desk_of(office, FakeMessenger())
    assert "/calendar/" not in (await run(office, NAMED["confirm_appointment"], payload, desk)).text
