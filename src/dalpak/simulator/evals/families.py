"""The families of goals: every way in which a call may go, each drawn anew for every task.

A family is a function from dice to a goal, and one line of `FAMILIES`. Bookings of one visit are
here; people, phones and interruptions are in `families_talk.py`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from dalpak.simulator.evals.drawing import USUAL, Draw, last_day
from dalpak.simulator.evals.goals import (
    Goal,
    Opening,
    Question,
    Takes,
    Twist,
    When,
    Wish,
)
from dalpak.simulator.evals.salon import (
    CLOSED_WEEKDAY,
    SERVICES,
    STAFF,
    ZONE,
    Taken,
    earliest,
    free_starts,
)

PARTS = {
    "morning": (time(5), time(12)),
    "noon": (time(12), time(15)),
    "afternoon": (time(15), time(18)),
}


# -- as it should go -----------------------------------------------------------------------------


def step_by_step(d: Draw) -> Goal:
    return d.plain("step_by_step", Opening.HELLO, Opening.INTENT, Opening.SERVICE)


def one_sentence(d: Draw) -> Goal:
    """Service, day, hour and name at once."""
    return d.plain("one_sentence", Opening.FULL)


def service_and_time(d: Draw) -> Goal:
    return d.plain("service_and_time", Opening.WHEN)


def alias(d: Draw) -> Goal:
    """The service by another of its names."""
    made = d.plain("alias", Opening.SERVICE, Opening.WHEN)
    visit = made.visits[0]
    word = d.rng.choice(SERVICES[visit.service_id].aliases)
    return replace(made, visits=(replace(visit, service_said=word),))


def dst_day(d: Draw) -> Goal:
    """On the days on which Israel's clock changes."""
    change = d.rng.choice((date(2026, 10, 25), date(2027, 3, 26), date(2027, 3, 28)))
    day = change - timedelta(days=d.rng.randrange(2, 12))
    while day.weekday() in (4, 5):
        day -= timedelta(days=1)
    now = datetime.combine(day, time(d.rng.randrange(9, 18), d.rng.randrange(60)), ZONE)
    service = d.service()
    start = d.start(now, service, (), day=change)
    visit = d.visit(d.exact(start), service_id=service)
    return d.goal("dst_day", now, d.opening(Opening.INTENT, Opening.WHEN), visit)


# -- less than an hour of a day ------------------------------------------------------------------


def _loose(d: Draw, family: str, make: Callable[[datetime, date], Wish]) -> Goal:
    now = d.now()
    taken = d.diary(now)
    service = d.rng.choice([s for s in SERVICES if SERVICES[s].duration_min <= 45])
    day = d.day(now)
    while day.weekday() == 4:
        day = d.day(now)
    visit = d.visit(make(now, day), service_id=service)
    made = d.goal(family, now, d.opening(Opening.INTENT, Opening.WHEN), visit)
    return replace(made, taken=taken)


def part_of_day(d: Draw) -> Goal:
    def make(_: datetime, day: date) -> Wish:
        part = d.rng.choice(list(PARTS))
        return Wish(When(day=day, part=part), Takes(days=(day, day), hours=PARTS[part]))

    return _loose(d, "part_of_day", make)


def window(d: Draw) -> Goal:
    def make(_: datetime, day: date) -> Wish:
        first = time(d.rng.choice((9, 10, 13, 14, 15)))
        last = time(first.hour + 2)
        hours = (first, time(last.hour, 1))
        return Wish(When(day=day, window=(first, last)), Takes(days=(day, day), hours=hours))

    return _loose(d, "window", make)


def day_only(d: Draw) -> Goal:
    def make(_: datetime, day: date) -> Wish:
        return Wish(When(day=day), Takes(days=(day, day)))

    return _loose(d, "day_only", make)


def next_week(d: Draw) -> Goal:
    def make(now: datetime, _: date) -> Wish:
        sunday = now.date() + timedelta(days=7 - (now.date().weekday() + 1) % 7)
        return Wish(When(next_week=True), Takes(days=(sunday, sunday + timedelta(days=6))))

    return _loose(d, "next_week", make)


def availability(d: Draw) -> Goal:
    """ "What do you have on Tuesday?" """

    def make(_: datetime, day: date) -> Wish:
        return Wish(When(day=day), Takes(days=(day, day)))

    return replace(_loose(d, "availability", make), opening=Opening.AVAILABILITY)


def as_early_as_can_be(d: Draw) -> Goal:
    now = d.now()
    taken = d.diary(now)
    service = d.service()
    # The next whole minute may bring the notice to the next start.
    starts = [earliest(service, None, taken, now + timedelta(minutes=m)) for m in (0, 6)]
    after = (max(starts) + timedelta(minutes=1)).time()
    days = (min(starts).date(), max(starts).date())
    wish = Wish(When(earliest=True), Takes(days=days, hours=(min(starts).time(), after)))
    visit = d.visit(wish, service_id=service)
    made = d.goal("as_early_as_can_be", now, d.opening(Opening.INTENT, Opening.WHEN), visit)
    return replace(made, taken=taken)


# -- what cannot be had ----------------------------------------------------------------------------


