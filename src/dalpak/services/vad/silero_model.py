"""The Silero model and the one thread that runs it for every call of the process, many windows at a time.

One shared session; what calls hand in within a few milliseconds is one batch, run off the event loop, and every result
comes back on the loop. A batch gives to the last bit what its windows give one by one; a test keeps that so. No rule
about voices here: `silero.py` makes verdicts of probabilities.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray

from dalpak.call.mulaw import SAMPLE_RATE_HZ, decode

Floats = NDArray[np.float32]

MODEL_FILE = Path(__file__).with_name("silero_vad.onnx")
"""Put there by set-up (scripts/silero.py), from the package that publishes it."""
MODEL_SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"

WINDOW = 256
"""Samples the model looks at: 32 ms at 8 kHz."""
CONTEXT = 32
"""Samples of the window before, which the model sees again."""
GATHER_S = 0.01
"""How long the first window of a batch waits for others: at 100 calls about thirty come in that time. A thread that is
woken half as often leaves the loop alone half as often."""
BATCH_MAX = 64
"""Windows in one run: about 1.7 ms of the thread; larger batches gain nothing more."""
WAITING_MAX = 1_024
"""Windows waiting for the thread; past it the oldest are given back unjudged."""

_TO_FLOAT = np.frombuffer(decode(bytes(range(256))), dtype="<i2").astype(np.float32) / 32_768


class Memory:
    """What the model remembers of one call."""

    __slots__ = ("context", "state")

    def __init__(self) -> None:
        self.state: Floats = np.zeros((2, 128), dtype=np.float32)
        self.context: Floats = np.zeros(CONTEXT, dtype=np.float32)

    def forget(self) -> None:
        self.state = np.zeros((2, 128), dtype=np.float32)
        self.context = np.zeros(CONTEXT, dtype=np.float32)


@dataclass(slots=True)
class Window:
    """256 samples of mu-law of one call. `told` gets the probability of a voice; None: it was not judged."""

    audio: bytes
    memory: Memory
    told: Callable[[float | None], None]


class SileroModel:
    """One per process. Build it where loading a file is allowed; `submit` belongs to the event loop."""

    def __init__(self, path: Path = MODEL_FILE) -> None:
        """Raises OSError without the file, ValueError when it is another."""
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != MODEL_SHA256:
            raise ValueError(f"{path.name}: expected sha256 {MODEL_SHA256}, got {found}")
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._rate = np.array(SAMPLE_RATE_HZ, dtype=np.int64)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="silero")
        self._waiting: deque[Window] = deque()
        self._gathering = self._running = False
        self.unjudged = 0
        self.run([Window(b"\xff" * WINDOW, Memory(), lambda _: None)])  # the first run is slow

    def run(self, windows: list[Window]) -> list[float]:
        """The probability of a voice in each, their memories moved on. At most one window of a call."""
        samples = np.stack([_TO_FLOAT[np.frombuffer(w.audio, dtype=np.uint8)] for w in windows])
        seen = np.concatenate([np.stack([w.memory.context for w in windows]), samples], axis=1)
        state = np.stack([w.memory.state for w in windows], axis=1)
        inputs = {"input": seen, "state": state, "sr": self._rate}
        chances, after = self._session.run(["output", "stateN"], inputs)
        for n, window in enumerate(windows):
            window.memory.state = after[:, n]
            window.memory.context = seen[n, -CONTEXT:]
        return [float(chance) for chance in chances[:, 0]]

    # -- on the event loop ---------------------------------------------------------------------------

    def submit(self, window: Window) -> None:
        self._waiting.append(window)
        if len(self._waiting) > WAITING_MAX:
            self.unjudged += 1
            self._waiting.popleft().told(None)
        if not self._gathering and not self._running:
            self._gathering = True
            asyncio.get_running_loop().call_later(GATHER_S, self._start)

    def _start(self) -> None:
        self._gathering = False
        batch = self._batch()
        if not batch:
            return
        self._running = True
        done = asyncio.get_running_loop().run_in_executor(self._thread, self.run, batch)
        done.add_done_callback(lambda result: self._finished(batch, result))

    def _batch(self) -> list[Window]:
        """The oldest windows, one of each call: the next needs the memory that this one leaves."""
        batch: list[Window] = []
        later: list[Window] = []
        calls: set[int] = set()
        while self._waiting and len(batch) < BATCH_MAX:
            window = self._waiting.popleft()
            known = id(window.memory) in calls
            calls.add(id(window.memory))
            (later if known else batch).append(window)
        self._waiting.extendleft(reversed(later))
        return batch

    def _finished(self, batch: list[Window], result: "asyncio.Future[list[float]]") -> None:
        self._running = False
        failed = result.cancelled() or result.exception() is not None
        chances: list[float | None] = [None] * len(batch) if failed else [*result.result()]
        self.unjudged += len(batch) if failed else 0
        for window, chance in zip(batch, chances, strict=True):
            window.told(chance)
        if self._waiting and not self._gathering:
            self._start()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)
