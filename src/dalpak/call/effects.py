"""What the core wants done, in the imperative.

The runtime performs each without awaiting; results come back as inputs.
"""

from dataclasses import dataclass
from enum import StrEnum

from dalpak.call.inputs import Said
from dalpak.call.limits import Ms
from dalpak.language.base import Spoken


class LatencyMark(StrEnum):
    """SPEC H2: each once per turn, in milliseconds."""

    STT_FIRST_PARTIAL_MS = "stt_first_partial_ms"
    STT_FINAL_MS = "stt_final_ms"
    AI_LATENCY_MS = "ai_latency_ms"
    TTS_READY_MS = "tts_ready_ms"
    TOTAL_MS = "total_ms"
    TTS_SEND_LAG_MS = "tts_send_lag_ms"
    HEARD_MS = "heard_ms"
    """From the caller's last word to the answer in the caller's ear, as a mark confirms it."""


class Ending(StrEnum):
    """Why the call ends; the values are those of the CallLog."""

    CALLER = "caller"
    AGENT = "agent"
    MAX_DURATION = "max_duration"
    CARRIER = "carrier"
    TRANSFERRED = "transferred"
    DRAINED = "drained"


@dataclass(frozen=True, slots=True)
class SendFrame:
    """20 ms of mu-law, due now."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class SendMark:
    name: str


@dataclass(frozen=True, slots=True)
class ClearPlayback:
    """Forget what was sent and not yet played."""


@dataclass(frozen=True, slots=True)
class OpenEars:
    pass


@dataclass(frozen=True, slots=True)
class FinalizeEars:
    """Ask the STT for its final now."""


@dataclass(frozen=True, slots=True)
class CloseEars:
    pass


@dataclass(frozen=True, slots=True)
class StartTurn:
    """Ask the agent. `heard` are the words of the last answer that the caller really heard."""

    turn: int
    said: Said
    heard: str


@dataclass(frozen=True, slots=True)
class DraftTurn:
    """Ask the agent ahead of the end of the caller's turn. Nobody hears the reply before `CommitTurn`, and until then
    its tools may read, never write.

    `draft` is a number of its own, below zero; `turn` is what it becomes when it is committed. `CancelTurn(draft)`
    means that it never was: whatever it left behind is undone.
    """

    draft: int
    turn: int
    said: Said
    heard: str


@dataclass(frozen=True, slots=True)
class CommitTurn:
    """The caller has really said this and no more: the draft is the turn now, and may write."""

    draft: int
    turn: int
    said: Said


@dataclass(frozen=True, slots=True)
class CancelTurn:
    """Stop wanting the reply. A tool that writes goes on to its end."""

    turn: int
    heard: str


@dataclass(frozen=True, slots=True)
class Speak:
    speech: int
    turn: int
    spoken: Spoken
    ahead: bool = False
    """Of a draft: to be made, not yet to be shown."""


@dataclass(frozen=True, slots=True)
class CancelSpeech:
    speech: int


@dataclass(frozen=True, slots=True)
class ConfirmHeard:
    """The caller heard the sentence that carried this tag: the gate may count the read-back."""

    tag: str


@dataclass(frozen=True, slots=True)
class RecordMark:
    turn: int
    mark: LatencyMark
    ms: Ms


@dataclass(frozen=True, slots=True)
class RecordTurn:
    """The turn is over: what was said, what of the answer was heard, and whether it was cut."""

    turn: int
    said: Said
    heard: str
    interrupted: bool


@dataclass(frozen=True, slots=True)
class TransferCall:
    to: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The last effect of every call."""

    reason: Ending


Effect = (
    SendFrame
    | SendMark
    | ClearPlayback
    | OpenEars
    | FinalizeEars
    | CloseEars
    | StartTurn
    | DraftTurn
    | CommitTurn
    | CancelTurn
    | Speak
    | CancelSpeech
    | ConfirmHeard
    | RecordMark
    | RecordTurn
    | TransferCall
    | HangUp
)
