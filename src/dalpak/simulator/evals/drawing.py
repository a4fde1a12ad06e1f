"""Dice for goals: a moment to call at, a diary with something in it, a time that is free.

Everything here is drawn from one seed, so that the same conversation can be had again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from dalpak.language.he.evals_words import FIRST_NAMES, LAST_NAMES
from dalpak.simulator.evals.goals import Goal, Opening, Takes, Visit, When, Wish
from dalpak.simulator.evals.salon import (
    SERVICES,
    WINDOW,
    ZONE,
    Taken,
    free_starts,
    hours_of,
    staff_for,
)

FIRST_DAY = date(2026, 11, 15)
DAYS = 40
AHEAD_MAX = 16
MOBILES = ("050", "052", "053", "054", "058")
USUAL = next(iter(SERVICES))
"""What is booked when the caller names no service: the first of the list."""


class Draw:
    def __init__(self, rng: Random) -> None:
        self.rng = rng

    # -- the world -----------------------------------------------------------------------------

    def now(self, *, first: int = 8, last: int = 19) -> datetime:
        """A working moment, Sunday to Thursday."""
        rng = self.rng
        day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
        while day.weekday() in (4, 5):
            day += timedelta(days=1)
        return datetime.combine(day, time(rng.randrange(first, last), rng.randrange(60)), ZONE)

    def diary(self, now: datetime, count: int = 8) -> tuple[Taken, ...]:
        """Some appointments in the days to come, none over another."""
        taken: list[Taken] = []
        for _ in range(self.rng.randrange(count + 1)):
            service = self.rng.choice(list(SERVICES))
            person = self.rng.choice(staff_for(service))
            day = self.day(now, most=8)
            starts = free_starts(day, service, person, taken, now)
            if starts:
                taken.append(Taken(self.rng.choice(starts), service, person))
        return tuple(taken)

    def full_day(self, day: date, now: datetime) -> tuple[Taken, ...]:
        """Everybody busy from the opening to the end."""
        taken: list[Taken] = []
        for person in staff_for(USUAL):
            while starts := free_starts(day, "haircut-men", person, taken, now):
                taken.append(Taken(starts[0], "haircut-men", person))
        return tuple(taken)

    def day(self, now: datetime, *, least: int = 1, most: int = AHEAD_MAX) -> date:
        """A day on which the salon is open."""
        while True:
            day = now.date() + timedelta(days=self.rng.randint(least, most))
            if hours_of(day) is not None:
                return day

    def start(
        self,
        now: datetime,
        service_id: str,
        taken: Sequence[Taken],
        *,
        staff_id: str | None = None,
        day: date | None = None,
        but: datetime | None = None,
    ) -> datetime:
        """A free start; mostly on the full or the half hour, as people ask."""
        while True:
            on = day or self.day(now)
            starts = [s for s in free_starts(on, service_id, staff_id, taken, now) if s != but]
            round_ones = [s for s in starts if s.minute in (0, 30)]
            if round_ones and self.rng.random() < 0.75:
                return self.rng.choice(round_ones)
            if starts:
                return self.rng.choice(starts)
            assert day is None, "nothing free on the day that was asked for"

    # -- people ----------------------------------------------------------------------------------

    def name(self) -> str:
        first = self.rng.choice(FIRST_NAMES)
        return f"{first} {self.rng.choice(LAST_NAMES)}" if self.rng.random() < 0.8 else first

    def mobile(self) -> str:
        rest = "".join(str(self.rng.randrange(10)) for _ in range(6))
        return f"{self.rng.choice(MOBILES)}{self.rng.choice('23456789')}{rest}"

    def landline(self) -> str:
        rest = "".join(str(self.rng.randrange(10)) for _ in range(6))
        return f"03{self.rng.choice('56')}{rest}"

    def service(self) -> str:
        return self.rng.choice(list(SERVICES))

    def word_for(self, service_id: str) -> str:
        """The business's own name of it, or one of the others."""
        service = SERVICES[service_id]
        return self.rng.choice((service.name, service.name, *service.aliases))

    def opening(self, *ways: Opening) -> Opening:
        return self.rng.choice(ways)

    # -- goals -----------------------------------------------------------------------------------

    def exact(self, start: datetime) -> Wish:
        return Wish(When(day=start.date(), at=start.time()), Takes(start=start))

    def never(self, when: When, *, takes: Takes | None = None) -> Wish:
        """A wish that cannot be had; what is offered instead is taken, unless `takes` says no."""
        return Wish(when, takes or Takes(), impossible=True)

    def visit(self, *wishes: Wish, service_id: str = USUAL, staff_id: str | None = None) -> Visit:
        return Visit(service_id, wishes, staff_id, self.word_for(service_id))

    def goal(self, family: str, now: datetime, opening: Opening, *visits: Visit) -> Goal:
        """A caller without a number of their own who books every visit; vary it with `replace`."""
        return Goal(
            family=family,
            now=now,
            opening=opening,
            visits=visits,
            booked=len(visits),
            name=self.name(),
            phone=self.mobile(),
        )

    def plain(self, family: str, *openings: Opening) -> Goal:
        """One visit, at a free hour of a day to come."""
        now = self.now()
        taken = self.diary(now)
        service = self.service()
        start = self.start(now, service, taken)
        ways = openings or (Opening.INTENT, Opening.SERVICE, Opening.WHEN)
        visit = self.visit(self.exact(start), service_id=service)
        made = self.goal(family, now, self.rng.choice(ways), visit)
        return replace(made, taken=taken)

    def two_times(self, now: datetime, taken: Sequence[Taken], service: str) -> tuple[Wish, Wish]:
        """Two free hours, often of one day."""
        first = self.start(now, service, taken)
        same_day = first.date() if self.rng.random() < 0.7 else None
        second = self.start(now, service, taken, day=same_day, but=first)
        return self.exact(first), self.exact(second)


def e164(national: str) -> str:
    return f"+972{national[1:]}"


def last_day(now: datetime) -> date:
    return now.date() + WINDOW
