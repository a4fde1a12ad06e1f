"""Silero as a voice detector: frames of 20 ms to windows of 32, probabilities to verdicts, forgetting in long quiet.

The state of the model is suppressed by what is no speech: after two minutes of hold music it misses every third
utterance, or hears it two seconds late. So it is reset after two quiet seconds, once it is sure that nobody speaks.
"""

from collections import deque
from collections.abc import Callable

from dalpak.services.vad.silero_model import WINDOW, Memory, SileroModel, Window

ON = 0.5
"""Probability at which a voice begins; a lower one hears noise that never ends."""
OFF = 0.35
"""And below which it has ended: soft endings of words belong to them."""
QUIET = 0.1
QUIET_WINDOWS = 5
"""So many in a row below QUIET: nobody speaks."""
FORGET_AFTER = 63
"""Windows without a voice (two seconds) before the model may forget."""


class SileroVad:
    """`VoiceActivityDetector`. A frame is judged by the newest window that it completes, or that is on its way."""

    def __init__(self, model: SileroModel) -> None:
        self._model = model
        self._memory = Memory()
        self._audio = b""
        self._owed: deque[tuple[int, Callable[[bool], None]]] = deque()
        """Frames not yet told of, each with the number of the window that decides."""
        self._submitted = self._judged = 0
        self._voiced = self._closed = False
        self._unvoiced_windows = self._quiet_windows = 0

    def listen(self, frame: bytes, tell: Callable[[bool], None]) -> None:
        self._audio += frame
        while len(self._audio) >= WINDOW:
            window, self._audio = self._audio[:WINDOW], self._audio[WINDOW:]
            self._submitted += 1
            self._model.submit(Window(window, self._memory, self._hear))
        self._owed.append((self._submitted, tell))
        self._tell()

    def close(self) -> None:
        self._closed = True
        self._owed.clear()

    def _hear(self, chance: float | None) -> None:
        """A window's result; one that was not judged changes nothing."""
        self._judged += 1
        if chance is not None:
            self._voiced = chance >= (OFF if self._voiced else ON)
            self._forget_in_quiet(chance)
        self._tell()

    def _forget_in_quiet(self, chance: float) -> None:
        self._unvoiced_windows = 0 if self._voiced else self._unvoiced_windows + 1
        self._quiet_windows = self._quiet_windows + 1 if chance < QUIET else 0
        idle = self._submitted == self._judged
        if self._unvoiced_windows >= FORGET_AFTER and self._quiet_windows >= QUIET_WINDOWS and idle:
            self._memory.forget()
            self._unvoiced_windows = self._quiet_windows = 0

    def _tell(self) -> None:
        while self._owed and self._owed[0][0] <= self._judged and not self._closed:
            self._owed.popleft()[1](self._voiced)


class SileroDetectors:
    """Makes one for every call, all on one model. Raises what `SileroModel` does."""

    def __init__(self) -> None:
        self._model = SileroModel()

    def __call__(self) -> SileroVad:
        return SileroVad(self._model)

    def close(self) -> None:
        self._model.close()
