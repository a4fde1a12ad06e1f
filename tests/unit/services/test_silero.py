"""Silero: a batch is what its windows are one by one, memory is kept and forgotten when it should, nothing is lost."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.services.vad.silero_model import MODEL_FILE

pytestmark = [
    pytest.mark.unit,
    pytest.mark.skipif(not MODEL_FILE.exists(), reason="set-up could not fetch the model"),
]

if MODEL_FILE.exists():
    import numpy as np

    from dalpak.services.vad import silero_model
    from dalpak.services.vad.silero import FORGET_AFTER, OFF, ON, SileroVad
    from dalpak.services.vad.silero_model import WINDOW, Memory, SileroModel, Window


@pytest.fixture(scope="module")
def model() -> "SileroModel":
    return SileroModel()


def sound(rng: random.Random) -> bytes:
    return bytes(rng.randrange(256) for _ in range(WINDOW))


def test_a_batch_gives_what_its_windows_give_one_by_one(model: "SileroModel") -> None:
    rng = random.Random(5)
    alone = [Memory() for _ in range(8)]
    together = [Memory() for _ in range(8)]
    for _ in range(40):
        audio = [sound(rng) for _ in range(8)]
        singly = [
            model.run([Window(a, m, lambda _: None)])[0] for a, m in zip(audio, alone, strict=True)
        ]
        batch = model.run(
            [Window(a, m, lambda _: None) for a, m in zip(audio, together, strict=True)]
        )
        # A processor may add up the rows of a batch in another order than a single one.
        assert batch == pytest.approx(singly, abs=1e-4)
    for one, other in zip(alone, together, strict=True):
        assert np.allclose(one.state, other.state, atol=1e-3)
        assert np.array_equal(one.context, other.context)


def test_what_was_heard_before_matters_until_it_is_forgotten(model: "SileroModel") -> None:
    rng, memory = random.Random(6), Memory()
    fresh = model.run([Window(b"\xff" * WINDOW, Memory(), lambda _: None)])
    for _ in range(30):
        model.run([Window(sound(rng), memory, lambda _: None)])
    assert model.run([Window(b"\xff" * WINDOW, memory, lambda _: None)]) != fresh

    memory.forget()
    assert model.run([Window(b"\xff" * WINDOW, memory, lambda _: None)]) == fresh


def test_another_file_is_not_loaded(tmp_path: Path) -> None:
    other = tmp_path / "silero_vad.onnx"
    other.write_bytes(MODEL_FILE.read_bytes() + b"!")

    with pytest.raises(ValueError, match="expected sha256"):
        SileroModel(other)
    with pytest.raises(OSError, match="nowhere"):
        SileroModel(tmp_path / "nowhere.onnx")


async def test_windows_of_many_calls_are_run_together_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = SileroModel()
    batches: list[int] = []
    real = model.run

    def run(windows: list[Window]) -> list[float]:
        batches.append(len(windows))
        assert len({id(w.memory) for w in windows}) == len(windows), (
            "one window of a call at a time"
        )
        return real(windows)

    monkeypatch.setattr(model, "run", run)
    done = asyncio.Event()
    told: dict[int, list[int]] = {call: [] for call in range(20)}

    def teller(call: int, n: int) -> Callable[[float | None], None]:
        def tell(chance: float | None) -> None:
            assert chance is not None
            told[call].append(n)
            if sum(map(len, told.values())) == 60:
                done.set()

        return tell

    memories = [Memory() for _ in told]
    for n in range(3):
        for call, memory in enumerate(memories):
            model.submit(Window(b"\xff" * WINDOW, memory, teller(call, n)))
    await asyncio.wait_for(done.wait(), 60)
    model.close()

    assert batches == [20, 20, 20]
    assert all(order == [0, 1, 2] for order in told.values())


async def test_what_the_thread_cannot_take_is_given_back_unjudged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(silero_model, "WAITING_MAX", 4)
    model = SileroModel()
    told: list[float | None] = []
    for _ in range(10):
        model.submit(Window(b"\xff" * WINDOW, Memory(), told.append))

    assert told == [None] * 6
    assert model.unjudged == 6
    model.close()


async def test_a_model_that_breaks_leaves_the_last_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    model = SileroModel()

    def broken(windows: list[Window]) -> list[float]:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(model, "run", broken)
    told: list[bool] = []
    done = asyncio.Event()
    vad = SileroVad(model)
    for _ in range(8):
        vad.listen(
            SILENCE_FRAME, lambda voiced: (told.append(voiced), len(told) == 8 and done.set())
        )  # type: ignore[func-returns-value]
    await asyncio.wait_for(done.wait(), 60)
    model.close()

    assert told == [False] * 8
    assert model.unjudged == 5


class Scripted:
    """A model that gives these chances, one after the other, at once."""

    def __init__(self, chances: list[float]) -> None:
        self._chances = iter(chances)

    def submit(self, window: "Window") -> None:
        window.memory.state = window.memory.state + 1
        window.told(next(self._chances))


def judged(chances: list[float]) -> tuple[list[bool], "SileroVad"]:
    """The verdict after each window."""
    vad = SileroVad(Scripted(chances))  # type: ignore[arg-type]
    out: list[bool] = []
    for _ in chances:
        told: list[bool] = []
        vad.listen(b"\xff" * WINDOW, told.append)
        out += told
    return out, vad


def test_a_voice_begins_higher_than_it_ends() -> None:
    verdicts, _ = judged([0.1, ON - 0.01, ON, OFF, OFF - 0.01, ON - 0.01])

    assert verdicts == [False, False, True, True, False, False]


def test_two_quiet_seconds_make_it_forget_and_noise_does_not() -> None:
    _, quiet = judged([0.01] * FORGET_AFTER)
    _, noisy = judged([0.2] * (2 * FORGET_AFTER))
    _, speech = judged([0.9] * (2 * FORGET_AFTER))

    assert not quiet._memory.state.any()
    assert noisy._memory.state.any()
    assert speech._memory.state.any()
