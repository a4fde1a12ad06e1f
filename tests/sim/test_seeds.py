"""Whole calls in virtual time, from seeds: new ones and every one that ever broke a rule."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dalpak.simulator import world
from dalpak.simulator.farm import known_seeds, remember, run
from dalpak.simulator.faults import RATES, Fault, Faults
from dalpak.simulator.one_call import Outcome, digest, run_seed
from dalpak.simulator.rules import RULES

pytestmark = pytest.mark.sim

HERE = Path(__file__).parent
KNOWN = known_seeds(HERE / "seeds.txt")
SEEDS = 50


def explain(outcome: Outcome) -> str:
    return "\n".join([f"seed {outcome.seed}: {outcome.failure}", *outcome.tail])


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_rule_holds(seed: int) -> None:
    outcome = run_seed(seed)

    assert outcome.failure is None, explain(outcome)
    assert outcome.ending is not None


def test_every_seed_that_once_broke_a_rule_keeps_them_all() -> None:
    assert [explain(o) for o in map(run_seed, sorted(set(KNOWN))) if o.failure] == []
    assert len(KNOWN) > 40


def test_the_same_seed_gives_the_same_call() -> None:
    assert [digest(seed) for seed in range(5)] == [digest(seed) for seed in range(5)]
    assert digest(0) != digest(1)


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_hashing_does_not_change_a_call(hash_seed: str) -> None:
    code = "from dalpak.simulator.one_call import digest; print(digest(7))"
    src = str(HERE.parents[1] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": src, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == digest(7)


def test_seeds_reach_every_kind_of_fault() -> None:
    active: Counter[Fault] = Counter()
    for seed in range(400):
        active.update(Faults(seed).rates)

    assert set(active) == set(Fault) == set(RATES)


def test_a_call_without_faults_is_part_of_the_sample() -> None:
    assert sum(not Faults(seed).rates for seed in range(100)) >= 5


# -- the command ---------------------------------------------------------------------------------


def broken(seed: int) -> Outcome:
    return Outcome(seed, "lead: 400 ms ahead", ("last line",), 1, 1, 1, 1, None)


def test_a_broken_rule_is_told_with_its_replay_and_remembered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("dalpak.simulator.farm.run_seed", broken)
    kept = tmp_path / "seeds.txt"
    said: list[str] = []

    tally = run([3, 4], said.append, keep=kept)

    text = "".join(said)
    assert [o.seed for o in tally.failures] == [3, 4]
    assert "seed 3: lead" in text
    assert "last line" in text
    assert "--seed 3 --trace" in text
    assert known_seeds(kept) == [3, 4]
    remember(kept, [4, 5])
    assert known_seeds(kept) == [3, 4, 5]


def test_the_command_ends_with_an_error_when_a_rule_broke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dalpak.simulator.farm.run_seed", broken)
    monkeypatch.setattr(world, "SEEDS_FILE", Path("nowhere/seeds.txt"))

    with pytest.raises(world.RuleBrokenError, match="2 of 2 calls"):
        world.main(["--seeds", "2"])


def test_the_command_tells_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    world.main(["--seeds", "20", "--start", "100"])

    out = capsys.readouterr().out
    assert "calls per minute" in out
    assert "no rule broken" in out
    assert all(fault.value in out for fault in Fault)
    assert all(sentence in out for sentence in RULES.values())


def test_one_seed_can_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    world.main(["--seed", "1", "--trace"])

    lines = capsys.readouterr().out.splitlines()
    assert "CallStarted" in lines[0]
    assert any("StartTurn(1" in text for text in lines)
    assert lines[-1].startswith("seed 1: no rule broken")
