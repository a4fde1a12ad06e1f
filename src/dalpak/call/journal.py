"""The journal: every input of a call with its time, and the effects it had, as JSON lines that replay exactly.

Personal data is masked before it is written: words become placeholders that keep what the core looks at (is it a
backchannel, how many words, were they said before), digits become zeros, audio becomes its length; how finished the
caller sounded is written beside the words. So a journal of production replays in a test although nobody can read from
it what was said. No files here: the runtime writes them.
"""

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from dalpak.call import effects as e
from dalpak.call import inputs as i
from dalpak.call.effects import Effect
from dalpak.call.inputs import Input
from dalpak.call.limits import Limits, Ms
from dalpak.call.machine import Call
from dalpak.call.prompts import Prompts
from dalpak.call.words import PUNCTUATION
from dalpak.language.base import Completeness, Spoken

VERSION = 1
MERE = "~"
"""Begins the placeholder of a word that is a backchannel."""

_INPUTS: dict[str, type] = {
    c.__name__: c
    for c in (
        i.CallStarted, i.FrameHeard, i.KeyPressed, i.MarkPlayed, i.CallerHungUp, i.LineLost, i.LineSlow,
        i.PartialHeard, i.FinalHeard, i.EarsLost, i.ReplyDelta, i.ToolStarted, i.ToolEnded, i.DirectiveGiven,
        i.ReplyEnded, i.ReplyFailed, i.AudioReady, i.SpeechFailed, i.TimePassed, i.DrainRequested,
    )
}  # fmt: skip
_DIRECTIVES: dict[str, type] = {
    c.__name__: c for c in (i.CollectDigits, i.SayGoodbye, i.TransferTo)
}


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Made once: a line is written 50 times a second, and `json.dumps` would make one for each."""


class JournalError(ValueError):
    """The file is no journal of ours: names the line and what was expected."""


def header(call_id: str, limits: Limits) -> str:
    return json.dumps(
        {"journal": VERSION, "call_id": call_id, "limits": dataclasses.asdict(limits)}
    )


class Mask:
    """Words of one call to placeholders: the same word to the same one, so that a repeated word replays as one, with
    its capital and its punctuation, by which a final may differ from its partial."""

    def __init__(self, is_backchannel: Callable[[str], bool]) -> None:
        self._is_backchannel = is_backchannel
        self._numbers: dict[str, int] = {}

    def __call__(self, text: str) -> str:
        mere = self._is_backchannel(text)
        return " ".join(self._placeholder(word, mere=mere) for word in text.split())

    def _placeholder(self, word: str, *, mere: bool) -> str:
        bare = word.rstrip(PUNCTUATION)
        number = self._numbers.setdefault(bare.casefold(), len(self._numbers))
        begins = MERE if mere or self._is_backchannel(word) else ""
        return f"{begins}{'W' if bare[:1].isupper() else 'w'}{number}{word[len(bare) :]}"


def line(
    at: Ms,
    what: Input,
    effects: list[Effect],
    mask: Mask,
    sounds: Completeness = Completeness.COMPLETE,
) -> str:
    """One step, masked. One mask per call. `sounds` is what the language said of the caller's words so far."""
    if type(what) is i.TimePassed and len(effects) == 1 and type(effects[0]) is e.SendFrame:
        return f'{{"t":{at},{_ONE_FRAME_SENT}'
    if type(what) is i.FrameHeard and what.voiced and not effects:
        return f'{{"t":{at},{_VOICE_HEARD}'
    return _line(at, what, effects, mask, sounds)


_ONE_FRAME_SENT = '"in":"TimePassed","a":{},"out":["SendFrame"]}'
"""What nearly every line says while we speak."""
_VOICE_HEARD = '"in":"FrameHeard","a":{"voiced":true},"out":[]}'
"""And while the caller does."""


def _line(at: Ms, what: Input, effects: list[Effect], mask: Mask, sounds: Completeness) -> str:
    entry: dict[str, object] = {
        "t": at,
        "in": type(what).__name__,
        "a": _masked(what, mask),
        "out": digest(effects),
    }
    if sounds is not Completeness.COMPLETE and isinstance(what, i.PartialHeard | i.FinalHeard):
        entry["sounds"] = sounds
    return _encode(entry)


def digest(effects: Iterable[Effect]) -> list[str]:
    """Effects by name and number, without any words; equal digests mean the same behaviour."""
    out = []
    for name, group in groupby(map(_effect, effects)):
        count = sum(1 for _ in group)
        out.append(f"{name}*{count}" if count > 1 else name)
    return out


