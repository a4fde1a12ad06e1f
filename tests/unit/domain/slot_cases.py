"""The vocabulary of the slot cases file, read into the domain's own values."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dalpak.domain.policy import Policy
from dalpak.domain.records import Busy, Resource
from dalpak.domain.slots import free_slots
from dalpak.domain.windows import parse_clock

CHAIR = "chair"


def _forward(pairs: list[list[str]]) -> list[list[str]]:
    """A window that ends before it starts is no window: our own JSON refuses it, the cases ignore
    it."""
    return [p for p in pairs if (parse_clock(p[0]) or 0) < (parse_clock(p[1]) or 0)]


def policy_of(raw: Mapping[str, Any]) -> Policy:
    return Policy.from_json(
        {
            "timezone": raw.get("tz", "UTC"),
            "opening_hours_json": {d: _forward(w) for d, w in raw.get("hours", {}).items()},
            "exceptions": {d: _forward(w) for d, w in raw.get("exceptions", {}).items()},
            "slot_size_min": raw["step"],
            "default_service_min": raw["duration"],
            "grid_anchor": raw.get("anchor", "window"),
            "min_notice_min": raw.get("notice", 0),
            "booking_window_days": raw.get("max_days", 730),
            "buffer_before_min": raw.get("buffer_before", 0),
            "buffer_after_min": raw.get("buffer_after", 0),
            "per_day_cap": raw.get("per_day"),
            "require_phone_before_booking": False,
        }
    )


def diary_of(
    spans: list[tuple[datetime, datetime]], *, before_min: int, after_min: int, lanes: int
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
    raw = case["policy"]
    policy, lanes = policy_of(raw), raw.get("capacity", 1)
    diary = diary_of(
        [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in case["busy"]],
        before_min=policy.buffer_before_min,
        after_min=policy.buffer_after_min,
        lanes=lanes,
    )
    found = free_slots(
        policy,
        None,
        date.fromisoformat(case["date"]),
        diary,
        datetime.fromisoformat(case["now"]),
        resources=(Resource(CHAIR, "Chair", capacity=lanes),),
    )
    return [s.start.astimezone(policy.zone).strftime("%H:%M") for s in found]
