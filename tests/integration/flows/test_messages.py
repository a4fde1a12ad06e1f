"""What each flow writes, to whom, and that every reason for silence is on record."""

from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from flow_desk import NAMED, Memory, Steps, deliveries, desk_of, facts_of, run
from flow_office import CALLER, OWNER, SALON, SCOPE, FakeMessenger, Office

from dalpak.domain.calendar_links import APPOINTMENTS, appointment_path
from dalpak.domain.records import CallEnd, TurnRecord
from dalpak.errors import PolicyError, ProviderError
from dalpak.flows.desk import Postponed
from dalpak.ports.summarizer import SummaryRequest
from dalpak.tools.messages import save_text

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("name", sorted(NAMED))
async def test_a_flow_that_runs_twice_acts_once(office: Office, name: str) -> None:
    messenger = FakeMessenger()
    desk = desk_of(office, messenger)
    payload = await facts_of(office, name)

    for _ in range(2):
        with suppress(Postponed):
            await NAMED[name](Memory(clock=office.clock), desk, payload)

    assert len(messenger.sent) == 1
    (message,) = await office.messages()
    assert message.state == "accepted"
    assert message.channel == "fake"
    assert messenger.sent[0].delivery_id == (await deliveries(office))[-1].id


async def test_the_confirmation_says_what_was_booked(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    async with office.store.reading(SCOPE) as r:
        appointment = await r.appointment(payload["appointment_id"])
    assert appointment is not None

    desk = desk_of(office)
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


async def test_the_summary_goes_to_the_business(office: Office) -> None:
    await office.call()
    await office.book()
    turn = TurnRecord("call_1", 1, "שלום, אפשר לקבוע תור?", "בשמחה", office.clock.now())
    async with office.store.writing(SCOPE) as w:
        await w.add_turn(turn)
        await w.close_call("call_1", reason=CallEnd.AGENT, now=office.clock.now())
    payload = {"business_id": SALON.id, "call_id": "call_1"}

    message = await run(office, NAMED["summarise_call"], payload, desk_of(office))

    assert message.to == OWNER
    assert message.kind == "call_summary"
    assert message.text.startswith("סיכום שיחה")
    assert "נועה" in message.text
    assert "תספורת" in message.text
    assert CALLER not in message.text
    assert turn.said not in message.text


async def test_the_summary_goes_to_the_caller_if_the_operator_says_so(office: Office) -> None:
    payload = await facts_of(office, "summarise_call")

    desk = desk_of(office, summary_to="caller")
    message = await run(office, NAMED["summarise_call"], payload, desk)

    assert message.to == CALLER


async def test_a_lead_reaches_the_business_with_a_number_to_dial(office: Office) -> None:
    payload = await facts_of(office, "notify_lead")

    message = await run(office, NAMED["notify_lead"], payload, desk_of(office))

    assert message.to == OWNER
    assert CALLER in message.text
    assert "לחזור אחרי ארבע" in message.text


async def test_a_confirmation_links_to_its_calendar_file_where_one_can_follow(
    office: Office,
) -> None:
    payload = await facts_of(office, "confirm_appointment")
    desk = replace(desk_of(office), links_to="https://desk.example")
    text = (await run(office, NAMED["confirm_appointment"], payload, desk)).text
    link = text.splitlines()[-1].split()[-1]
    async with office.store.reading(SCOPE) as reading:
        secret = await reading.known_calendar_token(APPOINTMENTS)
    assert secret is not None
    path = appointment_path(SALON.id, payload["appointment_id"], secret)
    assert link == f"https://desk.example{path}"


async def test_without_a_public_address_there_is_no_link(office: Office) -> None:
    payload = await facts_of(office, "confirm_appointment")
    desk = desk_of(office)
    assert "/calendar/" not in (await run(office, NAMED["confirm_appointment"], payload, desk)).text


# -- what a model adds to a summary ----------------------------------------------------------------


class Gist:
    """A summarizer with one thing to say."""

    def __init__(self, said: str | Exception) -> None:
        self.said, self.asked = said, 0

    async def gist(self, request: SummaryRequest) -> str:
        self.asked += 1
        assert request.exchanges[0].said
        if isinstance(self.said, Exception):
            raise self.said
        return self.said

    async def aclose(self) -> None:
        """Nothing is open."""


async def summary_with(office: Office, gist: Gist) -> str:
    await office.call()
    async with office.store.writing(SCOPE) as w:
        await w.add_turn(TurnRecord("call_1", 1, "יש חניה?", "כן", office.clock.now()))
    await office.end_call()
    payload = {"business_id": SALON.id, "call_id": "call_1"}
    desk = desk_of(office, summarizer=gist)
    await NAMED["summarise_call"](Steps(), desk, payload)
    return (await run(office, NAMED["summarise_call"], payload, desk)).text


async def test_a_model_may_say_what_it_was_about_and_is_asked_once(office: Office) -> None:
    gist = Gist("שאלה על חניה.\nמספר 050-2345678")
    text = await summary_with(office, gist)
    assert "שאלה על חניה. מספר •••" in text
    assert "2345678" not in text
    assert gist.asked == 1


@pytest.mark.parametrize("said", ["קבעתי לך תור למחר", ProviderError("provider_down"), ""])
async def test_a_summary_goes_out_without_what_a_model_may_not_say(
    office: Office, said: str | Exception
) -> None:
    text = await summary_with(office, Gist(said))
    assert text.startswith("סיכום שיחה: מספר המתקשר")
    assert "קבעתי" not in text


async def test_nobody_reads_the_summary_where_the_business_says_so(office: Office) -> None:
    async with office.store.writing(SCOPE) as w:
        await w.save_messaging({"summary_to": "nobody"})
    payload = await facts_of(office, "summarise_call")
    message = await run(office, NAMED["summarise_call"], payload, desk_of(office))
    assert (message.state, message.reason) == ("skipped", "turned_off")


# -- moved, cancelled, and the business's own words ------------------------------------------------


async def test_a_move_is_told_with_its_new_time(office: Office) -> None:
    payload = await facts_of(office, "confirm_reschedule")
    message = await run(office, NAMED["confirm_reschedule"], payload, desk_of(office))
    row = await office.appointment(payload["appointment_id"])
    assert message.kind == "rescheduled"
    assert f"{row.start.astimezone(ZoneInfo(SALON.timezone)):%H:%M}" in message.text


async def test_who_moves_twice_is_told_once(office: Office) -> None:
    payload = await facts_of(office, "confirm_reschedule")
    await office.move(payload["appointment_id"])
    message = await run(office, NAMED["confirm_reschedule"], payload, desk_of(office))
    assert (message.state, message.reason) == ("skipped", "moved")


async def test_a_cancellation_is_told(office: Office) -> None:
    payload = await facts_of(office, "confirm_cancellation")
    message = await run(office, NAMED["confirm_cancellation"], payload, desk_of(office))
    assert (message.kind, message.state) == ("cancelled", "accepted")
    assert "בוטל" in message.text


async def test_a_business_writes_in_its_own_words(office: Office) -> None:
    async with office.store.writing(SCOPE) as w:
        await save_text(w, "he", "confirmation", "נתראה ב{date}, {time}![ {address}]")
    payload = await facts_of(office, "confirm_appointment")
    messenger = FakeMessenger()
    message = await run(office, NAMED["confirm_appointment"], payload, desk_of(office, messenger))
    assert message.text.startswith("נתראה ביום")
    assert message.text.endswith(SALON.address)
    # For a provider with approved words: the values in the order of the kind.
    assert messenger.sent[0].values[:4] == (
        "נועה",
        *message.text.removeprefix("נתראה ב").split("!")[0].split(", "),
        SALON.name,
    )


async def test_a_text_that_cannot_be_sent_is_not_saved(office: Office) -> None:
    async with office.store.writing(SCOPE) as w:
        with pytest.raises(PolicyError, match=r"he.confirmation.*\{tme\}"):
            await save_text(w, "he", "confirmation", "{date} {tme}")
        with pytest.raises(PolicyError, match="kind"):
            await save_text(w, "he", "poem", "{date}")
        with pytest.raises(PolicyError, match="language"):
            await save_text(w, "xx", "confirmation", "{date} {time}")
        assert await w.templates() == []
