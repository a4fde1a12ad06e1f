"""Questions about slots as plain JSON: a policy, a day, a moment and what is taken; the free starts
come out.

The form is that of the acceptance cases, so that anybody's cases can be asked without a database.
It reads; what is free is decided in slots.py.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dalpak.domain.policy import MAX_WINDOW_DAYS, Policy
from dalpak.domain.records import Busy, Resource
from dalpak.domain.slots import free_slots
from dalpak.domain.walltime import WEEKDAYS
from dalpak.domain.windows import parse_clock
from dalpak.errors import PolicyError

CHAIR = "chair"

_NAMES = {
    "tz": "timezone",
    "step": "slot_size_min",
    "duration": "default_service_min",
    "anchor": "grid_anchor",
    "notice": "min_notice_min",
    "max_days": "booking_window_days",
    "buffer_before": "buffer_before_min",
    "buffer_after": "buffer_after_min",
    "per_day": "per_day_cap",
}
"""A case's own short names; a policy's names are understood as they are."""

_UNSAID: dict[str, object] = {
    "timezone": "UTC",
    "min_notice_min": 0,
    "booking_window_days": MAX_WINDOW_DAYS,
    "require_phone_before_booking": False,
}


def policy_of(raw: Mapping[str, Any]) -> Policy:
    """The policy of a case. Raises PolicyError naming the field."""
    said = {_NAMES.get(k, k): v for k, v in raw.items() if k not in {"hours", "exceptions"}}
    said.pop("capacity", None)
    hours = _forward(raw.get("hours", raw.get("opening_hours_json", {})), "hours")
    said["opening_hours_json"] = {day: hours[day] for day in hours if day in WEEKDAYS}
    unknown = sorted(hours.keys() - set(WEEKDAYS))
    if unknown:
        raise PolicyError(f"hours.{unknown[0]}", hours[unknown[0]], f"one of {', '.join(WEEKDAYS)}")
    said["exceptions"] = _forward(raw.get("exceptions", {}), "exceptions")
    return Policy.from_json({**_UNSAID, **said})


def _forward(days: object, field: str) -> dict[str, list[Any]]:
    """Without windows that end before they start: a policy refuses them, a case has none there."""
    if not isinstance(days, dict):
        raise PolicyError(field, days, "an object of windows by day")
    return {day: [w for w in windows or [] if not _is_backward(w)] for day, windows in days.items()}


def _is_backward(window: object) -> bool:
    if not isinstance(window, list | tuple) or len(window) != 2:
        return False
    start, end = parse_clock(window[0]), parse_clock(window[1])
    return start is not None and end is not None and start >= end


def diary_of(
    spans: Sequence[tuple[datetime, datetime]], *, before_min: int, after_min: int, lanes: int
) -> list[Busy]:
    """Put visits into the lowest free lane, in the order of their starts, as the store does."""
    placed: list[Busy] = []
    for n, (start, end) in enumerate(sorted(spans)):
        block = (start - timedelta(minutes=before_min), end + timedelta(minutes=after_min))
        lane = next(
            (
                lane
                for lane in range(lanes)
                if all(
                    b.lane != lane or b.block_end <= block[0] or block[1] <= b.block_start
                    for b in placed
                )
            ),
            None,
        )
        # Booked under other rules, it overlaps through its buffers only; it still occupies.
        lane = n % lanes if lane is None else lane
        placed.append(Busy(f"a{n}", CHAIR, lane, start, end, *block))
    return placed


def slots_of_case(case: Mapping[str, Any]) -> list[str]:
    """The free starts of the case's day, `HH:MM` on the business's clock.

    Raises PolicyError for a policy that is none, ValueError, KeyError or TypeError for a case that
    is none.
    """
    raw = case["policy"]
    policy, lanes = policy_of(raw), raw.get("capacity", 1)
    if not isinstance(lanes, int) or lanes < 1:
        raise PolicyError("capacity", lanes, "a whole number from 1")
    diary = diary_of(
        [(_instant(a, policy.zone), _instant(b, policy.zone)) for a, b in case.get("busy", ())],
        before_min=policy.buffer_before_min,
        after_min=policy.buffer_after_min,
        lanes=lanes,
    )
    found = free_slots(
        policy,
        None,
        date.fromisoformat(case["date"]),
        diary,
        _instant(case["now"], policy.zone),
        resources=(Resource(CHAIR, "Chair", capacity=lanes),),
    )
    return [s.start.astimezone(policy.zone).strftime("%H:%M") for s in found]


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """Without an offset it is wall time of the business."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)
