"""Random businesses for the tests of the slot rules."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st

from dalpak.domain.cases import CHAIR, diary_of
from dalpak.domain.policy import Anchor, Policy
from dalpak.domain.records import Busy, Resource
from dalpak.domain.walltime import WEEKDAYS
from dalpak.domain.windows import merge

ZONES = ("Asia/Jerusalem", "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata")
DAYS = (
    date(2026, 11, 24),
    date(2027, 3, 26),  # Israel: 02:00 -> 03:00
    date(2026, 10, 25),  # Israel: 02:00 -> 01:00
    date(2027, 3, 14),  # New York springs
    date(2026, 11, 1),  # New York falls
    date(2026, 10, 4),  # Lord Howe: half an hour
    date(2028, 2, 29),
)

World = tuple[Policy, dict[str, list[tuple[int, int]]], date, list[Busy], datetime, Resource]

minutes = st.integers(0, 288).map(lambda n: n * 5)
window = st.tuples(minutes, minutes)
hours = st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(window, max_size=3), min_size=5)
touching_midnight = st.just({d: [(0, 7 * 60), (20 * 60, 1440)] for d in WEEKDAYS})
around_the_clock = st.just({d: [(0, 1440)] for d in WEEKDAYS})


@st.composite
def worlds(
    draw: st.DrawFn,
) -> tuple[Policy, dict[str, list[tuple[int, int]]], date, list[Busy], datetime, Resource]:
    raw = draw(st.one_of(hours, touching_midnight, around_the_clock))
    day = draw(st.sampled_from(DAYS))
    policy = Policy(
        timezone=draw(st.sampled_from(ZONES)),
        opening_hours={d: merge(w) for d, w in raw.items()},
        slot_size_min=draw(st.sampled_from((5, 7, 15, 20, 30, 45, 60, 90))),
        grid_anchor=draw(st.sampled_from(Anchor)),
        default_service_min=draw(st.sampled_from((5, 15, 30, 45, 60, 95, 240))),
        min_notice_min=draw(st.sampled_from((0, 30, 60, 1440))),
        booking_window_days=draw(st.integers(0, 4)),
        buffer_before_min=draw(st.sampled_from((0, 0, 10, 30))),
        buffer_after_min=draw(st.sampled_from((0, 0, 10, 30))),
        per_day_cap=draw(st.sampled_from((None, None, 1, 4))),
        require_phone_before_booking=False,
    )
    base = datetime.combine(day, time(), UTC)
    now = base + timedelta(minutes=draw(st.integers(-4 * 1440, 1440)))
    starts = draw(st.lists(st.integers(-200, 1700), max_size=8))
    spans = [
        (
            base + timedelta(minutes=s),
            base + timedelta(minutes=s + draw(st.sampled_from((15, 30, 60, 180)))),
        )
        for s in starts
    ]
    chair = Resource(CHAIR, "Chair", capacity=draw(st.integers(1, 3)))
    busy = diary_of(
        spans,
        before_min=policy.buffer_before_min,
        after_min=policy.buffer_after_min,
        lanes=chair.capacity,
    )
    return policy, raw, day, busy, now, chair
