"""An `Understood` as plain data, in the vocabulary of the acceptance phrases; and back to a context.

Used by `dalpak understand` and by the tests. Language-neutral: no words of any language here.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dalpak.language.base import Asked, HearingContext, Named, Understood

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

DEFAULT_HOURS: Mapping[str, object] = {
    "sun-thu": ["08:00", "20:00"],
    "fri": ["08:00", "13:00"],
    "sat": None,
}
"""Opening hours that are assumed where none are told."""

_ASKED = {
    "time": Asked.WHEN,
    "date": Asked.WHEN,
    "day": Asked.WHEN,
    "when": Asked.WHEN,
    "choose": Asked.CHOICE,
    "choice": Asked.CHOICE,
    "confirm": Asked.YES_NO,
    "yes_no": Asked.YES_NO,
    "name": Asked.NAME,
    "phone": Asked.PHONE,
    "service": Asked.SERVICE,
}


# --- in: a case as a context -------------------------------------------------------------------


def hours_of(table: Mapping[str, object]) -> dict[str, tuple[tuple[time, time], ...]]:
    """Opening hours by weekday from {"sun-thu": ["08:00", "20:00"], "fri": [[…], […]], "sat": null}.

    Raises ValueError for a key or a time that is none.
    """
    out: dict[str, tuple[tuple[time, time], ...]] = {}
    for key, value in table.items():
        first, _, last = key.partition("-")
        if first not in WEEKDAYS or (last or first) not in WEEKDAYS:
            raise ValueError(f"hours: {key!r} is no weekday; expected sun..sat or a range of them")
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
        for n in range(begin, end + 1):
            out[WEEKDAYS[n]] = _windows(value)
    return out


def _windows(value: object) -> tuple[tuple[time, time], ...]:
    if not value:
        return ()
    if not isinstance(value, list):
        raise ValueError(f"hours: expected [from, to] or a list of them, got {value!r}")
    pairs = value if isinstance(value[0], list) else [value]
    return tuple((_time(a), _time(b)) for a, b in pairs)


def _time(text: str) -> time:
    """A wall time; "24:00" is midnight at the end of the day."""
    return time(0) if text == "24:00" else time.fromisoformat(text)


def context_of(
    case: Mapping[str, Any],
    *,
    now: datetime,
    timezone: str,
    services: tuple[Named, ...] = (),
    staff: tuple[Named, ...] = (),
) -> HearingContext:
    """The context of one case: its `ref` or `now`, its `context` and its `hours`."""
    zone = ZoneInfo(timezone)
    ref = datetime.fromisoformat(case["ref"]) if case.get("ref") else now
    if ref.tzinfo is None:
        ref = ref.replace(tzinfo=zone)
    told = case.get("context") or {}
    offered = tuple(datetime.fromisoformat(o).replace(tzinfo=zone) for o in told.get("offered", ()))
    return HearingContext(
        now=ref.astimezone(zone),
        hours=hours_of(case.get("hours") or DEFAULT_HOURS),
        asked=_ASKED.get(str(told.get("asked", "")), Asked.NOTHING),
        offered=offered,
        services=services,
        staff=staff,
    )


# --- out: a meaning ----------------------------------------------------------------------------


def meaning(understood: Understood, context: HearingContext) -> dict[str, object]:
    """What was understood, with only the keys that say something."""
    u = understood
    found: dict[str, object | None] = {
        "intent": u.intent or u.answer,
        "date": u.when_date,
        "alternatives": u.date_alternatives,
        "date_range": u.date_range,
        "date_from": u.date_from,
        "date_to": u.date_to,
        "exclude_dates": u.excluded_dates,
        "exclude_weekdays": u.excluded_weekdays,
        "time": u.when_time,
        "time_candidates": u.time_candidates,
        "exclude_times": u.excluded_times,
        "window": u.window,
        "part_of_day": u.part_of_day,
        "exclude_parts": u.excluded_parts,
        "preference": u.preference,
        "chosen_index": _index(u.choice, len(context.offered)),
        "name": u.name,
        "phone": u.phone,
        "phone_valid": u.phone_valid,
        "phone_source": "caller_id" if u.own_number else None,
        "service": u.service_heard,
        "service_ids": u.service_ids,
        "staff": u.staff_heard,
        "staff_id": u.staff_id,
        "any_staff": u.any_staff or None,
        "party_size": u.party_size,
        "shift_days": u.shift_days,
        "corrects": u.corrects or None,
        "needs_clarification": u.needs_clarification or None,
        **_instant(u.when_date, u.when_time, context),
    }
    return {key: _plain(value) for key, value in found.items() if value is not None and value != ()}


def _index(choice: int | None, offers: int) -> int | None:
    """0-based, with the last one counted."""
    if choice is None:
        return None
    return offers - 1 if choice < 0 else choice - 1


def _instant(day: date | None, at: time | None, context: HearingContext) -> dict[str, object]:
    """The instant in UTC (the first of two in autumn), or why there is none."""
    zone = context.now.tzinfo
    if day is None or at is None or zone is None:
        return {}
    local = datetime.combine(day, at, zone)
    instant = local.astimezone(UTC)
    back = instant.astimezone(zone)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        return {"invalid": "nonexistent_local_time"}
    twice = local.replace(fold=1).utcoffset() != local.utcoffset()
    stamp = instant.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"utc": stamp, "ambiguous_local_time": True} if twice else {"utc": stamp}


def _plain(value: object) -> object:
    match value:
        case time():
            return value.strftime("%H:%M")
        case date():
            return value.isoformat()
        case tuple():
            return [None if v is None else _plain(v) for v in value]
        case str():
            return str(value)
        case _:
            return value
