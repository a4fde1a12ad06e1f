"""What happens to a call, in the past tense. Frozen values; the only way anything gets into the core.

Caller audio never enters: `FrameHeard` carries only the VAD's verdict on 20 ms of it.
"""

from dataclasses import dataclass

from dalpak.language.base import Spoken


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller did in one turn. Exactly one of text, keys, silence, opening tells it."""

    text: str = ""
    keys: str = ""
    """Digits committed on the keypad (the `#` itself is not in it), or one menu key (which may be `*` or `#`)."""
    silence: bool = False
    """The caller was asked and said nothing."""
    opening: bool = False
    """The agent speaks first: the call began without ears, or was re-attached, or lost its ears."""
    unheard: bool = False
    """The last answer was cut before its end."""
    stray: bool = False
    """With `silence`: there was a voice, but only keys are heard."""


@dataclass(frozen=True, slots=True)
class CollectDigits:
    """Enter WAITING_FOR_DTMF: `#` commits, `*` clears."""

    purpose: str
    max_digits: int = 15


@dataclass(frozen=True, slots=True)
class SayGoodbye:
    """Hang up after what is being said was heard."""


@dataclass(frozen=True, slots=True)
class TransferTo:
    """Connect the caller to a person; the number comes from the business's row, never from a model."""

    number: str


Directive = CollectDigits | SayGoodbye | TransferTo


# -- the line ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CallStarted:
    """`ears`: speech is understood; without it the caller is led by keypad. `resumed`: re-attached after a break."""

    ears: bool
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class FrameHeard:
    voiced: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """One key: 0-9, *, #. Others are ignored."""

    key: str


@dataclass(frozen=True, slots=True)
class MarkPlayed:
    """A mark of ours came back. `name` as it was sent; unknown names and old generations are ignored."""

    name: str


@dataclass(frozen=True, slots=True)
class CallerHungUp:
    pass


@dataclass(frozen=True, slots=True)
class LineLost:
    """The wire broke; the caller may still be there and come back through another socket."""

    reason: str


@dataclass(frozen=True, slots=True)
class LineSlow:
    """The socket does not take what we send; this many messages wait."""

    frames_waiting: int


# -- STT -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartialHeard:
    text: str


@dataclass(frozen=True, slots=True)
class FinalHeard:
    """Words that will not change; typed text comes as one, too."""

    text: str


@dataclass(frozen=True, slots=True)
class EarsLost:
    reason: str


# -- the agent -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReplyDelta:
    """A sentence to say. `tag` comes back in ConfirmHeard when it was really heard."""

    turn: int
    spoken: Spoken
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class ToolStarted:
    turn: int
    tool: str
    writes: bool = False


@dataclass(frozen=True, slots=True)
class ToolEnded:
    turn: int
    tool: str
    ok: bool
    ms: int


@dataclass(frozen=True, slots=True)
class DirectiveGiven:
    turn: int
    directive: Directive


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    turn: int


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    turn: int
    reason: str


# -- TTS -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AudioReady:
    """Mu-law of any length; `last` ends the speech. Empty audio with `last` is a speech that is only shown."""

    speech: int
    audio: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    speech: int
    reason: str


# -- time and the process ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TimePassed:
    """The moment that `deadline()` named has come."""


@dataclass(frozen=True, slots=True)
class DrainRequested:
    """The process must stop and waited as long as it may: say goodbye."""


Input = (
    CallStarted
    | FrameHeard
    | KeyPressed
    | MarkPlayed
    | CallerHungUp
    | LineLost
    | LineSlow
    | PartialHeard
    | FinalHeard
    | EarsLost
    | ReplyDelta
    | ToolStarted
    | ToolEnded
    | DirectiveGiven
    | ReplyEnded
    | ReplyFailed
    | AudioReady
    | SpeechFailed
    | TimePassed
    | DrainRequested
)
