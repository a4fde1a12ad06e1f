"""Twilio Media Streams, both ways: frames in become events or a `Drop`; audio, marks and clears
become frames.

`parse` is total: no input whatsoever makes it raise. Nothing here awaits, logs, or knows a call;
order and gaps are `sequencer.py`, signatures and tokens are web/. Field names are Twilio's (docs:
Media Streams WebSocket messages).
"""

import binascii
import re
from dataclasses import dataclass

import msgspec

from dalpak.telephony.drop import Drop

MAX_FRAME_CHARS = 65_536
"""Twilio's frames are under 1 KiB. The socket refuses more than this as well; a codec must not rely
on it.
"""

MAX_PAYLOAD_BYTES = 8_192
"""One second of sound. Twilio sends 20 ms; more in one frame would jump the queue of whoever
listens.
"""

MAX_PARAMETERS = 20
MAX_PARAMETER_CHARS = 500
"""Twilio's own limit for name plus value."""

MAX_MARK_CHARS = 128

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEYS = frozenset("0123456789*#")


@dataclass(frozen=True, slots=True)
class MediaFormat:
    encoding: str
    sample_rate: int
    channels: int

    @property
    def supported(self) -> bool:
        """8 kHz mono mu-law is all that this project hears."""
        return (self.encoding, self.sample_rate, self.channels) == ("audio/x-mulaw", 8000, 1)


@dataclass(frozen=True, slots=True)
class Connected:
    """The first frame of every stream. It carries nothing; nothing may be sent before `Start`."""


@dataclass(frozen=True, slots=True)
class Start:
    """The stream's identity. The SIDs are claims until the one-time token in `parameters` was
    redeemed.
    """

    stream_sid: str
    call_sid: str
    account_sid: str
    parameters: dict[str, str]
    media_format: MediaFormat


@dataclass(frozen=True, slots=True)
class Media:
    """Caller audio: 8 kHz mu-law of any length from 1 byte. `sequence` counts media frames from 1;
    None if unknown.
    """

    payload: bytes
    timestamp_ms: int | None
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Dtmf:
    digit: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Played to its end, or dropped by a clear: only the mark's own generation tells which."""

    name: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The caller hung up or the stream was stopped. The socket may also close without it."""


TwilioEvent = Connected | Start | Media | Dtmf | Mark | Stop


class _Format(msgspec.Struct):
    encoding: str = ""
    sampleRate: int | str = 0
    channels: int | str = 0


class _Start(msgspec.Struct):
    streamSid: str = ""
    callSid: str = ""
    accountSid: str = ""
    mediaFormat: _Format | None = None
    customParameters: dict[str, msgspec.Raw] | None = None


class _Media(msgspec.Struct):
    payload: bytes
    timestamp: int | str | None = None
    chunk: int | str | None = None
    track: str = "inbound"


class _Dtmf(msgspec.Struct):
    digit: str


class _Mark(msgspec.Struct):
    name: str


class _Frame(msgspec.Struct):
    event: str
    streamSid: str = ""
    start: _Start | None = None
    media: _Media | None = None
    dtmf: _Dtmf | None = None
    mark: _Mark | None = None


_DECODER = msgspec.json.Decoder(_Frame)
_TEXT = msgspec.json.Decoder(str)


def parse(raw: str | bytes) -> TwilioEvent | Drop:
    """One frame of the socket, as it came. Never raises."""
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
    match frame.event:
        case "media":
            return _media(frame.media)
        case "mark":
            return _mark(frame.mark)
        case "dtmf":
            return _dtmf(frame.dtmf)
        case "connected":
            return Connected()
        case "start":
            return _start(frame)
        case "stop":
            return Stop()
        case _:
            return Drop("unknown_event")


def _media(media: _Media | None) -> Media | Drop:
    if media is None:
        return Drop("no_body")
    if media.track != "inbound":
        return Drop("other_track")
    if not media.payload:
        return Drop("empty_payload")
    if len(media.payload) > MAX_PAYLOAD_BYTES:
        return Drop("payload_too_long")
    return Media(media.payload, _count(media.timestamp), _count(media.chunk))


def _mark(mark: _Mark | None) -> Mark | Drop:
    if mark is None:
        return Drop("no_body")
    if not mark.name or len(mark.name) > MAX_MARK_CHARS:
        return Drop("bad_mark")
    return Mark(mark.name)


def _dtmf(dtmf: _Dtmf | None) -> Dtmf | Drop:
    if dtmf is None:
        return Drop("no_body")
    if dtmf.digit not in _KEYS:
        return Drop("bad_key")
    return Dtmf(dtmf.digit)


def _start(frame: _Frame) -> Start | Drop:
    start = frame.start
    if start is None:
        return Drop("no_body")
    sids = (start.streamSid or frame.streamSid, start.callSid, start.accountSid)
    if not all(_SID.fullmatch(sid) for sid in sids):
        return Drop("bad_sid")
    audio = start.mediaFormat or _Format()
    media_format = MediaFormat(
        audio.encoding, _count(audio.sampleRate) or 0, _count(audio.channels) or 0
    )
    return Start(*sids, _parameters(start.customParameters or {}), media_format)


def _parameters(raw: dict[str, msgspec.Raw]) -> dict[str, str]:
    """Text parameters within Twilio's own limits; anything else in there is not ours and is left
    out.
    """
    parameters: dict[str, str] = {}
    for name, value in raw.items():
        if len(parameters) == MAX_PARAMETERS:
            break
        try:
            text = _TEXT.decode(value)
        except (msgspec.DecodeError, UnicodeError):
            continue
        if len(name) + len(text) <= MAX_PARAMETER_CHARS:
            parameters[name] = text
    return parameters


def _count(value: int | str | None) -> int | None:
    """Twilio writes its numbers as strings. What is no count is None: order is then not checked."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) <= 18 else None
    return value if value is not None and 0 <= value < 10**18 else None


def encode_media(stream_sid: str, payload: bytes) -> str:
    """Audio to play. `stream_sid` comes from a parsed `Start`, so it needs no escaping: this runs
    50 times a second.
    """
    body = binascii.b2a_base64(payload, newline=False).decode("ascii")
    return f'{{"event":"media","streamSid":"{stream_sid}","media":{{"payload":"{body}"}}}}'


def encode_mark(stream_sid: str, name: str) -> str:
    """Comes back when everything sent before it was played, or when it was cleared."""
    quoted = msgspec.json.encode(name).decode()
    return f'{{"event":"mark","streamSid":"{stream_sid}","mark":{{"name":{quoted}}}}}'


def encode_clear(stream_sid: str) -> str:
    """Empty the far end's buffer; every pending mark comes back at once."""
    return f'{{"event":"clear","streamSid":"{stream_sid}"}}'
