"""A caller with a voice, in the same process: hears our frames in real time, speaks when it is its turn.

It is a line (ports/line.py) and the person at its end. What its voice says is what the scripted STT
of the same script hears (scripted_stt.py). No socket, no protocol.
"""

from collections.abc import Sequence

from dalpak.call.inputs import CallerHungUp, MarkPlayed
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import Clock
from dalpak.simulator.heard_line import HeardLine, Hearing
from dalpak.simulator.media_stream import frames_of
from dalpak.simulator.scripted_stt import voice_for

KEYS = ">"
"""Begins a line of keys."""
FINISHED_MS = 400
"""Silence after which this caller answers: one who is in a hurry, but polite."""
PATIENCE_MS = 15_000


def spoken(lines: Sequence[str]) -> list[str]:
    """The lines that are said aloud: the script of the STT."""
    return [line for line in lines if not line.startswith(KEYS)]


class SpokenCaller(HeardLine):
    """`run` is the person."""

    def __init__(self, lines: Sequence[str], clock: Clock) -> None:
        super().__init__(clock)
        self._lines = list(lines)

    async def run(self, call: Hearing) -> None:
        """A frame every 20 ms until the call is over: silence, or the next line when it is its
        turn.
        """
        began = waiting_since = self._clock.monotonic_ms()
        saying: list[bytes] = []
        frame = 0
        while not self.over:
            now = self._clock.monotonic_ms()
            for name in self._playback.due_marks(now):
                call.hear(MarkPlayed(name))
            if saying:
                waiting_since = now
            elif self._heard_since_last and self._playback.quiet_ms(now) >= FINISHED_MS:
                saying = self._next(call)
            elif now - waiting_since > PATIENCE_MS and self._playback.quiet_ms(now) > PATIENCE_MS:
                self._give_up(call)
                return
            call.hear_audio(saying.pop(0) if saying else SILENCE_FRAME)
            frame += 1
            await self._until_frame(frame, began)

    def _next(self, call: Hearing) -> list[bytes]:
        """Frames of the next line's voice; keys are pressed at once. After the last line: hang up."""
        self._heard_since_last = False
        if not self._lines:
            call.hear(CallerHungUp())
            return []
        line = self._lines.pop(0)
        if not line.startswith(KEYS):
            return frames_of(voice_for(line))
        self._press(call, line.removeprefix(KEYS).strip())
        return []
