"""The grade of one conversation: from the final database state and what the caller agreed to.

No judge, no model: rows equal the goal's or they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dalpak.domain.records import CallEnd
from dalpak.language.he.guard import claims_booking
from dalpak.simulator.evals.acts import Consent, Ledger
from dalpak.simulator.evals.drawing import e164
from dalpak.simulator.evals.goals import Change, Goal, Twist, Visit
from dalpak.simulator.evals.listening import REPROMPTS, Heard
from dalpak.simulator.evals.noise import sounds
from dalpak.simulator.evals.salon import SERVICES, Taken, is_free, staff_for
from dalpak.simulator.evals.stage import Aftermath, Row

TELLS = frozenset({"your_appointment_is", "your_appointments_are", "your_next_are", "waitlisted"})
"""What stands, or is waited for, is told with the words of a confirmation."""

FIRST_ANSWER_WORDS = 24
"""SPEC D4."""


@dataclass(slots=True)
class Grade:
    """`problems` empty: the task succeeded."""

    problems: list[str] = field(default_factory=list)
    false_booking: bool = False
    """A row that the caller never said yes to."""
    wrong_slot: bool = False
    """A row that differs from what was read back and agreed."""
    false_confirmation: bool = False
    """Told "booked" without a row of that service and time (reliability I3)."""
    violation: bool = False
    """A row that the business's rules forbid."""
    bookings: int = 0
    off_grid_asked: int = 0
    off_grid_answered: int = 0
    """With exactly two valid suggestions."""
    keyed: int = 0
    keyed_right: int = 0
    turns_to_booking: int | None = None
    replies: int = 0
    reprompts: int = 0
    first_answers: int = 0
    first_too_long: int = 0
    unknown: list[str] = field(default_factory=list)
    """Sentences of the front desk that no phrase explains."""
    words: int = 0
    word_errors: int = 0

    @property
    def success(self) -> bool:
        return not self.problems


def grade(
    goal: Goal, ledger: Ledger, heard: Sequence[Heard], after: Aftermath, *, clean: bool
) -> Grade:
    """`clean`: nothing was misheard, so that names and messages must be the same letter by
    letter."""
    made = Grade(bookings=len(after.rows))
    _rows(made, goal, ledger, after.rows, clean=clean)
    _own(made, goal, ledger, after)
    _rest(made, goal, ledger, after, clean=clean)
    _confirmations(made, goal, heard, after)
    _suggestions(made, goal, heard)
    _keys(made, goal, ledger, after.rows)
    _manner(made, ledger, heard)
    return made


# -- rows ------------------------------------------------------------------------------------------


def _rows(made: Grade, goal: Goal, ledger: Ledger, rows: Sequence[Row], *, clean: bool) -> None:
    if len(rows) != goal.booked:
        made.problems.append(f"{len(rows)} bookings, not {goal.booked}")
    for row in rows:
        agreed = [c for c in ledger.consents if _is(row, c, clean=False)]
        made.wrong_slot |= bool(ledger.consents) and not agreed
        made.false_booking |= not ledger.consents
        if not is_free(row.start, row.service_id, row.staff_id, goal.taken, goal.now):
            made.violation = True
            made.problems.append("a row that the rules forbid")
    for visit, row in zip(goal.visits[: goal.booked], rows, strict=False):
        made.problems += _differences(goal, visit, row, clean=clean)


def _is(row: Row, consent: Consent, *, clean: bool) -> bool:
    told = consent.told
    same_name = row.name == told.name if clean else sounds(row.name) == sounds(told.name)
    return row.start == told.when and SERVICES[row.service_id].name == told.service and same_name


def _differences(goal: Goal, visit: Visit, row: Row, *, clean: bool) -> list[str]:
    found = []
    if not visit.wishes[-1].takes.suits(row.start):
        found.append(f"at {row.start:%d.%m. %H:%M}")
    if row.service_id != visit.service_id:
        found.append(f"service {row.service_id}")
    wants_staff = visit.staff_id in staff_for(visit.service_id)
    if wants_staff and row.staff_id != visit.staff_id:
        found.append(f"with {row.staff_id}")
    if row.name != goal.name if clean else sounds(row.name) != sounds(goal.name):
        found.append(f"for {row.name}")
    if row.phone != e164(goal.phone):
        found.append(f"phone {row.phone}")
    return found


