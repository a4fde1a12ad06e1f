"""A recorded exchange with Twilio, in its own words and order, through the real runtime.

The frames are Twilio's own as its documentation and its sockets have them; only the identities are
made up. Every frame that comes back is held to what Twilio accepts, and to nothing else.
"""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import pytest
from product_stage import CLOCK, PATIENCE_S, House, Stage, played, until
from websockets.asyncio.client import ClientConnection

from dalpak.domain.records import CallEnd

pytestmark = pytest.mark.integration

ACCOUNT = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"
CALL = "CA250ab06acf0d45d3a4c8a4a4f3e3c1b5"
STREAM = "MZ18ad3ab5a668481ce02b83e7395059f0"
WEBHOOK = {
    "AccountSid": ACCOUNT,
    "ApiVersion": "2010-04-01",
    "CallSid": CALL,
    "CallStatus": "ringing",
    "CallToken": "%7B%22parentCallInfoToken%22%3A%22eyJhbGciOiJFUzI1NiJ9%22%7D",
    "Called": "",
    "CalledCity": "",
    "CalledCountry": "IL",
    "Caller": "anonymous",
    "CallerCity": "תל אביב",
    "CallerCountry": "IL",
    "Direction": "inbound",
    "From": "anonymous",
    "FromCountry": "IL",
    "StirVerstat": "TN-Validation-Passed-A",
    "To": "",
    "ToCountry": "IL",
    "ToState": "",
}
CONNECTED = '{"event":"connected","protocol":"Call","version":"1.0.0"}'
START = (
    '{{"event":"start","sequenceNumber":"1","start":{{"accountSid":"{account}","streamSid":"{stream}",'
    '"callSid":"{call}","tracks":["inbound"],"mediaFormat":{{"encoding":"audio/x-mulaw","sampleRate":'
    '8000,"channels":1}},"customParameters":{parameters}}},"streamSid":"{stream}"}}'
)
MEDIA = (
    '{{"event":"media","sequenceNumber":"{sequence}","media":{{"track":"inbound","chunk":"{chunk}",'
    '"timestamp":"{at}","payload":"{payload}"}},"streamSid":"{stream}"}}'
)
DTMF = (
    '{{"event":"dtmf","streamSid":"{stream}","sequenceNumber":"{sequence}",'
    '"dtmf":{{"track":"inbound_track","digit":"{digit}"}}}}'
)
MARK = '{{"event":"mark","sequenceNumber":"{sequence}","mark":{{"name":{name}}},"streamSid":"{stream}"}}'
STOP = (
    '{{"event":"stop","sequenceNumber":"{sequence}","stop":{{"accountSid":"{account}",'
    '"callSid":"{call}"}},"streamSid":"{stream}"}}'
)
QUIET_S = 0.7
LINE_NOISE = base64.b64encode(bytes([0xFF, 0x7F, 0xFE, 0x7E] * 40)).decode()


@dataclass
class Exchange:
    parameters: dict[str, str] = field(default_factory=dict)
    greeting: list[dict[str, Any]] = field(default_factory=list)
    """What came until the greeting was over."""
    answer: list[dict[str, Any]] = field(default_factory=list)
    """What came after the key."""
    end: CallEnd | None = None
    ended_events: int = 0


class Tape:
    """The recorded side: numbers its frames, plays silence, and gives marks back in time."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.sequence = 1
        self.chunk = 0

    async def send(self, frame: str, **fields: str) -> None:
        self.sequence += 1
        shared = {"account": ACCOUNT, "call": CALL, "stream": STREAM}
        await self.socket.send(frame.format(sequence=self.sequence, **shared, **fields))

    async def silence(self) -> None:
        """Twilio never stops sending."""
        began = CLOCK.monotonic_ms()
        while True:
            self.chunk += 1
            at = str(self.chunk * 20 - 15)
            await self.send(MEDIA, chunk=str(self.chunk), at=at, payload=LINE_NOISE)
            await CLOCK.sleep(max(0, began + self.chunk * 20 - CLOCK.monotonic_ms()) / 1000)

    async def hear(self) -> list[dict[str, Any]]:
        """What comes until nothing comes any more; every mark is given back at once."""
        heard: list[dict[str, Any]] = []
        while True:
            try:
                async with asyncio.timeout(QUIET_S if voiced(heard) else PATIENCE_S):
                    text = await self.socket.recv()
            except TimeoutError:
                return heard
            assert isinstance(text, str), "Twilio takes text frames only"
            frame: dict[str, Any] = json.loads(text)
            heard.append(frame)
            if frame["event"] == "mark":
                await self.send(MARK, name=json.dumps(frame["mark"]["name"]))


def voiced(heard: list[dict[str, Any]]) -> int:
    """Frames of sound."""
    return sum(frame["event"] == "media" for frame in heard)


async def recorded(stage: Stage) -> Exchange:
    """Ring, greeting, one key, its answer, and the caller hangs up."""
    house, exchange = stage.house, Exchange()
    socket_url, exchange.parameters = await _ring(house)
    async with house.twilio.socket(socket_url) as socket:
        tape = Tape(socket)
        await socket.send(CONNECTED)
        parameters = json.dumps(exchange.parameters)
        start = START.format(account=ACCOUNT, call=CALL, stream=STREAM, parameters=parameters)
        await socket.send(start)
        async with asyncio.TaskGroup() as group:
            silence = group.create_task(tape.silence())
            exchange.greeting = await tape.hear()
            await tape.send(DTMF, digit="2")
            exchange.answer = await tape.hear()
            silence.cancel()
        await tape.send(STOP)
    known = await house.store.scope_of_call(external_id=CALL)
    assert known is not None
    call_id = known[1].id

    async def told() -> bool:
        return await house.ended_events(call_id) > 0

    await until(told, "call.ended", PATIENCE_S)
    after = await house.store.scope_of_call(external_id=CALL)
    exchange.end = after[1].end_reason if after else None
    exchange.ended_events = await house.ended_events(call_id)
    return exchange


async def _ring(house: House) -> tuple[str, dict[str, str]]:
    form = WEBHOOK | {"To": house.business.phone, "Called": house.business.phone}
    answer = await house.twilio.post("/voice/incoming", form)
    stream = ElementTree.fromstring(answer.text).find("./Connect/Stream")
    assert stream is not None, answer.text
    parameters = {p.get("name", ""): p.get("value", "") for p in stream.findall("Parameter")}
    return stream.get("url", ""), parameters


def is_what_twilio_takes(frame: dict[str, Any]) -> bool:
    """Its three kinds of frames, with their fields and no others."""
    match frame:
        case {"event": "media", "streamSid": sid, "media": {"payload": payload}, **rest}:
            sound = base64.b64decode(payload, validate=True)
            return sid == STREAM and not rest and len(sound) == 160
        case {"event": "mark", "streamSid": sid, "mark": {"name": name}, **rest}:
            return sid == STREAM and not rest and bool(name)
        case {"event": "clear", "streamSid": sid, **rest}:
            return sid == STREAM and not rest
    return False


@played(recorded)
def test_the_caller_is_greeted_and_answered(outcome: Exchange) -> None:
    assert "token" in outcome.parameters
    for heard in (outcome.greeting, outcome.answer):
        assert [frame for frame in heard if not is_what_twilio_takes(frame)] == []
        assert voiced(heard) > 50
        assert any(frame["event"] == "mark" for frame in heard)


@played(recorded)
def test_the_end_is_told_once(outcome: Exchange) -> None:
    assert outcome.end is CallEnd.CALLER
    assert outcome.ended_events == 1
