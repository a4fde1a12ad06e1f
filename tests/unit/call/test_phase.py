"""The table of phases."""

import pytest

from dalpak.call.phase import MOVES, IllegalMoveError, Phase, PhaseMachine, mermaid

pytestmark = pytest.mark.unit


def entered(*phases: Phase) -> PhaseMachine:
    machine = PhaseMachine()
    for phase in phases:
        machine.enter(phase)
    return machine


def test_every_phase_is_in_the_table_and_can_be_reached() -> None:
    assert set(MOVES) == set(Phase)
    reached = {Phase.RINGING}
    while new := {to for phase in reached for to in MOVES[phase]} - reached:
        reached |= new
    assert reached == set(Phase)


@pytest.mark.parametrize("phase", [p for p in Phase if p is not Phase.ENDED])
def test_every_phase_can_end(phase: Phase) -> None:
    assert Phase.ENDED in MOVES[phase]


def test_nothing_comes_after_the_end() -> None:
    assert MOVES[Phase.ENDED] == frozenset()
    with pytest.raises(IllegalMoveError, match="ended"):
        entered(Phase.ENDED).enter(Phase.LISTENING)


def test_a_goodbye_is_not_taken_back() -> None:
    with pytest.raises(IllegalMoveError, match="closing"):
        entered(Phase.CLOSING).enter(Phase.LISTENING)


def test_entering_the_present_phase_is_no_move() -> None:
    machine = entered(Phase.SPEAKING)

    assert machine.enter(Phase.SPEAKING) is False
    assert machine.enter(Phase.LISTENING) is True
    assert machine.now is Phase.LISTENING


def test_the_diagram_shows_every_move() -> None:
    text = mermaid()

    assert all(f"{a} --> {b}" in text for a, targets in MOVES.items() for b in targets)
