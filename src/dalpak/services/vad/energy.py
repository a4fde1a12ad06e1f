"""A voice detector with no model: energy above an adaptive noise floor, with hysteresis.

Enough for quiet lines and the default without onnxruntime; music and babble fool it. One instance
per call; plain arithmetic, microseconds per frame.
"""

from collections.abc import Callable

from dalpak.call.mulaw import energy

FLOOR_START = 120.0
"""A quiet telephone line, in 16-bit units."""
FLOOR_LOWEST = 30.0
FLOOR_HIGHEST = 2_000.0
ON_RATIO = 4.0
"""12 dB over the floor begins speech."""
OFF_RATIO = 2.5
"""8 dB keeps it going: soft endings of words belong to them."""
ON_LEAST = 300.0
"""Fainter than this nobody speaks to us, however quiet the line."""
FALL = 0.2
"""Per frame; a quieter line is believed at once."""
RISE = 0.01
"""Per frame without speech, about 2 s to follow new noise."""
RISE_IN_SPEECH = 0.0005
"""Per frame of speech: noise that never ends is speech for half a minute, not for ever."""
ONSET_FRAMES = 3
"""60 ms in a row: a click is not a word."""


class EnergyVad:
    """`VoiceActivityDetector`."""

    def __init__(self) -> None:
        self._floor = FLOOR_START
        self._loud_frames = 0
        self._voiced = False

    def listen(self, frame: bytes, tell: Callable[[bool], None]) -> None:
        tell(self.judge(frame))

    def close(self) -> None:
        """Nothing is on its way."""

    def judge(self, frame: bytes) -> bool:
        """The verdict on a frame, at once."""
        level = energy(frame)
        ratio = OFF_RATIO if self._voiced else ON_RATIO
        if level > max(ON_LEAST, self._floor * ratio):
            self._loud_frames += 1
            self._voiced = self._voiced or self._loud_frames >= ONSET_FRAMES
        else:
            self._loud_frames = 0
            self._voiced = False
        self._follow(level)
        return self._voiced

    def _follow(self, level: float) -> None:
        if level < self._floor:
            pace = FALL
        else:
            pace = RISE_IN_SPEECH if self._loud_frames else RISE
        moved = self._floor + (level - self._floor) * pace
        self._floor = min(FLOOR_HIGHEST, max(FLOOR_LOWEST, moved))
