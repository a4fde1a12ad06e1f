"""Random businesses for the tests of the slot rules: drawn by hypothesis, which shrinks, and by seed,
which is quick and has everything a policy may say.
"""

import random
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import strategies as st
from slot_oracle import Hours

from dalpak.domain.cases import CHAIR, diary_of
from dalpak.domain.policy import Anchor, HolidayRule, Policy
from dalpak.domain.records import Busy, Resource, Service
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
    date(2027, 4, 21),  # the eve of Pesach
    date(2027, 4, 22),  # Pesach
)
PESACH = {"erev_pesach": date(2027, 4, 21), "pesach": date(2027, 4, 22)}
"""Two days looked up in a calendar, so that the oracle need not ask our table."""

STEPS = (5, 7, 15, 20, 30, 45, 60, 90)
LENGTHS = (5, 15, 30, 45, 60, 95, 240)
NOTICES = (0, 30, 60, 1440)
BUFFERS = (0, 0, 10, 30)
CAPS = (None, None, 1, 4)

World = tuple[Policy, Hours, date, list[Busy], datetime, Resource]

minutes = st.integers(0, 288).map(lambda n: n * 5)
window = st.tuples(minutes, minutes)
weeks = st.dictionaries(st.sampled_from(WEEKDAYS), st.lists(window, max_size=3), min_size=5)
TOUCHING_MIDNIGHT = {d: [(0, 7 * 60), (20 * 60, 1440)] for d in WEEKDAYS}
AROUND_THE_CLOCK = {d: [(0, 1440)] for d in WEEKDAYS}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One chair, any hours."""
    week = draw(st.one_of(weeks, st.just(TOUCHING_MIDNIGHT), st.just(AROUND_THE_CLOCK)))
    day = draw(st.sampled_from(DAYS))
    policy = Policy(
        timezone=draw(st.sampled_from(ZONES)),
        opening_hours={d: merge(w) for d, w in week.items()},
        slot_size_min=draw(st.sampled_from(STEPS)),
        grid_anchor=draw(st.sampled_from(Anchor)),
        default_service_min=draw(st.sampled_from(LENGTHS)),
        min_notice_min=draw(st.sampled_from(NOTICES)),
        booking_window_days=draw(st.integers(0, 4)),
        buffer_before_min=draw(st.sampled_from(BUFFERS)),
        buffer_after_min=draw(st.sampled_from(BUFFERS)),
        per_day_cap=draw(st.sampled_from(CAPS)),
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
    return policy, Hours(week), day, busy, now, chair


# -- by seed ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Salon:
    """A business with staff and services, and a day on which somebody asks."""

    policy: Policy
    hours: Hours
    day: date
    busy: list[Busy]
    now: datetime
    resources: tuple[Resource, ...]
    service: Service | None


def salon_of(seed: int) -> Salon:
    rng = random.Random(seed)
    day = rng.choice(DAYS)
    hours, policy = _hours(rng, day)
    policy = replace(
        policy,
        timezone=rng.choice(ZONES),
        slot_size_min=rng.choice(STEPS),
        grid_anchor=rng.choice(tuple(Anchor)),
        default_service_min=rng.choice(LENGTHS),
        min_notice_min=rng.choice(NOTICES),
        booking_window_days=rng.randint(0, 4),
        buffer_before_min=rng.choice(BUFFERS),
        buffer_after_min=rng.choice(BUFFERS),
        capacity=rng.choice((None, None, 1, 2)),
        per_day_cap=rng.choice(CAPS),
        require_phone_before_booking=False,
    )
    resources = tuple(
        Resource(f"r{n}", f"R{n}", capacity=rng.randint(1, 3)) for n in range(rng.randint(0, 3))
    )
    base = datetime.combine(day, time(), UTC)
    now = base + timedelta(minutes=rng.randint(-4 * 1440, 1440), seconds=rng.choice((0, 0, 1)))
    return Salon(policy, hours, day, _diary(rng, resources, base), now, resources, _service(rng))


def _hours(rng: random.Random, day: date) -> tuple[Hours, Policy]:
    def spans(most: int) -> list[tuple[int, int]]:
        return [
            (rng.randrange(0, 1445, 5), rng.randrange(0, 1445, 5))
            for _ in range(rng.randint(0, most))
        ]

    week: dict[str, list[tuple[int, int]]] = {d: spans(3) for d in WEEKDAYS if rng.random() < 0.9}
    week = rng.choice((week, week, TOUCHING_MIDNIGHT, AROUND_THE_CLOCK))
    keys = [
        key
        for each in (day, day + timedelta(days=1))
        for key in (f"{each:%Y-%m-%d}", f"{each:%m-%d}")
    ]
    exceptions = {key: spans(2) for key in keys if rng.random() < 0.15}
    rules = {name: rng.choice(tuple(HolidayRule)) for name in PESACH if rng.random() < 0.7}
    short = spans(2)
    hours = Hours(
        week,
        exceptions,
        all_day=rng.random() < 0.1,
        closed_on=frozenset(PESACH[n] for n, r in rules.items() if r is HolidayRule.CLOSED),
        short_on=frozenset(PESACH[n] for n, r in rules.items() if r is HolidayRule.SHORT),
        short=short,
    )
    policy = Policy(
        allow_24_7=hours.all_day,
        opening_hours={d: merge(w) for d, w in week.items()},
        exceptions={key: merge(w) for key, w in exceptions.items()},
        holidays=rules,
        short_day_hours=merge(short),
    )
    return hours, policy


def _diary(rng: random.Random, resources: tuple[Resource, ...], base: datetime) -> list[Busy]:
    """Visits with any block around them: rules change, appointments stay."""
    found = []
    for n in range(rng.randint(0, 10)):
        if not resources:
            break
        resource = rng.choice(resources)
        start = base + timedelta(minutes=rng.randrange(-200, 1700, 5))
        end = start + timedelta(minutes=rng.choice((15, 30, 60, 180)))
        block = (
            start - timedelta(minutes=rng.choice(BUFFERS)),
            end + timedelta(minutes=rng.choice(BUFFERS)),
        )
        lane = rng.randrange(resource.capacity)
        found.append(Busy(f"a{n}", resource.id, lane, start, end, *block))
    return found


def _service(rng: random.Random) -> Service | None:
    if rng.random() < 0.3:
        return None
    return Service(
        "s",
        "S",
        rng.choice(LENGTHS),
        buffer_before_min=rng.choice(BUFFERS),
        buffer_after_min=rng.choice(BUFFERS),
        resource_ids=rng.choice(((), (), ("r0",), ("r1", "r2"))),
    )
