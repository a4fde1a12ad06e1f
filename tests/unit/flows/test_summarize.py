"""`summarize.thread`: what the owner reads after a call, and what is not in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.clock import SystemClock
from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
    Business,
    CallEnd,
    CallRecord,
    TraceRecord,
    TurnRecord,
)
from dalpak.flows import summarize
from dalpak.flows.deliver import unreachable
from dalpak.flows.desk import Desk
from dalpak.flows.summarize import ENDINGS, TOPICS, CallFacts
from dalpak.language.registry import language
from dalpak.services.whatsapp.outbox import OutboxMessenger

pytestmark = pytest.mark.unit

HEBREW = language("he")
START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SALON = Business("salon", "סלון רונית", "+97231234567", "Asia/Jerusalem")
CALL = CallRecord(
    id="call_1",
    business_id="salon",
    transport="twilio",
    external_id="CA1",
    account_id="AC1",
    caller="+972523456789",
    called=SALON.phone,
    started_at=START,
    last_seen_at=START + timedelta(seconds=70),
    ended_at=START + timedelta(seconds=75),
    end_reason=CallEnd.AGENT,
)
BOOKED = Appointment(
    id="apt_1",
    business_id="salon",
    resource_id="dana",
    service_id="cut",
    start=datetime(2026, 11, 25, 8, 30, tzinfo=UTC),
    end=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
    status=AppointmentStatus.BOOKED,
    lead_id="lead_1",
    call_id="call_1",
    name="נועה",
    phone="+972523456789",
    hold_until=None,
    created_at=START,
)
FACTS = CallFacts(SALON, CALL, (), (), (), {"cut": "תספורת"})


def turn(number: int, said: str) -> TurnRecord:
    return TurnRecord("call_1", number, said, "", START)


def trace(tool: str) -> TraceRecord:
    return TraceRecord("call_1", 1, tool, {}, True, "", 5, START)


def test_a_booking_is_told_on_the_business_own_clock() -> None:
    text = summarize.thread(replace(FACTS, appointments=(BOOKED,)), HEBREW)

    assert "נקבע תספורת ליום רביעי 25.11.2026 בשעה 10:30 על שם נועה" in text
    assert HEBREW.written("summary_nothing") not in text


def test_a_call_without_a_booking_says_so() -> None:
    assert HEBREW.written("summary_nothing") in summarize.thread(FACTS, HEBREW)


def test_numbers_are_masked_everywhere() -> None:
    text = summarize.thread(replace(FACTS, appointments=(BOOKED,)), HEBREW)

    assert "523456" not in text
    assert "89" in text


def test_a_withheld_number_is_told_as_such() -> None:
    text = summarize.thread(replace(FACTS, call=replace(CALL, caller=None)), HEBREW)

    assert HEBREW.written("unknown_phone") in text


def test_a_keypad_call_has_a_topic_too() -> None:
    text = summarize.thread(replace(FACTS, traces=(trace("calendar.find_slots"),)), HEBREW)

    assert HEBREW.written("summary_about", topics=HEBREW.written("topic_book")) in text


def test_a_topic_is_told_once() -> None:
    turns = (turn(1, "אני רוצה לקבוע תור"), turn(2, "אפשר לקבוע תור?"))
    facts = replace(FACTS, turns=turns, traces=(trace("find_slots"),))

    about = HEBREW.written("summary_about", topics=HEBREW.written("topic_book"))
    assert about in summarize.thread(facts, HEBREW).splitlines()


@given(st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N")), min_size=25))
def test_the_callers_words_are_not_repeated(words: str) -> None:
    assert words not in summarize.thread(replace(FACTS, turns=(turn(1, words),)), HEBREW)


@pytest.mark.parametrize("reason", list(CallEnd))
@pytest.mark.parametrize("booked", [(), (BOOKED,)])
def test_every_ending_reads_well(reason: CallEnd, booked: tuple[Appointment, ...]) -> None:
    call = replace(CALL, end_reason=reason)
    text = summarize.thread(replace(FACTS, call=call, appointments=booked), HEBREW)

    goodbye = reason is CallEnd.AGENT or (reason is CallEnd.CALLER and bool(booked))
    told = [key for key in set(ENDINGS.values()) if HEBREW.written(key) in text]
    assert told == ([] if goodbye else [ENDINGS[reason]])
    assert "{" not in text


def test_a_crashed_call_lasted_until_it_was_last_seen() -> None:
    late = replace(CALL, end_reason=CallEnd.CRASHED, ended_at=START + timedelta(hours=3))

    text = summarize.thread(replace(FACTS, call=late), HEBREW)

    assert HEBREW.written("summary_length", minutes="2", turns="0") in text


def test_every_topic_has_its_words() -> None:
    assert all(HEBREW.written(key) for key in set(TOPICS.values()))


@pytest.mark.parametrize(
    ("phone", "reason"),
    [
        (None, "no_phone"),
        ("", "no_phone"),
        ("+972523456789", ""),
        ("+97235551234", "landline"),
        ("+972771234567", "landline"),
        ("+14155550123", ""),
    ],
)
def test_who_can_be_written_to(phone: str | None, reason: str) -> None:
    messenger = OutboxMessenger()
    desk = Desk(None, {"outbox": messenger}, language, SystemClock(), "business")  # type: ignore[arg-type]
    assert unreachable(phone, desk, ("outbox",)) == reason
