"""One live call: takes what happens, asks the core, does what it says, and wakes it when it wanted.

The whole shell: one input at a time, synchronously; one timer, re-armed at the core's own deadline. It makes no
decision. An exception in a step is contained and counted; the call goes on.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from dalpak.call.effects import Ending
from dalpak.call.inputs import CallStarted, DrainRequested, Input, TimePassed
from dalpak.call.journal import Mask, header, line
from dalpak.call.limits import Ms
from dalpak.call.machine import Call
from dalpak.call.phase import Phase
from dalpak.clock import Clock
from dalpak.domain.records import CallEnd, CallRecord
from dalpak.errors import ProviderError
from dalpak.logs import get_logger
from dalpak.ports.line import Line
from dalpak.runtime.listen import Listener
from dalpak.runtime.perform import Hands
from dalpak.runtime.recorder import Recorder
from dalpak.runtime.speak import Speaker
from dalpak.runtime.supervise import Supervisor

_log = get_logger(__name__)

EARLY_MAX = 500
"""Inputs kept while the call is being set up: ten seconds of frames."""

BUILD_AGAIN_S = (0.1, 0.3, 0.6)
"""Pauses before opening the call's desk is tried again, when the database refuses it. After that the line is let go:
a telephone's carrier asks at once how to go on, and gets another socket."""

FAULT_PAUSE_MS = 100
"""After a contained fault the same deadline is not retried at once: a bug must not spin the loop."""


class Parts(Protocol):
    """What `Calls` builds for one call."""

    call: Call
    hands: Hands
    listener: Listener
    speaker: Speaker
    recorder: Recorder


class PartsFactory(Protocol):
    async def __call__(self, session: "Session") -> Parts: ...


class Session:
    def __init__(
        self,
        *,
        record: CallRecord,
        line: Line,
        clock: Clock,
        build: PartsFactory,
        over: "Callable[[Session, CallEnd], None]",
        ears: bool,
        resumed: bool,
    ) -> None:
        self.record, self.line, self.clock = record, line, clock
        self.supervisor = Supervisor(record.id)
        self.resumed = resumed
        self._build = build
        self._over = over
        self.ears = ears
        self._parts: Parts | None = None
        self._journal_mask: Mask | None = None
        self._inbox: deque[Input] = deque(maxlen=EARLY_MAX)
        self._early_audio: deque[bytes] = deque(maxlen=EARLY_MAX)
        self._stepping = False
        self._began = clock.monotonic_ms()
        self._deadline: Ms | None = None
        self._armed_for: Ms | None = None
        """The deadline that the timer was set for."""
        self._faults_seen = 0
        self._shown_phase = Phase.RINGING
        self._timer: asyncio.TimerHandle | None = None
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    # -- from the wire -------------------------------------------------------------------------------------

    def hear(self, what: Input) -> None:
        """Something happened. Never blocks, never raises."""
        self._inbox.append(what)
        if self._stepping or self._parts is None:
            return
        self._stepping = True
        try:
            while self._inbox:
                self.supervisor.guard("step", self._step, self._parts, self._inbox.popleft())
        finally:
            self._stepping = False
        self._arm(self._parts.call)

    def hear_audio(self, payload: bytes) -> None:
        """Caller audio, mu-law of any length."""
        if self._parts is None:
            self._early_audio.append(payload)
        else:
            self.supervisor.guard("listen", self._parts.listener.feed, payload)

    def drain(self) -> None:
        self.hear(DrainRequested())

    @property
    def is_over(self) -> bool:
        """The core has hung up; `run` is about to return or has."""
        return self._ended.done()

    @property
    def phase(self) -> str:
        return self._parts.call.phase.value if self._parts else "ringing"

    # -- the loop ------------------------------------------------------------------------------------------

    def now(self) -> Ms:
        return self.clock.monotonic_ms() - self._began

    def _step(self, parts: Parts, what: Input) -> None:
        now = self.now()
        effects = parts.call.handle(what, now)
        self._deadline = parts.call.deadline()
        sounds = parts.call.floor.completeness
        parts.recorder.journal_line(line(now, what, effects, self._mask(parts), sounds))
        if parts.call.phase is not self._shown_phase:
            self._shown_phase = parts.call.phase
            self.line.show("phase", {"phase": self._shown_phase.value, "at_ms": now})
        for effect in effects:
            self.supervisor.guard("perform", parts.hands.perform, effect)
        parts.speaker.room_changed()

    def _mask(self, parts: Parts) -> Mask:
        if self._journal_mask is None:
            self._journal_mask = Mask(parts.call.floor.is_backchannel)
        return self._journal_mask

    def _arm(self, call: Call) -> None:
        """One timer at the core's deadline. Most frames move neither, and cost nothing here."""
        faulted = self.supervisor.faults > self._faults_seen
        self._faults_seen = self.supervisor.faults
        if faulted:
            self._deadline = call.deadline()
        elif self._timer is not None and self._armed_for == self._deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._armed_for = self._deadline
        if self._deadline is not None and not self._ended.done():
            least = FAULT_PAUSE_MS if faulted else 0
            wait_ms = max(least, self._deadline - self.now())
            self._timer = asyncio.get_running_loop().call_later(wait_ms / 1000, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self.hear(TimePassed())

    def ended(self, reason: Ending) -> None:
        """Effect HangUp."""
        if not self._ended.done():
            self._ended.set_result(reason)

    async def run(self) -> CallEnd:
        """From CallStarted to HangUp; afterwards no task of this call runs. The socket is the caller's to close."""
        reason = CallEnd.INTERNAL_ERROR
        try:
            parts = await self._built()
            parts.recorder.journal_line(header(self.record.id, parts.call.limits))
            parts.recorder.start()
            self._parts = parts
            self._inbox.appendleft(CallStarted(ears=self.ears, resumed=self.resumed))
            early, self._inbox = self._inbox, deque()
            for what in early:
                self.hear(what)
            while self._early_audio:
                self.hear_audio(self._early_audio.popleft())
            reason = CallEnd(await self._ended)
        finally:
            await self._finish(reason)
        return reason

    async def _built(self) -> Parts:
        """What the caller says meanwhile is kept. Raises what the last try raised."""
        for pause_s in BUILD_AGAIN_S:
            try:
                return await self._build(self)
            except ProviderError as fault:
                _log.warning("CALL_SET_UP_AGAIN", call_id=self.record.id, code=fault.code)
                await self.clock.sleep(pause_s)
        return await self._build(self)

    async def _finish(self, reason: CallEnd) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._parts is not None:
            over = reason is not CallEnd.CARRIER or not self.line.may_come_back
            closing = self.supervisor.spawn(
                self._parts.recorder.close(reason, over=over), name="recorder.close"
            )
            await asyncio.wait({closing}, timeout=5.0)
        self.supervisor.guard("hang_up", self.line.hang_up, reason.value)
        await self.supervisor.aclose()
        self._over(self, reason)
        self._forget()

    def _forget(self) -> None:
        """The parts know this session by their callbacks: held in that circle, a call's sound and words would stay in
        memory until all of it is looked through.
        """
        self._parts = self._timer = self._journal_mask = None
        self._inbox, self._early_audio = deque(maxlen=0), deque(maxlen=0)
