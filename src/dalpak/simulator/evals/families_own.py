"""Families of goals, continued: callers whose appointment stands, and those who would wait for one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from dalpak.language.he.evals_words import SAYINGS
from dalpak.simulator.evals.drawing import USUAL, Draw, e164
from dalpak.simulator.evals.goals import Change, Goal, Opening, Takes, When, Wish
from dalpak.simulator.evals.salon import STAFF, STEP, Taken, free_starts, hours_of, staff_for


def _stands(d: Draw, now: datetime, others: Sequence[Taken], *, most: int = 12) -> Taken:
    """An appointment of the caller's own, at a free time, not today."""
    service = d.service()
    person = d.rng.choice(staff_for(service))
    while True:
        starts = free_starts(d.day(now, least=1, most=most), service, person, others, now)
        if starts:
            return Taken(d.rng.choice(starts), service, person)


def _owner(d: Draw, family: str, change: Change, *openings: Opening, count: int = 1) -> Goal:
    """A caller with `count` appointments of different services and days; the last drawn is meant."""
    now = d.now()
    taken = d.diary(now)
    own: list[Taken] = []
    while len(own) < count:
        one = _stands(d, now, [*taken, *own])
        differs = all(
            one.service_id != o.service_id and one.start.date() != o.start.date() for o in own
        )
        if differs:
            own.append(one)
    about = own[-1]
    own.sort(key=lambda o: o.start)
    made = d.goal(family, now, d.rng.choice(openings))
    return replace(
        made,
        taken=taken,
        own=tuple(own),
        about=own.index(about),
        change=change,
        caller_id=e164(made.phone),
    )


# -- told and cancelled ----------------------------------------------------------------------------


def when_is_mine(d: Draw) -> Goal:
    made = _owner(d, "when_is_mine", Change.NONE, Opening.WHEN_MINE, count=d.rng.choice((1, 2)))
    return replace(
        made, told=frozenset({"your_appointment_is", "your_appointments_are", "your_next_are"})
    )


def cancel(d: Draw) -> Goal:
    return _owner(d, "cancel", Change.CANCEL, Opening.CANCEL)


def cancel_one_of_several(d: Draw) -> Goal:
    return _owner(d, "cancel_one_of_several", Change.CANCEL, Opening.CANCEL, count=2)


def cancel_too_late(d: Draw) -> Goal:
    """Nearer than the rules allow: the staff gets a message, and the appointment stays."""
    made = _owner(d, "cancel_too_late", Change.NONE, Opening.CANCEL)
    now = d.now(first=9, last=16)
    opening = hours_of(now.date())
    assert opening is not None
    start = opening[0] + STEP * (int((now - opening[0]) / STEP) + d.rng.randrange(2, 6))
    own = (Taken(start, USUAL, d.rng.choice(list(STAFF))),)
    message = d.rng.choice(SAYINGS["message"])
    return replace(made, now=now, taken=(), own=own, about=0, message=message)


def cancel_nothing(d: Draw) -> Goal:
    """Nothing stands under this number."""
    made = _owner(d, "cancel_nothing", Change.NONE, Opening.CANCEL)
    return replace(made, own=(), about=None, told=frozenset({"no_appointment"}))


# -- moved -----------------------------------------------------------------------------------------


def _to(d: Draw, made: Goal, *wishes: Wish) -> Goal:
    assert made.about is not None
    visit = d.visit(*wishes, service_id=made.own[made.about].service_id)
    return replace(made, visits=(visit,))


def _elsewhere(d: Draw, made: Goal) -> datetime:
    """A free start that no appointment of the caller's is near to."""
    assert made.about is not None
    service = made.own[made.about].service_id
    days = {o.start.date() for o in made.own}
    while True:
        start = d.start(made.now, service, [*made.taken, *made.own])
        if start.date() not in days:
            return start


def move_in_one_sentence(d: Draw) -> Goal:
    made = _owner(d, "move_in_one_sentence", Change.MOVE, Opening.MOVE_TO)
    return _to(d, made, d.exact(_elsewhere(d, made)))


def move_step_by_step(d: Draw) -> Goal:
    made = _owner(d, "move_step_by_step", Change.MOVE, Opening.MOVE, count=d.rng.choice((1, 1, 2)))
    day = _elsewhere(d, made).date()
    wish = Wish(When(day=day), Takes(days=(day, day)))
    return _to(d, made, wish)


def move_off_grid(d: Draw) -> Goal:
    """To an hour that does not exist; takes what is offered instead."""
    made = _owner(d, "move_off_grid", Change.MOVE, Opening.MOVE_TO)
    day = _elsewhere(d, made).date()
    at = time(d.rng.randrange(9, 12), d.rng.choice((5, 10, 20, 25, 35, 40, 50, 55)))
    return _to(d, made, d.never(When(day=day, at=at)))


def cancel_then_move(d: Draw) -> Goal:
    """Wants to cancel, and thinks better of it at the read-back."""
    made = _owner(d, "cancel_then_move", Change.MOVE, Opening.CANCEL)
    return _to(d, made, d.exact(_elsewhere(d, made)))


# -- waiting ---------------------------------------------------------------------------------------


def waiting_list(d: Draw) -> Goal:
    """On a day that is full; would rather wait than come another day."""
    now = d.now()
    day = d.day(now, least=1, most=9)
    taken = d.full_day(day, now)
    made = d.goal("waiting_list", now, d.rng.choice((Opening.WAITLIST, Opening.WAITLIST_DAY)))
    visit = d.visit(Wish(When(day=day), Takes(days=(day, day))), service_id=USUAL)
    return replace(made, taken=taken, visits=(visit,), waits=day, caller_id=e164(made.phone))
