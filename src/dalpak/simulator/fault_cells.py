"""The command that tries every fault in every moment of a call: how long is the longest dead air, and is a call lost?

    python -m dalpak.simulator.fault_cells --seeds 3

A cell is one kind of fault that strikes at every opportunity, but only while the call is in one moment: in the
greeting, while the caller speaks, in a draft, within a write ... (What befalls a whole call, a deaf STT or a lost line,
is drawn before it begins.) Every rule of `rules.py` is watched in every call. The exit code is 1 when one was broken:
a caller left in silence for too long, a call that ended for no reason.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dalpak.call.limits import Ms
from dalpak.call.machine import Call
from dalpak.call.phase import Phase
from dalpak.errors import DalpakError
from dalpak.simulator.faults import Fault, Faults
from dalpak.simulator.one_call import World
from dalpak.simulator.rules import DEAD_AIR_MS

SHOWN = 5
"""Broken cells that are told in full, and the longest silences."""


def _writing(call: Call) -> bool:
    turn = call.turns.current
    return turn is not None and turn.writing_since is not None


MOMENTS: dict[str, Callable[[Call], bool]] = {
    "ringing": lambda call: call.phase is Phase.RINGING,
    "greeting": lambda call: call.turns.last_number == 0 and call.playout.busy,
    "speaking": lambda call: call.phase is Phase.SPEAKING,
    "listening": lambda call: call.phase is Phase.LISTENING,
    "caller_speaks": lambda call: call.floor.caller_speaking,
    "broken_off": lambda call: call.playout.paused_at is not None and call.playout.busy,
    "drafting": lambda call: call.turns.draft is not None,
    "thinking": lambda call: call.turns.thinking,
    "writing": _writing,
    "keying": lambda call: call.keypad.collecting,
    "closing": lambda call: call.closing_at is not None,
}
"""By name: is the call in it now?"""


@dataclass(frozen=True, slots=True)
class Cell:
    fault: Fault
    moment: str
    calls: int
    struck: int
    """How often the fault really came."""
    longest_ms: Ms
    broken: tuple[str, ...]
    """What of the rules did not hold, seed by seed."""

    @property
    def lost(self) -> int:
        """Calls that ended for no reason that really happened, or by an exception."""
        return sum(text.split(": ")[1].startswith(("reason", "no_raise")) for text in self.broken)


class CellBrokenError(DalpakError):
    """At least one cell broke a rule: the process ends with exit code 1."""


def try_cell(fault: Fault, moment: str, seeds: Sequence[int]) -> Cell:
    longest, struck, broken = 0, 0, []
    for seed in seeds:
        faults = Faults(seed, only=fault)
        world = World(seed, faults=faults)
        faults.strikes = lambda call=world.call: MOMENTS[moment](call)  # type: ignore[misc]
        outcome = world.run()
        struck += sum(faults.injected.values())
        longest = max(longest, world.watch.silence.longest_ms)
        if outcome.failure is not None:
            broken.append(f"{seed}: {outcome.failure}")
    return Cell(fault, moment, len(seeds), struck, longest, tuple(broken))


def cells(seeds: Sequence[int]) -> Iterator[Cell]:
    for fault in Fault:
        for moment in MOMENTS:
            yield try_cell(fault, moment, seeds)


def main(argv: Sequence[str] | None = None) -> None:
    """Raises CellBrokenError."""
    parser = argparse.ArgumentParser(
        prog="python -m dalpak.simulator.fault_cells", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--seeds", type=int, default=3, help="calls in each cell (default 3)")
    parser.add_argument("--start", type=int, default=0, help="the first seed (default 0)")
    args = parser.parse_args(argv)
    done = list(cells(range(args.start, args.start + args.seeds)))
    _tell(done)
    if any(cell.broken for cell in done):
        raise CellBrokenError(f"{sum(bool(cell.broken) for cell in done)} cells broke a rule")


def _tell(done: Sequence[Cell]) -> None:
    calls, struck = sum(c.calls for c in done), sum(c.struck for c in done)
    _write(f"{len(done)} cells ({len(Fault)} faults x {len(MOMENTS)} moments), {calls} calls, ")
    _write(f"{struck} faults struck\n")
    _write(f"calls lost: {sum(c.lost for c in done)}\n")
    worst = sorted(done, key=lambda cell: -cell.longest_ms)[:SHOWN]
    _write(f"longest dead air: {worst[0].longest_ms / 1000:.2f} s (<= {DEAD_AIR_MS / 1000} s)\n")
    for cell in worst:
        _write(f"  {cell.fault.value:<24}{cell.moment:<16}{cell.longest_ms / 1000:.2f} s\n")
    for cell in [c for c in done if c.broken][:SHOWN]:
        _write(f"broken: {cell.fault.value} while {cell.moment}: {cell.broken[0]}\n")


def _write(text: str) -> None:
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