def _effect(what: Effect) -> str:
    name = type(what).__name__
    match what:
        case e.SendMark(mark):
            return f"{name}:{mark}"
        case e.StartTurn(turn) | e.CancelTurn(turn) | e.DraftTurn(turn):
            return f"{name}:{turn}"
        case e.CommitTurn(draft, turn):
            return f"{name}:{draft}:t{turn}"
        case e.Speak(speech, turn):
            return f"{name}:{speech}:t{turn}"
        case e.CancelSpeech(speech):
            return f"{name}:{speech}"
        case e.RecordMark(turn, mark, ms):
            return f"{name}:{turn}:{mark}={ms}"
        case e.RecordTurn(turn=turn, interrupted=cut):
            return f"{name}:{turn}{':cut' if cut else ''}"
        case e.HangUp(reason):
            return f"{name}:{reason}"
        case _:
            return name


def _words(spoken: Spoken) -> str:
    return " ".join("x" for _ in spoken.text.split())


def _masked(what: Input, mask: Mask) -> dict[str, object]:
    match what:
        case i.PartialHeard(text) | i.FinalHeard(text):
            return {"text": mask(text)}
        case i.KeyPressed(key):
            return {"key": "0" if key.isdigit() else key[:1]}
        case i.ReplyDelta(turn, spoken, tag):
            return {"turn": turn, "spoken": _words(spoken), "tag": tag}
        case i.DirectiveGiven(turn, directive):
            args = (
                {"max_digits": directive.max_digits}
                if isinstance(directive, i.CollectDigits)
                else {}
            )
            return {"turn": turn, "directive": type(directive).__name__, **args}
        case i.AudioReady(speech, audio, last):
            return {"speech": speech, "bytes": len(audio), "last": last}
        case _:
            return {name: getattr(what, name) for name in what.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Step:
    at: Ms
    what: Input
    out: list[str]
    sounds: Completeness = Completeness.COMPLETE


def read(lines: Iterable[str]) -> tuple[str, Limits, list[Step]]:
    """(call id, limits, steps). Raises JournalError naming the line."""
    rows = iter(lines)
    try:
        head = json.loads(next(rows))
        if head["journal"] != VERSION:
            raise JournalError(
                f"line 1: expected journal version {VERSION}, got {head['journal']!r}"
            )
        limits, call_id = Limits(**head["limits"]), str(head["call_id"])
    except (StopIteration, ValueError, KeyError, TypeError) as fault:
        raise JournalError(f"line 1: expected the header of a journal, got {fault!r}") from fault
    return call_id, limits, list(_steps(rows))


def _steps(rows: Iterator[str]) -> Iterator[Step]:
    for number, row in enumerate(rows, start=2):
        if not row.strip():
            continue
        try:
            entry = json.loads(row)
            sounds = Completeness(entry.get("sounds", Completeness.COMPLETE))
            what = _input(entry["in"], entry["a"])
            yield Step(int(entry["t"]), what, list(entry["out"]), sounds)
        except (ValueError, KeyError, TypeError) as fault:
            raise JournalError(f"line {number}: expected a step, got {fault!r}") from fault


def _input(name: str, args: dict[str, object]) -> Input:
    if name == "ReplyDelta":
        args = {**args, "spoken": Spoken(str(args["spoken"]))}
    elif name == "DirectiveGiven":
        rest = {k: v for k, v in args.items() if k == "max_digits"}
        kind = str(args["directive"])
        extra = (
            {"purpose": "", **rest}
            if kind == "CollectDigits"
            else {"number": ""}
            if kind == "TransferTo"
            else {}
        )
        args = {"turn": args["turn"], "directive": _DIRECTIVES[kind](**extra)}
    elif name == "AudioReady":
        args = {
            "speech": args["speech"],
            "audio": b"\xff" * int(str(args["bytes"])),
            "last": args["last"],
        }
    what: Input = _INPUTS[name](**args)
    return what


@dataclass(frozen=True, slots=True)
class Replayed:
    """A step as it was and as it is now."""

    step: Step
    phase: str
    out: list[str]

    @property
    def same(self) -> bool:
        return self.out == self.step.out


def _is_mere(text: str) -> bool:
    return all(word.startswith(MERE) for word in text.split())


def replay(limits: Limits, steps: Iterable[Step]) -> Iterator[Replayed]:
    """Run the steps through a fresh core; every step comes back with what it does now."""
    # Each prompt its own words: the core compares them, though it never reads them.
    said = [Spoken(f"<{field.name}>") for field in dataclasses.fields(Prompts)]
    prompts = Prompts(said[0], (said[1],), *said[2:])
    sounds = Completeness.COMPLETE
    call = Call(limits, prompts, _is_mere, lambda _: sounds)
    for step in steps:
        sounds = step.sounds
        out = digest(call.handle(step.what, step.at))
        yield Replayed(step, call.phase.value, out)
