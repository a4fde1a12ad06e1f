"""The evals themselves: a sample of every family on the real front desk, and a grade that can fail."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from evals_desk import ScriptedDesk, wanted_row
from hypothesis import given, settings
from hypothesis import strategies as st

from dalpak.cli.evals import conversations, main
from dalpak.domain.policy import Policy
from dalpak.domain.records import Busy, Resource, Service
from dalpak.domain.slots import free_slots
from dalpak.language.he import demo_salon
from dalpak.simulator.evals.conversation import TRIALS, Conversation, Job, converse
from dalpak.simulator.evals.drawing import FIRST_DAY, Draw
from dalpak.simulator.evals.families_talk import FAMILIES
from dalpak.simulator.evals.goals import Goal, Opening
from dalpak.simulator.evals.noise import garble, sounds, word_errors
from dalpak.simulator.evals.plan import jobs_of
from dalpak.simulator.evals.report import Report, as_json, tell
from dalpak.simulator.evals.salon import SERVICES, STAFF, ZONE, Taken, free_starts, is_free

pytestmark = pytest.mark.sim

SAMPLE_NOISY = 10


# -- the real front desk ---------------------------------------------------------------------------


def test_a_caller_of_every_family_gets_what_it_wants() -> None:
    done = list(conversations([Job(family, 4) for family in FAMILIES]))

    assert {c.job.family: c.grade.problems for c in done if not c.grade.success} == {}
    assert [(c.job.family, c.grade.unknown) for c in done if c.grade.unknown] == []
    assert not any(c.grade.false_booking or c.grade.wrong_slot for c in done)
    assert not any(c.grade.false_confirmation or c.grade.first_too_long for c in done)
    assert sum(c.grade.bookings for c in done) > len(done) / 2


def test_misheard_words_book_nothing_that_nobody_agreed_to() -> None:
    families = list(FAMILIES)[:: len(FAMILIES) // SAMPLE_NOISY + 1]
    done = list(conversations([Job(family, 9, 0.2) for family in families]))

    assert sum(c.grade.word_errors for c in done) > 0
    assert not any(c.grade.false_booking or c.grade.wrong_slot for c in done)
    assert not any(c.grade.false_confirmation or c.grade.violation for c in done)
    assert sum(c.grade.success for c in done) >= 0.8 * len(done)


def test_a_conversation_replays_from_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    job = Job("change_after_read_back", 3, 0.1)
    first, second = (next(conversations([job])) for _ in range(2))

    assert first.lines == second.lines
    assert main(["--family", job.family, "--seed", "3", "--noise", "0.1", "--show"]) == 0
    assert all(line.text in capsys.readouterr().out for line in first.lines[:1])


# -- goals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_wanted_can_be_had_exactly_where_the_goal_says_so(family: str) -> None:
    for task in range(6):
        goal = Job(family, TRIALS * task).goal()
        assert goal.family == family
        assert goal.now.tzinfo is not None
        for visit in goal.visits:
            for wish in visit.wishes:
                start = wish.takes.start
                if start is not None:
                    assert is_free(start, visit.service_id, None, goal.taken, goal.now)
                if wish.impossible and wish.when.day and wish.when.at:
                    at = datetime.combine(wish.when.day, wish.when.at, ZONE)
                    if wish.when.day < goal.now.date() + timedelta(30):
                        assert not is_free(at, visit.service_id, None, goal.taken, goal.now)


def test_the_plan_is_whole_tasks_of_every_family() -> None:
    jobs = jobs_of(list(FAMILIES), 3000, 0.0, 1)

    assert len(jobs) == len(set(jobs)) == 3000
    assert {job.family for job in jobs} == set(FAMILIES)
    assert len(FAMILIES) >= 25
    per_task = {(job.family, job.task) for job in jobs}
    assert len(per_task) == 3000 // TRIALS


def policy() -> Policy:
    return Policy.from_json(dict(demo_salon.POLICY))


def services() -> dict[str, Service]:
    return {
        s.id: Service(
            s.id, s.name, s.duration_min, buffer_after_min=s.clean_up_min, resource_ids=s.staff
        )
        for s in demo_salon.SERVICES
    }


def busy_of(taken: Sequence[Taken]) -> list[Busy]:
    found = []
    for n, t in enumerate(taken):
        service = SERVICES[t.service_id]
        end = t.start + timedelta(minutes=service.duration_min)
        block = end + timedelta(minutes=service.clean_up_min)
        found.append(Busy(f"a{n}", t.staff_id, 0, t.start, end, t.start, block))
    return found


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), ahead=st.integers(0, 33))
def test_the_oracle_and_the_product_offer_the_same(seed: int, ahead: int) -> None:
    draw = Draw(Random(seed))
    now = draw.now()
    taken = draw.diary(now)
    service = draw.service()
    staff = draw.rng.choice([None, *STAFF])
    resources = [Resource(id=s, name=s) for s in STAFF]
    day = now.date() + timedelta(days=ahead)

    ours = free_starts(day, service, staff, taken, now)
    able = [r for r in resources if not SERVICES[service].staff or r.id in SERVICES[service].staff]
    able = [r for r in able if staff in (None, r.id)]
    product = free_slots(policy(), services()[service], day, busy_of(taken), now, resources=able)

    assert [s.start.astimezone(ZONE) for s in product] == ours


# -- noise -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.1, 0.2])
def test_as_many_words_are_misheard_as_was_asked_for(rate: float) -> None:
    said = "אני רוצה לקבוע תור לתספורת ביום שלישי בשלוש וחצי על שם דנה כהן"
    rng = Random(1)
    heard = [garble(said, rate, rng) for _ in range(800)]

    errors = sum(word_errors(said, text) for text in heard)
    assert errors / (800 * len(said.split())) == pytest.approx(rate, rel=0.12)
    assert all(heard)
    assert garble(said, rate, Random(7)) == garble(said, rate, Random(7))


def test_spellings_of_one_sound_are_equal_and_others_are_not() -> None:
    assert sounds("דנה כהן") == sounds("דנא קהן")
    assert sounds("דנה") != sounds("דינה")


# -- the grade -------------------------------------------------------------------------------------


async def graded(desk: ScriptedDesk) -> Conversation:
    return await converse(desk, Job("one_sentence", 0))


async def test_an_honest_desk_succeeds() -> None:
    done = await graded(ScriptedDesk())

    assert done.grade.success, done.grade.problems
    assert done.grade.turns_to_booking == 2
    assert not done.grade.false_booking
    assert not done.grade.false_confirmation


async def test_a_row_that_nobody_agreed_to_is_a_false_booking() -> None:
    done = await graded(ScriptedDesk(waits=False))

    assert done.grade.false_booking


async def test_booked_without_a_row_is_a_false_confirmation() -> None:
    done = await graded(ScriptedDesk(rows=lambda _: []))

    assert done.grade.false_confirmation
    assert not done.grade.success


async def test_another_hour_than_was_read_back_is_a_wrong_slot() -> None:
    def later(goal: Goal) -> list:
        row = wanted_row(goal)
        return [replace(row, start=row.start + timedelta(minutes=15))]

    done = await graded(ScriptedDesk(rows=later))

    assert done.grade.wrong_slot
    assert done.grade.false_confirmation
    assert not done.grade.success


@pytest.mark.parametrize(
    "change",
    [
        {"service_id": "blow-dry"},
        {"name": "מישהי אחרת"},
        {"phone": "+972500000001"},
        {"start": datetime(2026, 11, 28, 12, tzinfo=ZoneInfo("Asia/Jerusalem"))},
    ],
    ids=["service", "name", "phone", "on Shabbat"],
)
async def test_a_wrong_row_is_no_success(change: dict) -> None:
    desk = ScriptedDesk(rows=lambda goal: [replace(wanted_row(goal), **change)])
    goal = Job("one_sentence", 0).goal()
    assert goal.visits[0].service_id != "blow-dry"

    assert not (await graded(desk)).grade.success


async def test_a_caller_says_yes_to_nothing_but_its_wish() -> None:
    def tomorrow(goal: Goal) -> object:
        row = wanted_row(goal)
        return replace(row, start=row.start + timedelta(days=7))

    desk = ScriptedDesk(told=tomorrow, rows=lambda _: [], confirms=False)  # type: ignore[arg-type]
    done = await graded(desk)

    assert done.grade.problems
    assert not done.grade.wrong_slot
    opening, answer = desk.said[:2]
    assert opening != answer
    assert answer not in ("כן", "כן בבקשה", "נכון")


async def test_the_table_counts_what_was_graded() -> None:
    report = Report(0.0)
    for number in range(TRIALS):
        honest = number or None
        desk = ScriptedDesk() if honest else ScriptedDesk(rows=lambda _: [])
        report.add(await converse(desk, Job("one_sentence", number)))

    assert report.success == 0.75
    assert report.pass_k(1) == 0.75
    assert report.pass_k(4) == 0.0
    assert not report.meets_targets
    table = tell([report], failures=5)
    assert "3 of 4" in table
    assert "--family one_sentence --seed 0" in table
    data = json.loads(as_json([report]))
    ids = [figure["id"] for figure in data["runs"][0]["figures"]]
    assert ids[:9] == ["Q1", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9", "Q10"]
    assert data["runs"][0]["families"]["one_sentence"] == {"succeeded": 3, "conversations": 4}


def test_openings_tell_as_much_as_they_say() -> None:
    goals = [Job("one_sentence", TRIALS * n).goal() for n in range(5)]

    assert {goal.opening for goal in goals} == {Opening.FULL}
    assert all(goal.now.date() >= FIRST_DAY for goal in goals)
