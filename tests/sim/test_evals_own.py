"""The grade of calls about appointments that stand, and about waiting for one: it can fail."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dalpak.domain.records import CallEnd
from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.simulator.evals.acts import Ledger
from dalpak.simulator.evals.conversation import Job
from dalpak.simulator.evals.goals import Goal
from dalpak.simulator.evals.grade import Grade, grade
from dalpak.simulator.evals.listening import ChangeTold, listen
from dalpak.simulator.evals.salon import SERVICES, Taken
from dalpak.simulator.evals.stage import Aftermath, Row

pytestmark = pytest.mark.sim


def rows(goal: Goal, *own: Taken) -> tuple[Row, ...]:
    phone = goal.caller_id or ""
    return tuple(Row(o.start, o.service_id, o.staff_id, goal.name, phone) for o in own)


def about(goal: Goal) -> Taken:
    assert goal.about is not None
    return goal.own[goal.about]


def graded(goal: Goal, after: Aftermath, *agreed: ChangeTold, told: tuple[str, ...] = ()) -> Grade:
    return grade(goal, Ledger(changes=list(agreed)), [listen(told, goal.now)], after, clean=True)


def agreed_to(goal: Goal, new: Taken | None = None) -> ChangeTold:
    old = about(goal)
    return ChangeTold(SERVICES[old.service_id].name, old.start, new.start if new else None)


def in_words(goal: Goal, key: str, visit: Taken) -> str:
    when = HEBREW.speech.moment(visit.start, goal.now)
    return HEBREW.phrase(key, service=Spoken(SERVICES[visit.service_id].name), when=when).text


def test_a_cancellation_that_was_agreed_to_succeeds_and_one_that_was_not_is_false() -> None:
    goal = Job("cancel", 0).goal()
    gone = Aftermath((), "", CallEnd.AGENT)
    told = (in_words(goal, "cancelled", about(goal)),)

    assert graded(goal, gone, agreed_to(goal), told=told).success
    assert graded(goal, gone).false_booking
    assert not graded(goal, replace(gone, own=rows(goal, *goal.own))).success


def test_told_as_cancelled_and_still_there_is_a_false_confirmation() -> None:
    goal = Job("cancel", 0).goal()
    told = (in_words(goal, "cancelled", about(goal)),)
    stands = Aftermath((), "", CallEnd.AGENT, own=rows(goal, *goal.own))

    assert graded(goal, stands, agreed_to(goal), told=told).false_confirmation


def test_the_wrong_one_of_several_is_no_success() -> None:
    goal = Job("cancel_one_of_several", 0).goal()
    after = Aftermath((), "", CallEnd.AGENT, own=rows(goal, about(goal)))

    made = graded(goal, after, agreed_to(goal))
    assert not made.success
    assert made.false_booking


def test_a_move_to_another_hour_than_was_agreed_is_a_wrong_slot() -> None:
    goal = Job("move_in_one_sentence", 0).goal()
    start = goal.visits[0].wishes[0].takes.start
    assert start is not None
    right = replace(about(goal), start=start)
    wrong = replace(right, start=start + timedelta(minutes=15))

    def after(moved: Taken) -> Aftermath:
        return Aftermath((), "", CallEnd.AGENT, own=rows(goal, moved))

    assert graded(goal, after(right), agreed_to(goal, right)).success
    assert graded(goal, after(wrong), agreed_to(goal, right)).wrong_slot
    assert not graded(goal, after(wrong), agreed_to(goal, wrong)).success
    told = (in_words(goal, "rescheduled", right),)
    assert graded(goal, after(wrong), agreed_to(goal, right), told=told).false_confirmation


def test_an_appointment_that_nobody_spoke_of_must_stand() -> None:
    goal = replace(Job("when_is_mine", 0).goal(), told=frozenset())

    assert graded(goal, Aftermath((), "", CallEnd.AGENT, own=rows(goal, *goal.own))).success
    assert not graded(goal, Aftermath((), "", CallEnd.AGENT)).success


def test_waiting_without_a_yes_and_a_promise_without_a_row_are_false() -> None:
    goal = Job("waiting_list", 0).goal()
    assert goal.waits is not None
    none = Aftermath((), "", CallEnd.AGENT)
    waits = replace(none, waits=(goal.waits,))
    told = (HEBREW.phrase("waitlisted").text,)

    assert grade(goal, Ledger(waits=1), [listen(told, goal.now)], waits, clean=True).success
    assert graded(goal, waits).false_booking
    assert graded(goal, none, told=told).false_confirmation
