"""The phase of a call: one table of moves, one door.

Rule 1: a phase is entered only through `PhaseMachine.enter`, which refuses a move that is not in MOVES.
Rule 2: the phase is a summary for people, screens and timeouts; floor, turn, playout and keypad keep their own state.
"""

from enum import StrEnum


class Phase(StrEnum):
    RINGING = "ringing"
    SPEAKING = "speaking"
    LISTENING = "listening"
    THINKING = "thinking"
    WAITING_FOR_DTMF = "waiting_for_dtmf"
    CLOSING = "closing"
    ENDED = "ended"


_TALKING = frozenset(
    {
        Phase.SPEAKING,
        Phase.LISTENING,
        Phase.THINKING,
        Phase.WAITING_FOR_DTMF,
        Phase.CLOSING,
        Phase.ENDED,
    }
)

MOVES: dict[Phase, frozenset[Phase]] = {
    Phase.RINGING: frozenset({Phase.SPEAKING, Phase.THINKING, Phase.CLOSING, Phase.ENDED}),
    Phase.SPEAKING: _TALKING - {Phase.SPEAKING},
    Phase.LISTENING: _TALKING - {Phase.LISTENING},
    Phase.THINKING: _TALKING - {Phase.THINKING},
    Phase.WAITING_FOR_DTMF: _TALKING - {Phase.WAITING_FOR_DTMF},
    Phase.CLOSING: frozenset({Phase.ENDED}),
    Phase.ENDED: frozenset(),
}


class IllegalMoveError(AssertionError):
    """The core contradicted its own table."""


class PhaseMachine:
    def __init__(self) -> None:
        self.now = Phase.RINGING

    def enter(self, phase: Phase) -> bool:
        """Move to `phase`; False if already there. Raises IllegalMoveError, naming both."""
        if phase is self.now:
            return False
        if phase not in MOVES[self.now]:
            raise IllegalMoveError(
                f"expected one of {sorted(MOVES[self.now])} after {self.now!r}, got {phase!r}"
            )
        self.now = phase
        return True


def mermaid() -> str:
    """The state diagram of docs/architecture.md, made from the table."""
    lines = ["stateDiagram-v2", "    [*] --> ringing"]
    for source, targets in MOVES.items():
        lines += [f"    {source} --> {target}" for target in sorted(targets)]
    lines.append("    ended --> [*]")
    return "\n".join(lines)
