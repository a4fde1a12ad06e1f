"""The live calls of this process: admission, set-up, the register. One `Calls` per process, in Extensions.

Heavy clients come in ready-made and shared (SPEC A4); per call only light objects are built here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dalpak.call.limits import Limits
from dalpak.call.machine import Call
from dalpak.clock import Clock
from dalpak.domain.records import CallEnd, CallRecord, TraceRecord
from dalpak.ports.agent import Agent, AgentState
from dalpak.ports.desk import CallDesk, DeskFactory
from dalpak.ports.line import Line
from dalpak.ports.store import Store
from dalpak.ports.stt import SpeechToText
from dalpak.ports.tts import TextToSpeech
from dalpak.ports.vad import VoiceActivityDetector
from dalpak.runtime.listen import Listener
from dalpak.runtime.loop_lag import LoopLag
from dalpak.runtime.perform import Hands
from dalpak.runtime.recorder import Recorder
from dalpak.runtime.session import Session
from dalpak.runtime.speak import Speaker
from dalpak.runtime.tallies import CountedEars, Tallies
from dalpak.runtime.think import Thinker
from dalpak.tools.registry import TOOLS


@dataclass(frozen=True, slots=True)
class Kit:
    """What every call shares. `voice` None makes every line text-only; `stt` None makes telephones keypad-only."""

    limits: Limits
    store: Store
    clock: Clock
    agent: Agent
    open_desk: DeskFactory
    voice: TextToSpeech | None
    stt: SpeechToText | None
    make_vad: Callable[[], VoiceActivityDetector]
    debounce_ms: int
    tts_timeout_s: float
    max_live_calls: int
    journal_dir: Path | None
    max_loop_lag_ms: int = 80


@dataclass(slots=True)
class CallParts:
    call: Call
    hands: Hands
    listener: Listener
    speaker: Speaker
    recorder: Recorder


class Calls:
    def __init__(self, kit: Kit, tallies: Tallies | None = None) -> None:
        """`tallies`: where the kit's providers are counted already; a new one without."""
        self.kit = kit
        self.live: dict[str, Session] = {}
        self.tallies = tallies or Tallies(TOOLS)
        self.lag = LoopLag(kit.clock)
        self._reserved = 0
        self.ended: dict[CallEnd, int] = {}
        self.faults = 0
        self.tasks_abandoned = 0

    # -- admission ---------------------------------------------------------------------------------------

    def has_room(self) -> bool:
        """Active and reserved calls are below the cap, and the event loop keeps up with those it has.

        A process without calls takes one however late its loop was: what made it late was no call.
        """
        held = len(self.live) + self._reserved
        late = self.lag.p95_ms > self.kit.max_loop_lag_ms
        return held < self.kit.max_live_calls and not (held and late)

    @contextmanager
    def reserve(self) -> Iterator[bool]:
        """Hold a place while a call is being set up; False when there is none."""
        granted = self.has_room()
        self._reserved += granted
        try:
            yield granted
        finally:
            self._reserved -= granted

    @property
    def reserved(self) -> int:
        """Places held for callers on their way."""
        return self._reserved

    # -- calls --------------------------------------------------------------------------------------------

    def open(
        self,
        record: CallRecord,
        line: Line,
        *,
        resumed: bool = False,
        text_only: bool = False,
        keypad_only: bool = False,
    ) -> Session:
        """A session for this call, registered at once.

        `text_only`: shown words out, no sound. `keypad_only`: as a telephone without STT (a typed line otherwise
        understands words).
        """
        typed = record.transport != "twilio"
        stt = None if typed or keypad_only else self.kit.stt

        async def build(session: Session) -> CallParts:
            return await self._build(session, stt, None if text_only else self.kit.voice)

        session = Session(
            record=record,
            line=line,
            clock=self.kit.clock,
            build=build,
            over=self._over,
            ears=not keypad_only and (typed or stt is not None),
            resumed=resumed,
        )
        self.live[record.id] = session
        self.tallies.call(record.transport)
        return session

    def _over(self, session: Session, reason: CallEnd) -> None:
        self.live.pop(session.record.id, None)
        self.ended[reason] = self.ended.get(reason, 0) + 1
        self.faults += session.supervisor.faults
        self.tasks_abandoned += session.supervisor.abandoned

    async def _build(
        self, session: Session, stt: SpeechToText | None, voice: TextToSpeech | None
    ) -> CallParts:
        kit, record = self.kit, session.record
        books: list[Recorder] = []

        def on_trace(trace: TraceRecord) -> None:
            books[0].trace(trace)
            session.line.show("tool", shown_trace(trace))

        desk = await kit.open_desk(record, on_trace)
        thinker = self._thinker(session, desk)
        call = Call(
            kit.limits,
            desk.prompts(ears=session.ears),
            desk.language.is_backchannel,
            lambda text: desk.language.completeness(text, thinker.state.asked),
        )
        recorder = Recorder(
            record=record,
            store=kit.store,
            clock=kit.clock,
            supervisor=session.supervisor,
            checkpoint=lambda: {"agent": thinker.state.to_json(), "desk": desk.state()},
            journal=kit.journal_dir / f"{record.id}.jsonl" if kit.journal_dir else None,
            tallies=self.tallies,
        )
        books.append(recorder)
        listener = Listener(
            stt=CountedEars(stt, self.tallies) if stt is not None else None,
            vad=kit.make_vad() if stt is not None else None,
            locale=desk.language.locale,
            hints=desk.hints,
            debounce_ms=kit.debounce_ms,
            clock=kit.clock,
            supervisor=session.supervisor,
            hear=session.hear,
        )
        speaker = Speaker(
            voice=voice,
            locale=desk.language.locale,
            timeout_s=kit.tts_timeout_s,
            supervisor=session.supervisor,
            hear=self.tallies.watching(session.hear),
            has_room=lambda: call.playout.buffered_ms < kit.limits.buffer_ms,
        )
        hands = Hands(
            line=session.line,
            listener=listener,
            speaker=speaker,
            thinker=thinker,
            recorder=recorder,
            desk=desk,
            ended=session.ended,
        )
        return CallParts(call, hands, listener, speaker, recorder)

    def _thinker(self, session: Session, desk: CallDesk) -> Thinker:
        """The agent of this call, with what it remembers from before a break."""
        remembered = (session.record.checkpoint or {}).get("agent")
        thinker = Thinker(
            agent=self.kit.agent,
            desk=desk,
            state=AgentState(_mapping(remembered)),
            caller_phone=session.record.caller,
            clock=self.kit.clock,
            supervisor=session.supervisor,
            hear=self.tallies.watching(session.hear),
        )
        thinker.ears = False
        return thinker

    def say_goodbye(self) -> None:
        """The drain deadline is near: every caller hears a goodbye."""
        for session in list(self.live.values()):
            session.drain()


def shown_trace(trace: TraceRecord) -> dict[str, object]:
    """A tool call as a screen shows it; its arguments are a shape without personal data already."""
    return {
        "turn": trace.turn,
        "tool": trace.tool,
        "ok": trace.ok,
        "reason": trace.reason,
        "args": trace.args,
        "ms": trace.latency_ms,
    }


def _mapping(value: object) -> dict[str, object]:
    return dict(value) if isinstance(value, dict) else {}