def _own(made: Grade, goal: Goal, ledger: Ledger, after: Aftermath) -> None:
    """What stood before the call: gone, moved or untouched as the goal says, and agreed to."""
    before = {(SERVICES[t.service_id].name, t.start) for t in goal.own}
    now = {(SERVICES[row.service_id].name, row.start) for row in after.own}
    made.false_booking |= not before - now <= {(c.service, c.old) for c in ledger.changes}
    made.wrong_slot |= not now - before <= {(c.service, c.new) for c in ledger.changes}
    meant = {(SERVICES[t.service_id].name, t.start) for t in _meant(goal)}
    gone, new = before - now, sorted(start for _, start in now - before)
    if goal.change is not Change.NONE and gone != meant:
        made.problems.append(f"{len(gone)} appointments gone, not the one that was meant")
    elif goal.change is Change.NONE and gone:
        made.problems.append("an appointment is gone")
    if len(new) != (goal.change is Change.MOVE):
        made.problems.append(f"{len(new)} appointments moved")
    elif new and not goal.visits[0].wishes[-1].takes.suits(new[0]):
        made.problems.append(f"moved to {new[0]:%d.%m. %H:%M}")
    if after.waits != (() if goal.waits is None else (goal.waits,)):
        made.problems.append(f"waits for {', '.join(map(str, after.waits)) or 'nothing'}")
    made.false_booking |= len(after.waits) > ledger.waits


def _meant(goal: Goal) -> Sequence[Taken]:
    return () if goal.about is None else (goal.own[goal.about],)


def _rest(made: Grade, goal: Goal, ledger: Ledger, after: Aftermath, *, clean: bool) -> None:
    if goal.message and not after.note:
        made.problems.append("no message")
    elif goal.message and clean and goal.message not in after.note:
        made.problems.append("another message")
    if goal.transferred is not (after.end is CallEnd.TRANSFERRED):
        made.problems.append(f"ended by {after.end}")
    if goal.told and not goal.told & ledger.told:
        made.problems.append(f"never told: {', '.join(sorted(goal.told))}")
    if after.end in (None, CallEnd.INTERNAL_ERROR):
        made.problems.append(f"ended by {after.end}")


# -- what was said ---------------------------------------------------------------------------------


def _confirmations(made: Grade, goal: Goal, heard: Sequence[Heard], after: Aftermath) -> None:
    """Whatever was told as done is done; what was told to stand, stands or stood."""
    booked = {(SERVICES[row.service_id].name, row.start) for row in after.rows}
    own = {(SERVICES[row.service_id].name, row.start) for row in after.own}
    stood = {(SERVICES[t.service_id].name, t.start) for t in goal.own}
    for turn in heard:
        told = {pair for pair in turn.booked if pair[1] is not None}
        moved, gone = set(turn.moved), set(turn.cancelled)
        done = len(turn.booked) + len(turn.moved) + len(turn.cancelled)
        claims = sum(claims_booking(s.text) for s in turn.sentences if s.key not in TELLS)
        waits = "waitlisted" in turn.keys and not after.waits
        true = told <= booked and moved <= own and gone <= stood - own and not waits
        if not true or claims > done:
            made.false_confirmation = True


def _suggestions(made: Grade, goal: Goal, heard: Sequence[Heard]) -> None:
    for turn in heard:
        if "off_grid" not in turn.keys:
            continue
        made.off_grid_asked += 1
        services = {goal.visits[0].service_id}
        if goal.change is Change.MOVE:
            # Taken for somebody who books, the caller is offered times for what is usual.
            services.add(next(iter(SERVICES)))
        valid = [
            at
            for at in turn.offers
            if any(is_free(at, service, None, goal.taken, goal.now) for service in services)
        ]
        made.off_grid_answered += len(turn.offers) == len(valid) == 2


def _keys(made: Grade, goal: Goal, ledger: Ledger, rows: Sequence[Row]) -> None:
    spoken = any(twist is Twist.SPEAK_PHONE for _, twist in goal.twists)
    if rows and "ask_phone_keypad" in ledger.told and not spoken:
        made.keyed += 1
        made.keyed_right += all(row.phone == e164(goal.phone) for row in rows)


def _manner(made: Grade, ledger: Ledger, heard: Sequence[Heard]) -> None:
    if ledger.booked_after:
        made.turns_to_booking = ledger.booked_after[0]
    made.replies = max(0, len(heard) - 1)
    again = sum(bool(turn.keys & REPROMPTS) for turn in heard)
    made.reprompts = max(0, again - ledger.provoked)
    made.unknown = [s.text for turn in heard for s in turn.sentences if not s.key]
    if len(heard) > 1 and heard[1].sentences:
        made.first_answers = 1
        words = sum(len(s.text.split()) for s in heard[1].sentences)
        made.first_too_long = int(words > FIRST_ANSWER_WORDS)
    if ledger.gave_up:
        made.problems.append("the caller gave up")
