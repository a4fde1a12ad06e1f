"""Faults that strike in one moment of a call only: nobody is left in silence, and no call is lost."""

import pytest

from dalpak.simulator import fault_cells
from dalpak.simulator.fault_cells import MOMENTS, Cell, try_cell
from dalpak.simulator.faults import Fault
from dalpak.simulator.rules import DEAD_AIR_MS

pytestmark = pytest.mark.sim


def test_there_are_three_hundred_cells() -> None:
    assert len(Fault) * len(MOMENTS) >= 300


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("fault", [Fault.AGENT_SILENT, Fault.TTS_SILENT, Fault.STT_FINAL_LOST])
def test_nobody_is_left_in_silence(fault: Fault, moment: str) -> None:
    cell = try_cell(fault, moment, range(2))

    assert cell.broken == ()
    assert cell.longest_ms <= DEAD_AIR_MS


def test_a_fault_strikes_in_its_moment_only() -> None:
    thinking = try_cell(Fault.AGENT_SILENT, "thinking", range(6))
    ringing = try_cell(Fault.AGENT_SILENT, "ringing", range(6))

    assert thinking.struck > 0
    assert ringing.struck == 0


def test_a_broken_cell_is_told_and_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = Cell(Fault.DRAIN, "keying", 1, 1, 3_400, ("7: reason: agent [why]",))
    monkeypatch.setattr(fault_cells, "cells", lambda seeds: iter([lost]))

    with pytest.raises(fault_cells.CellBrokenError, match="1 cells"):
        fault_cells.main(["--seeds", "1"])
    out = capsys.readouterr().out
    assert "calls lost: 1" in out
    assert "longest dead air: 3.40 s" in out
