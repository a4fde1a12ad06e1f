"""A caller with a voice, in the same process: hears our frames in real time, speaks when it is its turn.

It is a line (ports/line.py) and the person at its end. What its voice says is what the scripted STT
of the same script hears (scripted_stt.py). No socket, no protocol.
"""

from collections.abc import Sequence
from typing import Protocol

from dalpak.call.inputs import CallerHungUp, Input, KeyPressed, MarkPlayed
from dalpak.call.mulaw import SILENCE_FRAME
from dalpak.clock import Clock
from dalpak.simulator.media_stream import FRAME_MS, frames_of
from dalpak.simulator.playback import Pace, Playback
from dalpak.simulator.scripted_stt import voice_for

KEYS = ">"
"""Begins a line of keys."""
FINISHED_MS = 400
"""Silence after which this caller answers: one who is in a hurry, but polite."""
PATIENCE_MS = 15_000


class Hearing(Protocol):
    """The side of a session that a line talks to."""

    def hear(self, what: Input) -> None: ...
    def hear_audio(self, payload: bytes) -> None: ...


def spoken(lines: Sequence[str]) -> list[str]:
    """The lines that are said aloud: the script of the STT."""
    return [line for line in lines if not line.startswith(KEYS)]


class SpokenCaller:
    """`ports.line.Line`. `run` is the person."""

    transport = "twilio"
    may_come_back = False

    def __init__(self, lines: Sequence[str], clock: Clock) -> None:
        self.pace = Pace()
        self.over = False
        self.gave_up = False
        """Nothing was heard for too long, and the caller hung up."""
        self._lines, self._clock = list(lines), clock
        self._playback = Playback(self.pace)
        self._heard_since_last = False

    # -- the line --------------------------------------------------------------------------------

    def send_frame(self, payload: bytes) -> None:
        if self._playback.frame(payload, self._clock.monotonic_ms()):
            self._heard_since_last = True

    def send_mark(self, name: str) -> None:
        self._playback.mark(name, self._clock.monotonic_ms())

    def clear(self) -> None:
        self._playback.clear(self._clock.monotonic_ms())

    def show(self, kind: str, data: dict[str, object]) -> None:
        """A telephone has no screen."""

    def transfer(self, to: str) -> None:
        """Whoever is dialled, this caller is done."""

    def hang_up(self, reason: str) -> None:
        del reason
        self.over = True

    # -- the person ------------------------------------------------------------------------------

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
                self.gave_up = True
                call.hear(CallerHungUp())
                return
            call.hear_audio(saying.pop(0) if saying else SILENCE_FRAME)
            frame += 1
            wait_ms = began + frame * FRAME_MS - self._clock.monotonic_ms()
            await self._clock.sleep(max(0, wait_ms) / 1000)

    def _next(self, call: Hearing) -> list[bytes]:
        """Frames of the next line's voice; keys are pressed at once. After the last line: hang up."""
        self._heard_since_last = False
        if not self._lines:
            call.hear(CallerHungUp())
            return []
        line = self._lines.pop(0)
        if not line.startswith(KEYS):
            return frames_of(voice_for(line))
        for key in line.removeprefix(KEYS).strip():
            call.hear(KeyPressed(key))
        return []