def _in_vain(d: Draw, family: str, when: When, now: datetime, taken: tuple[Taken, ...]) -> Goal:
    """Asks for what cannot be had; then takes an offer, or a second wish."""
    service = d.rng.choice([s for s in SERVICES if not SERVICES[s].staff])
    if d.rng.random() < 0.6:
        wishes = [d.never(when)]
    else:
        wishes = [d.never(when, takes=Takes(nothing=True))]
        wishes.append(d.exact(d.start(now, service, taken)))
    visit = d.visit(*wishes, service_id=service)
    made = d.goal(family, now, d.opening(Opening.INTENT, Opening.WHEN), visit)
    return replace(made, taken=taken)


def off_grid(d: Draw) -> Goal:
    now = d.now()
    day = d.day(now)
    at = time(d.rng.randrange(9, 12), d.rng.choice((5, 10, 20, 25, 35, 40, 50, 55)))
    return _in_vain(d, "off_grid", When(day=day, at=at), now, ())


def too_soon(d: Draw) -> Goal:
    now = d.now(first=9, last=16)
    soon = now + timedelta(minutes=d.rng.randrange(12, 40))
    soon = soon.replace(minute=soon.minute // 15 * 15, second=0)
    while soon <= now:
        soon += timedelta(minutes=15)
    return _in_vain(d, "too_soon", When(day=now.date(), at=soon.time()), now, ())


def too_far(d: Draw) -> Goal:
    now = d.now()
    day = last_day(now) + timedelta(days=d.rng.randrange(3, 40))
    while day.weekday() in (4, CLOSED_WEEKDAY):
        day += timedelta(days=1)
    return _in_vain(d, "too_far", When(day=day, at=time(d.rng.randrange(9, 17))), now, ())


def after_hours(d: Draw) -> Goal:
    now = d.now()
    day = d.day(now)
    at = time(d.rng.choice((19, 20, 21)), d.rng.choice((0, 30)))
    return _in_vain(d, "after_hours", When(day=day, at=at), now, ())


def friday_afternoon(d: Draw) -> Goal:
    now = d.now()
    day = now.date() + timedelta(days=(4 - now.date().weekday()) % 7)
    at = time(d.rng.randrange(14, 18), d.rng.choice((0, 30)))
    return _in_vain(d, "friday_afternoon", When(day=day, at=at), now, ())


def shabbat(d: Draw) -> Goal:
    now = d.now()
    day = now.date() + timedelta(days=(CLOSED_WEEKDAY - now.date().weekday()) % 7)
    at = time(d.rng.randrange(9, 17)) if d.rng.random() < 0.5 else None
    return _in_vain(d, "shabbat", When(day=day, at=at), now, ())


def day_full(d: Draw) -> Goal:
    now = d.now()
    day = d.day(now, least=1, most=9)
    at = time(d.rng.randrange(9, 12)) if d.rng.random() < 0.5 else None
    return _in_vain(d, "day_full", When(day=day, at=at), now, d.full_day(day, now))


def taken_hour(d: Draw) -> Goal:
    """Free on that day, but not at that hour."""
    now = d.now()
    start = d.start(now, "haircut-men", ())
    diary = tuple(Taken(start, "haircut-women", person) for person in STAFF)
    when = When(day=start.date(), at=start.time())
    if start + timedelta(minutes=45) not in free_starts(start.date(), "blow-dry", None, (), now):
        return taken_hour(d)
    return _in_vain(d, "taken_hour", when, now, diary)


def refuses_all(d: Draw) -> Goal:
    now = d.now()
    taken = d.diary(now)
    day = d.day(now)
    wish = Wish(When(day=day), Takes(nothing=True))
    made = d.goal("refuses_all", now, d.opening(Opening.INTENT, Opening.WHEN), d.visit(wish))
    return replace(made, taken=taken, booked=0, patience=d.rng.randrange(2, 5))


# -- changes of mind -------------------------------------------------------------------------------


def _two(d: Draw, family: str, *openings: Opening) -> Goal:
    now = d.now()
    taken = d.diary(now)
    service = d.service()
    visit = d.visit(*d.two_times(now, taken, service), service_id=service)
    made = d.goal(family, now, d.rng.choice(openings), visit)
    return replace(made, taken=taken)


def slip_in_a_sentence(d: Draw) -> Goal:
    """ "At four, no, at five." """
    return _two(d, "slip_in_a_sentence", Opening.SLIP)


def change_before_read_back(d: Draw) -> Goal:
    made = _two(d, "change_before_read_back", Opening.INTENT, Opening.WHEN)
    at = d.rng.choice((Question.NAME, Question.NAME, Question.PHONE))
    return replace(made, twists=((at, Twist.CHANGE),))


def change_after_read_back(d: Draw) -> Goal:
    made = _two(d, "change_after_read_back", Opening.INTENT, Opening.WHEN, Opening.FULL)
    return replace(made, twists=((Question.CONFIRM, Twist.CHANGE),))


def plain_no(d: Draw) -> Goal:
    """Says only "no" to the read-back, and what instead when asked."""
    made = _two(d, "plain_no", Opening.INTENT, Opening.WHEN)
    return replace(made, twists=((Question.CONFIRM, Twist.PLAIN_NO),))


def service_at_read_back(d: Draw) -> Goal:
    """Never named the service; hears the wrong one."""
    made = d.plain("service_at_read_back", Opening.INTENT)
    visit = made.visits[0]
    other = d.rng.choice([s for s in SERVICES if SERVICES[s].duration_min <= 45][1:])
    # Free for the usual service too, which is what the front desk looks for at first.
    start = d.start(made.now, USUAL, made.taken)
    visit = replace(visit, service_id=other, wishes=(d.exact(start),), service_said="")
    return replace(made, visits=(visit,))
