"""One table of deadlines: what is told and what is due cannot disagree, and every row moves."""

import pytest
from call_harness import PROMPTS, Talk, is_backchannel
from call_inputs import anything
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call import deadlines
from dalpak.call.deadlines import Due, earliest, table
from dalpak.call.inputs import CallStarted, FinalHeard, Input, TimePassed
from dalpak.call.limits import Limits
from dalpak.call.machine import Call
from dalpak.call.phase import Phase

pytestmark = pytest.mark.unit


@given(st.lists(st.tuples(anything(), st.integers(0, 3_000)), max_size=40))
def test_the_deadline_is_the_first_due_and_lies_in_the_future(
    steps: list[tuple[Input, int]],
) -> None:
    call, now = Call(Limits(), PROMPTS, is_backchannel), 0
    call.handle(CallStarted(ears=True), now)
    for what, ms in steps:
        now += ms
        call.handle(what, now)
        if call.phase is Phase.ENDED:
            assert call.deadline() is None
            return
        at = call.deadline()
        assert at is not None
        assert at > now
        now_first = earliest(call, now)
        assert now_first is not None
        assert now_first[0] == at, "what is kept from the last step is what the table says"
        for when, is_due in ((at - 1, False), (at, True)):
            first = earliest(call, when)
            assert first is not None
            assert (first[0] <= when) is is_due


@given(st.lists(st.tuples(anything(), st.integers(0, 3_000)), max_size=25))
def test_waking_exactly_at_the_deadline_always_moves_it(steps: list[tuple[Input, int]]) -> None:
    call, now = Call(Limits(), PROMPTS, is_backchannel), 0
    call.handle(CallStarted(ears=True), now)
    for what, ms in steps:
        now += ms
        call.handle(what, now)
    for _ in range(200):
        at = call.deadline()
        if at is None:
            break
        call.handle(TimePassed(), at)
        assert call.deadline() is None or call.deadline() != at


def test_before_the_start_and_after_the_end_there_is_none() -> None:
    call = Call(Limits(), PROMPTS, is_backchannel)
    assert call.deadline() is None
    assert call.handle(TimePassed(), 10) == []


def test_ties_are_settled_in_the_order_of_the_table() -> None:
    talk = Talk().start()
    talk.tell(FinalHeard("hello"))
    running = [(at, due) for at, due in table(talk.call, talk.now) if at is not None]
    order = list(Due)
    first = min(running, key=lambda row: (row[0], order.index(row[1])))

    assert earliest(talk.call, talk.now) == first
    assert talk.call.deadline() == first[0]


@pytest.mark.parametrize(
    "moments", [(None, None), (5, None), (None, 5), (5, 5), (7, 5), (5, 7)], ids=str
)
def test_the_earliest_of_two_and_the_first_of_equals(
    moments: tuple[int | None, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = list(zip(moments, (Due.CLOSING, Due.WARNING), strict=True))
    monkeypatch.setattr(deadlines, "table", lambda _call, _now: rows)
    running = [(at, due) for at, due in rows if at is not None]

    found = earliest(Call(Limits(), PROMPTS, is_backchannel), 0)
    assert found == (min(running, key=lambda row: row[0]) if running else None)
