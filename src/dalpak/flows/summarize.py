"""`summarize.thread`: a call in a few written lines, from what was recorded, without a model.

Pure. Who called (masked), what it was about, what was booked, how it ended, how long it took. The
caller's own words are not repeated: they may hold what a message to a phone must not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from zoneinfo import ZoneInfo

from dalpak.domain.phones import mask
from dalpak.domain.records import (
    Appointment,
    Business,
    CallEnd,
    CallRecord,
    TraceRecord,
    TurnRecord,
)
from dalpak.language.base import HearingContext, Intent, Language
from dalpak.tools.messages import date_and_time

TOPICS: dict[Intent, str] = {
    Intent.BOOK: "topic_book",
    Intent.REQUEST_OTHER_TIME: "topic_book",
    Intent.QUERY_AVAILABILITY: "topic_book",
    Intent.CANCEL: "topic_cancel",
    Intent.RESCHEDULE: "topic_reschedule",
    Intent.QUERY_APPOINTMENT: "topic_appointment",
    Intent.QUERY_HOURS: "topic_hours",
    Intent.QUERY_PRICE: "topic_price",
    Intent.QUERY_ADDRESS: "topic_address",
    Intent.HUMAN: "topic_human",
    Intent.CALLBACK: "topic_callback",
    Intent.WAITLIST: "topic_waitlist",
    Intent.WRONG_NUMBER: "topic_wrong_number",
}
"""What a caller may want, as the owner reads it. Intents that are no topic (`repeat`, `goodbye`)
are not here."""

ENDINGS: dict[CallEnd, str] = {
    CallEnd.CALLER: "summary_hung_up",
    CallEnd.TRANSFERRED: "summary_transferred",
    CallEnd.MAX_DURATION: "summary_cut",
    CallEnd.CARRIER: "summary_cut",
    CallEnd.DRAINED: "summary_cut",
    CallEnd.CRASHED: "summary_cut",
    CallEnd.INTERNAL_ERROR: "summary_cut",
}
"""A call that the agent ended after its goodbye needs no word."""


ISOLATE_LTR, END_ISOLATE = "\u2066", "\u2069"
"""A masked number is digits and bullets: only an isolate keeps them in order inside a right-to-left line."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """Everything that was recorded of one call, read in one snapshot."""

    business: Business
    call: CallRecord
    turns: Sequence[TurnRecord]
    traces: Sequence[TraceRecord]
    appointments: Sequence[Appointment]
    services: dict[str, str]
    """Names by id."""


def thread(facts: CallFacts, language: Language) -> str:
    """The lines of the summary, without a heading."""
    call = facts.call
    lines = [language.written("summary_caller", phone=_phone(call.caller, language))]
    topics = _topics(facts, language)
    if topics:
        lines.append(language.written("summary_about", topics=", ".join(topics)))
    lines += [_booked(facts, appointment, language) for appointment in facts.appointments]
    if not facts.appointments:
        lines.append(language.written("summary_nothing"))
    # After a booking, a caller who hangs up has only said goodbye.
    ending = ENDINGS.get(call.end_reason) if call.end_reason else None
    if ending and not (facts.appointments and call.end_reason is CallEnd.CALLER):
        lines.append(language.written(ending))
    minutes = str(max(1, ceil(_seconds(call) / 60)))
    lines.append(language.written("summary_length", minutes=minutes, turns=str(len(facts.turns))))
    return "\n".join(lines)


def _topics(facts: CallFacts, language: Language) -> list[str]:
    """In the order they came up, each once; a call by keypad alone tells by the tools it used."""
    zone = ZoneInfo(facts.business.timezone)
    intents = [
        language.understand(turn.said, HearingContext(now=turn.started_at.astimezone(zone))).intent
        for turn in facts.turns
        if turn.said
    ]
    keys = [TOPICS[intent] for intent in intents if intent in TOPICS]
    if any(trace.tool.rpartition(".")[2] == "find_slots" for trace in facts.traces):
        keys.append("topic_book")
    return [language.written(key) for key in dict.fromkeys(keys)]


def _booked(facts: CallFacts, appointment: Appointment, language: Language) -> str:
    day, hour = date_and_time(language, appointment.start, facts.business.timezone)
    return language.written(
        "summary_booked" if appointment.name else "summary_booked_no_name",
        service=facts.services.get(appointment.service_id, ""),
        when=language.written("day_time", date=day, time=hour),
        name=appointment.name or "",
        phone=_phone(appointment.phone, language),
    )


def _phone(number: str | None, language: Language) -> str:
    """Masked, and kept left-to-right inside a line that runs the other way."""
    if not number:
        return language.written("unknown_phone")
    return f"{ISOLATE_LTR}{mask(number)}{END_ISOLATE}"


def _seconds(call: CallRecord) -> float:
    """A crashed call lasted until it was last seen, not until the reaper came by."""
    crashed = call.end_reason is CallEnd.CRASHED
    until = call.last_seen_at if crashed or call.ended_at is None else call.ended_at
    return max(0.0, (until - call.started_at).total_seconds())
