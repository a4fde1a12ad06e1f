"""Everything that a broken or hostile carrier may send into a live call: the call lives and books."""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from product_stage import (
    PATIENCE_S,
    House,
    Stage,
    converse,
    played,
    until,
)

from dalpak.simulator.twilio import PhoneCall

pytestmark = pytest.mark.integration

CALLS = 3
LOUD = base64.b64encode(b"\x10" * 160).decode()


def media(**changes: Any) -> str:
    body = {"track": "inbound", "chunk": "1", "timestamp": "5", "payload": LOUD} | changes
    return json.dumps({"event": "media", "sequenceNumber": "9", "media": body})


BROKEN: dict[str, list[str | bytes]] = {
    "not JSON": ["{", "hello", "", '{"event":"media","media":{"payload":"', "\ufeff{}"],
    "no object": ["[]", "null", "42", '"media"', "[" + "0," * 500 + "0]"],
    "null members": ['{"event":"media","media":null}', '{"event":null}', '{"event":"dtmf","dtmf":null}'],
    "members missing": ["{}", '{"event":"media"}', '{"event":"mark","mark":{}}', '{"event":"dtmf"}'],
    "members of another type": ['{"event":7}', '{"event":"media","media":[]}', media(payload=5)],
    "bad base64": [media(payload="%%%%"), media(payload="A"), media(payload="א" * 8)],
    "empty payload": [media(payload="")],
    "odd payload": [media(payload=base64.b64encode(b"\xff" * n).decode()) for n in (1, 159, 161)],
    "too long a payload": [media(payload=base64.b64encode(b"\xff" * 20_000).decode())],
    "binary frame": [b"\x00\x01\x02", b"\xff" * 160, media().encode()[:40], b""],
    "unknown event": ['{"event":"hold"}', '{"event":"stopp","stop":{}}', '{"event":""}'],
    "deep nesting": ["[" * 20_000, '{"a":' * 10_000, '{"event":"media","media":' + "[" * 9_000],
    "strange numbers": [media(timestamp="-1"), media(chunk="9" * 30), media(chunk=1e300, timestamp=True)],
    "strange keys and marks": [
        '{"event":"dtmf","dtmf":{"digit":"A"}}',
        '{"event":"dtmf","dtmf":{"digit":"12"}}',
        '{"event":"mark","mark":{"name":"g9:t9:s9:999999e"}}',
        '{"event":"mark","mark":{"name":"' + "x" * 1000 + '"}}',
    ],
    "a second beginning": [
        '{"event":"connected","protocol":"Call","version":"1.0.0"}',
        '{"event":"start","start":{"accountSid":"AC1","callSid":"CA1","streamSid":"MZ1"}}',
    ],
    "the other track": [media(track="outbound"), media(track="")],
    "text that is no text": [b'{"event":"mark","mark":{"name":"\xff\xfe"}}', '{"event":"\\ud800"}'],
}  # fmt: skip
HUGE = "x" * 70_000
"""Over what a socket may carry: the protocol itself refuses it, and the carrier comes back."""


@dataclass(frozen=True)
class Survived:
    """A call that was vandalised, and what is left of it."""

    appointments: int
    streams: int
    error: str
    drops: dict[str, int]


async def vandalised(house: House, number: int, frames: Sequence[str | bytes]) -> Survived:
    """Books by keypad, with these frames before every answer."""
    call = house.twilio.call()

    async def vandalise(_step: int) -> None:
        for frame in frames:
            assert call.stream is not None
            await call.stream.send_raw(frame)

    await converse(call, number, vandalise)
    closed = house.logged("MEDIA_SOCKET_CLOSED")
    record = await house.call_of(call)
    drops = [line["drops"] for line in closed if line["call_id"] == record.id]
    booked = await house.appointments(call)
    return Survived(len(booked), call.streams, call.error, drops[-1] if drops else {})


async def every_class(stage: Stage) -> dict[str, Survived]:
    """A few calls, each of which gets the frames of several classes: what one loses, they lose."""
    names = list(BROKEN)
    shares = [names[n::CALLS] for n in range(CALLS)]
    frames = [[f for name in share for f in BROKEN[name]] for share in shares]
    found = await asyncio.gather(
        *(vandalised(stage.house, n, each) for n, each in enumerate(frames))
    )
    return {name: result for share, result in zip(shares, found, strict=True) for name in share}


async def huge_frame(stage: Stage) -> Survived:
    """Before the second answer only: the socket closes over it."""
    call = stage.house.twilio.call()

    async def send_it(step: int) -> None:
        if step == 1 and call.stream is not None:
            await call.stream.send_raw(HUGE)
            await until(lambda: back(call), "the carrier comes back")
            await call.answered(call.hearing.voices, PATIENCE_S)

    await converse(call, 6, send_it)
    booked = await stage.house.appointments(call)
    return Survived(len(booked), call.streams, call.error, {})


async def back(call: PhoneCall) -> bool:
    return call.streams > 1 and call.stream is not None


@played(every_class)
@pytest.mark.parametrize("name", BROKEN)
def test_a_call_lives_and_books(name: str, outcome: dict[str, Survived]) -> None:
    survived = outcome[name]

    assert (survived.appointments, survived.streams, survived.error) == (1, 1, "")


@played(every_class)
def test_what_was_not_understood_was_counted(outcome: dict[str, Survived]) -> None:
    reasons = {reason for survived in outcome.values() for reason in survived.drops}

    assert {"not_json", "wrong_shape", "no_body", "unknown_event", "empty_payload"} <= reasons
    assert {"payload_too_long", "bad_key", "bad_mark", "other_track", "repeated_start"} <= reasons


@played(huge_frame)
def test_a_huge_frame_ends_a_socket_but_not_the_call(outcome: Survived) -> None:
    assert (outcome.appointments, outcome.streams, outcome.error) == (1, 2, "")
