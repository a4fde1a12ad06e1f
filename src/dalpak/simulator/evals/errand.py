"""Where a caller is in what it wants: which visit, which wish of it, and how they are called.

Moves on when something was booked, refused or thought better of. Nothing is said here.
"""

from random import Random

from dalpak.simulator.evals.goals import Goal, Visit, When, Wish
from dalpak.simulator.evals.salon import SERVICES, STAFF

HOUR_ALONE = 0.7
"""How often only what is different is said of another wish: "at five", not the day again."""


class Errand:
    def __init__(self, goal: Goal, rng: Random) -> None:
        self._goal, self._rng = goal, rng
        self._visit = self._wish = 0
        self.refused = False
        """The front desk has said that the present wish cannot be had."""
        self.service_told = False

    @property
    def visit(self) -> Visit | None:
        visits = self._goal.visits
        return visits[self._visit] if self._visit < len(visits) else None

    @property
    def wish(self) -> Wish | None:
        return self.visit.wishes[self._wish] if self.visit else None

    @property
    def has_more(self) -> bool:
        """Another appointment is still to be had."""
        return self._visit < self._goal.booked

    def next_wish(self) -> bool:
        if self.visit is None or self._wish + 1 >= len(self.visit.wishes):
            return False
        self._wish += 1
        self.refused = False
        return True

    def next_visit(self) -> None:
        self._visit, self._wish = self._visit + 1, 0
        self.refused = self.service_told = False

    @property
    def listed_service(self) -> str:
        """As the front desk calls what the caller wants."""
        return SERVICES[self.visit.service_id].name if self.visit else ""

    @property
    def service(self) -> str:
        """As the caller calls it; of the last visit once there is none to be had."""
        visit = self.visit or (self._goal.visits[-1] if self._goal.visits else None)
        if visit is None:
            return next(iter(SERVICES.values())).name
        return visit.service_said or SERVICES[visit.service_id].name

    @property
    def staff(self) -> str:
        """Whom the caller wants to be served by; empty for anybody."""
        wanted = self.visit.staff_id if self.visit else None
        return STAFF[wanted].name if wanted else ""

    def difference(self, before: When, after: When) -> When:
        """What of a wish is said anew."""
        if before.day == after.day and after.at is not None and self._rng.random() < HOUR_ALONE:
            return When(at=after.at)
        if before.at == after.at and before.day != after.day and self._rng.random() < HOUR_ALONE:
            return When(day=after.day)
        return after
