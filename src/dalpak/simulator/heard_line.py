"""A telephone line whose far end is in this process: what we send is played to an ear, in real time.

`ports.line.Line` without the person: who speaks, when, and what about, is a subclass's. No socket, no protocol.
"""

from collections.abc import Sequence
from typing import Protocol

from dalpak.call.inputs import CallerHungUp, Input, KeyPressed
from dalpak.clock import Clock
from dalpak.simulator.media_stream import FRAME_MS
from dalpak.simulator.playback import Pace, Playback


class Hearing(Protocol):
    """The side of a session that a line talks to."""

    def hear(self, what: Input) -> None: ...
    def hear_audio(self, payload: bytes) -> None: ...


class HeardLine:
    """`ports.line.Line`, and the ear at its end."""

    transport = "twilio"
    may_come_back = False

    def __init__(self, clock: Clock) -> None:
        self.pace = Pace()
        self.over = False
        self.gave_up = False
        """Nothing was heard for too long, and the caller hung up."""
        self._clock = clock
        self._playback = Playback(self.pace)
        self._heard_since_last = False
        """A voice, since the caller last did something."""

    def send_frame(self, payload: bytes) -> None:
        now = self._clock.monotonic_ms()
        if self._playback.frame(payload, now):
            self._heard_since_last = True
            self._voice_came(now)

    def _voice_came(self, now: int) -> None:
        """A frame with a voice in it has arrived, and is played in its turn."""

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

    # -- what a person does with it --------------------------------------------------------------

    def _give_up(self, call: Hearing) -> None:
        self.gave_up = True
        call.hear(CallerHungUp())

    def _press(self, call: Hearing, keys: Sequence[str]) -> None:
        for key in keys:
            call.hear(KeyPressed(key))

    async def _until_frame(self, number: int, began: int) -> None:
        """Until frame `number` of a call that `began` then is due; at once when it is late."""
        due = began + number * FRAME_MS - self._clock.monotonic_ms()
        await self._clock.sleep(max(0, due) / 1000)
