"""The console's test call, both ways: JSON text frames of the page's own socket. Total, like the
telephone's codec.

In: start, text, key, mark, hangup. Out: media, mark, clear, show, ended. No sockets and no session
here.
"""

import binascii
from dataclasses import dataclass

import msgspec

from dalpak.telephony.drop import Drop

MAX_FRAME_CHARS = 8_192
MAX_TEXT_CHARS = 500
"""A typed sentence; more is not something a caller says in one breath."""

MAX_MARK_CHARS = 128

_KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class Start:
    """The person pressed the call button. `sound`: the page plays audio, so it returns marks."""

    sound: bool


@dataclass(frozen=True, slots=True)
class Text:
    """What the caller says, typed."""

    text: str


@dataclass(frozen=True, slots=True)
class Key:
    key: str


@dataclass(frozen=True, slots=True)
class Mark:
    name: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The person pressed the red button."""


BrowserEvent = Start | Text | Key | Mark | HangUp


class _Frame(msgspec.Struct):
    type: str
    sound: bool = False
    text: str = ""
    key: str = ""
    name: str = ""


_DECODER = msgspec.json.Decoder(_Frame)


def parse(raw: str | bytes) -> BrowserEvent | Drop:
    """One frame of the page's socket. Never raises."""
    if len(raw) > MAX_FRAME_CHARS:
        return Drop("too_long")
    try:
        frame = _DECODER.decode(raw)
    except msgspec.ValidationError:
        return Drop("wrong_shape")
    except (msgspec.DecodeError, UnicodeError):
        return Drop("not_json")
    except RecursionError:
        return Drop("too_deep")
    match frame.type:
        case "start":
            return Start(frame.sound)
        case "text":
            return _text(frame.text)
        case "key":
            return Key(frame.key) if frame.key in _KEYS else Drop("bad_key")
        case "mark":
            usable = 0 < len(frame.name) <= MAX_MARK_CHARS
            return Mark(frame.name) if usable else Drop("bad_mark")
        case "hangup":
            return HangUp()
        case _:
            return Drop("unknown_event")


def _text(raw: str) -> Text | Drop:
    """Control characters become spaces: the text is shown and given to an agent."""
    text = " ".join("".join(c if c.isprintable() else " " for c in raw).split())
    if not text:
        return Drop("empty_text")
    return Text(text) if len(text) <= MAX_TEXT_CHARS else Drop("text_too_long")


def encode_media(payload: bytes) -> str:
    body = binascii.b2a_base64(payload, newline=False).decode("ascii")
    return f'{{"type":"media","payload":"{body}"}}'


def encode_mark(name: str) -> str:
    return msgspec.json.encode({"type": "mark", "name": name}).decode()


def encode_clear() -> str:
    return '{"type":"clear"}'


def encode_show(kind: str, data: dict[str, object]) -> str:
    """Something for the page to draw; `data` is JSON already (text, numbers, lists, objects)."""
    return msgspec.json.encode({"type": "show", "kind": kind, "data": data}).decode()


def encode_ended(reason: str) -> str:
    return msgspec.json.encode({"type": "ended", "reason": reason}).decode()
