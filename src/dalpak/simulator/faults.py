"""What goes wrong in one simulated call, drawn from its seed.

Actors ask `hit(...)` at the moment when something could go wrong; nothing here knows what it breaks.
"""

import random
from collections import Counter
from collections.abc import Callable
from enum import StrEnum


class Fault(StrEnum):
    STT_PARTIALS_LOST = "stt_partials_lost"
    STT_FINAL_LOST = "stt_final_lost"
    STT_FINAL_LATE = "stt_final_late"
    STT_FINAL_TWICE = "stt_final_twice"
    STT_MUTE = "stt_mute"
    STT_LOST = "stt_lost"
    STT_GARBAGE = "stt_garbage"
    AGENT_SLOW = "agent_slow"
    AGENT_ERROR = "agent_error"
    AGENT_SILENT = "agent_silent"
    AGENT_STALL = "agent_stall"
    AGENT_ENDLESS = "agent_endless"
    AGENT_DEAF = "agent_deaf_to_cancel"
    TOOL_ERROR = "tool_error"
    WRITE_SLOW = "write_slow"
    TTS_SLOW = "tts_slow"
    TTS_DRIP = "tts_drip"
    TTS_FAILS = "tts_fails"
    TTS_HALF = "tts_half"
    TTS_SILENT = "tts_silent"
    MARKS_LOST = "marks_lost"
    MARKS_LATE = "marks_late"
    MARKS_TWICE = "marks_twice"
    LINE_SLOW = "line_slow"
    LINE_LOST = "line_lost"
    LOOP_STALL = "loop_stall"
    WAKES_LATE = "wakes_late"
    AUDIO_STOPS = "caller_audio_stops"
    DRAIN = "drain"


RATES: dict[Fault, tuple[float, float]] = {
    Fault.STT_PARTIALS_LOST: (0.1, 1.0),
    Fault.STT_FINAL_LOST: (0.1, 1.0),
    Fault.STT_FINAL_LATE: (0.1, 1.0),
    Fault.STT_FINAL_TWICE: (0.1, 1.0),
    Fault.STT_MUTE: (1.0, 1.0),
    Fault.STT_LOST: (1.0, 1.0),
    Fault.STT_GARBAGE: (0.1, 0.6),
    Fault.AGENT_SLOW: (0.1, 1.0),
    Fault.AGENT_ERROR: (0.1, 1.0),
    Fault.AGENT_SILENT: (0.1, 1.0),
    Fault.AGENT_STALL: (0.1, 1.0),
    Fault.AGENT_ENDLESS: (0.1, 0.5),
    Fault.AGENT_DEAF: (0.5, 1.0),
    Fault.TOOL_ERROR: (0.2, 1.0),
    Fault.WRITE_SLOW: (0.2, 1.0),
    Fault.TTS_SLOW: (0.1, 1.0),
    Fault.TTS_DRIP: (0.1, 1.0),
    Fault.TTS_FAILS: (0.1, 1.0),
    Fault.TTS_HALF: (0.1, 1.0),
    Fault.TTS_SILENT: (0.1, 1.0),
    Fault.MARKS_LOST: (0.1, 1.0),
    Fault.MARKS_LATE: (0.1, 1.0),
    Fault.MARKS_TWICE: (0.1, 1.0),
    Fault.LINE_SLOW: (0.2, 1.0),
    Fault.LINE_LOST: (1.0, 1.0),
    Fault.LOOP_STALL: (0.2, 1.0),
    Fault.WAKES_LATE: (0.1, 1.0),
    Fault.AUDIO_STOPS: (0.1, 0.6),
    Fault.DRAIN: (1.0, 1.0),
}
"""Per opportunity: how often an active fault strikes, drawn once per call between the two."""

HOW_MANY = ((0, 1, 2, 3), (3, 8, 4, 2))
"""Kinds of fault active in one call, and how often that many."""


class Faults:
    """The faults of one call. `injected` counts what really happened."""

    def __init__(self, seed: int, only: Fault | None = None) -> None:
        """`only`: this one, at every opportunity, while `strikes` says so; else a few kinds drawn from the seed."""
        self._rng = random.Random(f"{seed}:faults")
        many = self._rng.choices(*HOW_MANY)[0]
        kinds = self._rng.sample(list(Fault), many)
        self.rates = {kind: self._rng.uniform(*RATES[kind]) for kind in kinds}
        if only is not None:
            self.rates = {only: 1.0}
        self.strikes: Callable[[], bool] = lambda: True
        self.injected: Counter[str] = Counter()

    def active(self, *kinds: Fault) -> bool:
        return any(kind in self.rates for kind in kinds)

    def hit(self, kind: Fault) -> bool:
        rate = self.rates.get(kind)
        if rate is None or not self.strikes() or self._rng.random() >= rate:
            return False
        self.injected[kind] += 1
        return True
