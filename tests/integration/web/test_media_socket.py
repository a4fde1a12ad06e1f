"""The media socket over the wire: a recorded exchange, bad frames, silence, floods, and callers who
come back.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from edge_harness import Edge, Phone, mint, running_edge, settings_for, sid, start_frame
from websockets.exceptions import InvalidHandshake

from dalpak.call.inputs import CallerHungUp, Input, KeyPressed, LineLost, MarkPlayed
from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.records import CallEnd
from dalpak.runtime.supervise import Supervisor
from dalpak.web.media_ws_ai import RENEW_MS, Reader

pytestmark = pytest.mark.integration


@pytest.fixture(params=["direct", "asgi"])
async def edge(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Edge]:
    """Our own server hands frames over where they arrive; any other goes through ASGI's queue."""
    async with running_edge(settings_for(tmp_path), direct=request.param == "direct") as running:
        yield running


async def test_a_recorded_exchange_is_heard_and_answered(edge: Edge) -> None:
    async with edge.talk(sid(1)) as phone:
        await phone.speak(b"\xff" * 160)
        await phone.speak(b"\x7f" * 160)
        await phone.echo("5")
        await phone.played("key:5")
        await phone.stop()
        assert await phone.closed() == 1000

    (session,) = edge.calls.opened
    assert bytes(session.audio) == b"\xff" * 160 + b"\x7f" * 160
    assert session.inputs == [KeyPressed("5"), MarkPlayed("key:5"), CallerHungUp()]
    assert (session.record.external_id, session.record.caller) == (sid(1), "+972501234567")
    assert session.record.stream_id == phone.stream
    assert not session.resumed
    _, kept = await edge.extensions.store.scope_of_call(external_id=sid(1))
    assert kept.end_reason is CallEnd.CALLER


async def test_what_comes_while_the_token_is_looked_up_is_heard_in_its_order(edge: Edge) -> None:
    async with edge.talk(sid(4)) as phone:
        for number in range(40):
            await phone.speak(bytes([number]) * 160)
        await phone.echo("7")
        await phone.stop()
        assert await phone.closed() == 1000

    (session,) = edge.calls.opened
    assert bytes(session.audio) == b"".join(bytes([number]) * 160 for number in range(40))


async def test_a_bug_that_a_frame_meets_ends_its_own_call_only(edge: Edge) -> None:
    def bug(_payload: bytes) -> None:
        raise ZeroDivisionError

    async with edge.talk(sid(5)) as unlucky, edge.talk(sid(6)) as other:
        await edge.calls.until(lambda: edge.calls.has_opened(2))
        session, _ = edge.calls.opened
        session.hear_audio = bug  # type: ignore[method-assign]
        await unlucky.speak(b"\x7f" * 160)
        await unlucky.closed()
        assert session.inputs == [LineLost("socket_fault")]
        await other.echo("1")
        await other.stop()
        assert await other.closed() == 1000


MALFORMED: dict[str, str | bytes] = {
    "not json": "this is not json {",
    "empty": "",
    "not an object": "[1, 2, 3]",
    "a bare null": "null",
    "media null": '{"event":"media","media":null}',
    "dtmf null": '{"event":"dtmf","dtmf":null}',
    "mark null": '{"event":"mark","mark":null}',
    "bad base64": '{"event":"media","media":{"payload":"@@not base64@@"}}',
    "empty payload": '{"event":"media","media":{"payload":""}}',
    "odd payload": '{"event":"media","media":{"payload":"abc"}}',
    "binary frame": b"\x00\x01\x02\xff",
    "unknown event": '{"event":"selfdestruct"}',
    "deep nesting": '{"event":"media","x":' + "[" * 5_000 + "]" * 5_000 + "}",
    "wrong types": '{"event":7,"media":"x"}',
    "no event": "{}",
    "nan": '{"event":"media","media":{"payload":"/w==","timestamp":NaN}}',
    "huge but allowed": '{"event":"media","pad":"' + "x" * 60_000 + '"}',
    "a second start": json.dumps(start_frame("MZ" + "6" * 32, sid(99), "other")),
    "a second connected": '{"event":"connected"}',
}


async def test_no_malformed_frame_ends_the_call(edge: Edge) -> None:
    async with edge.talk(sid(2)) as phone:
        for frame in MALFORMED.values():
            await phone.send_raw(frame)
            await phone.echo("1")
        await phone.stop()
        assert await phone.closed() == 1000

    (session,) = edge.calls.opened
    assert session.inputs == [KeyPressed("1")] * len(MALFORMED) + [CallerHungUp()]


async def test_stop_may_come_twice_and_what_follows_it_is_not_heard(edge: Edge) -> None:
    async with edge.talk(sid(3)) as phone:
        for frame in (phone.stop, phone.stop, lambda: phone.press("1"), phone.stop):
            await frame()
        await phone.closed()

    (session,) = edge.calls.opened
    assert session.inputs == [CallerHungUp()]


async def test_what_comes_before_start_is_ignored(edge: Edge) -> None:
    token = (await edge.ring(sid(4)))["token"]
    async with edge.handshake() as ws:
        phone = Phone(ws, sid(4))
        await phone.speak(b"\xff" * 160)
        await phone.press("9")
        await phone.begin(token)
        await phone.echo("1")

    (session,) = edge.calls.opened
    assert session.inputs[0] == KeyPressed("1")
    assert not session.audio


async def test_audio_out_of_order_is_put_in_order(edge: Edge) -> None:
    async with edge.talk(sid(5)) as phone:
        for chunk in (1, 3, 2, 4, 4, 6, 7, 8):
            await phone.speak(bytes([chunk]), chunk)
        await phone.echo("1")

    (session,) = edge.calls.opened
    assert bytes(session.audio) == b"\x01\x02\x03\x04" + b"\xff" * 160 + b"\x06\x07\x08"


async def test_a_frame_above_the_limit_is_refused_by_the_protocol(edge: Edge) -> None:
    async with edge.talk(sid(6)) as phone:
        await phone.echo("1")
        await phone.send_raw("x" * (edge.settings.ws_max_size_bytes + 1))
        assert await phone.closed() == 1009

    session = edge.calls.opened[0]
    await edge.calls.until(lambda: LineLost("socket_closed") in session.inputs)
    assert session.inputs == [KeyPressed("1"), LineLost("socket_closed")]


async def test_a_flood_is_closed_and_the_call_stays_open_in_the_log(edge: Edge) -> None:
    async with edge.talk(sid(7)) as phone:
        for _ in range(1_000):
            await phone.send_raw('{"event":"noise"}')
        assert await phone.closed() == 1008

    assert edge.calls.opened[0].inputs == [LineLost("flood")]
    _, kept = await edge.extensions.store.scope_of_call(external_id=sid(7))
    assert kept.ended_at is None


async def test_a_socket_that_falls_silent_is_dead(tmp_path: Path) -> None:
    async with running_edge(settings_for(tmp_path, dead_socket_s=0.2)) as edge:
        async with edge.talk(sid(8)) as phone:
            assert await phone.closed() == 1000
        assert edge.calls.opened[0].inputs == [LineLost("silent_socket")]


class Heard:
    """A session that only notes what it is told."""

    def __init__(self) -> None:
        self.inputs: list[Input] = []
        self.audio = bytearray()

    def hear(self, what: Input) -> None:
        self.inputs.append(what)

    def hear_audio(self, payload: bytes) -> None:
        self.audio += payload


def test_every_frame_is_a_sign_of_life_silence_included() -> None:
    """In virtual time: on the wire a busy machine is as silent as a dead line."""
    dead_s, apart_s, frames = 0.2, 0.19, 10
    payload = base64.b64encode(b"\xff" * 160).decode()

    async def story() -> None:
        clock = VirtualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
        await clock.sleep(60)
        began, left = clock.monotonic_ms(), frames

        async def receive() -> dict[str, Any]:
            nonlocal left
            left -= 1
            await clock.sleep(apart_s if left >= 0 else 3_600)
            media = {"track": "inbound", "chunk": str(frames - left), "payload": payload}
            return {
                "type": "websocket.receive",
                "text": json.dumps({"event": "media", "media": media}),
            }

        session = Heard()
        await Reader(receive, session, clock, dead_s, Supervisor("test")).run()

        assert len(session.audio) == 160 * frames
        assert session.inputs == [LineLost("silent_socket")]
        silent_ms = clock.monotonic_ms() - began - 1000 * apart_s * frames
        assert 0 < silent_ms <= 1000 * dead_s + RENEW_MS

    run_virtual(story())


async def test_a_caller_who_comes_back_takes_over_from_the_dead_socket(edge: Edge) -> None:
    async with edge.talk(sid(9)) as dead:
        await dead.echo("1")
        async with edge.talk(sid(9)) as alive:
            await alive.echo("2")
            assert await dead.closed() == 1000
            await alive.stop()
            assert await alive.closed() == 1000

    first, second = edge.calls.opened
    assert first.inputs == [KeyPressed("1"), LineLost("replaced")]
    assert second.inputs == [KeyPressed("2"), CallerHungUp()]
    assert first.record.id == second.record.id


async def test_a_closed_socket_is_a_lost_line_and_the_next_one_goes_on(edge: Edge) -> None:
    async with edge.talk(sid(10)) as phone:
        await phone.echo("1")
    await edge.calls.until(lambda: LineLost("socket_closed") in edge.calls.opened[0].inputs)

    async with edge.talk(sid(10)) as phone:
        await phone.echo("2")
    assert edge.calls.opened[1].record.id == edge.calls.opened[0].record.id


@pytest.mark.parametrize(
    "audio",
    [
        {"encoding": "audio/x-l16", "sampleRate": 8000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
        None,
    ],
)
async def test_another_audio_format_is_refused_before_anything_is_built(
    edge: Edge, audio: Any
) -> None:
    token = (await edge.ring(sid(11)))["token"]
    async with edge.handshake() as ws:
        phone = Phone(ws, sid(11))
        await phone.begin(token, mediaFormat=audio)
        assert await phone.closed() == 1003
    assert edge.calls.opened == []


async def test_no_start_in_time_closes_the_socket(tmp_path: Path) -> None:
    async with running_edge(settings_for(tmp_path, pre_start_timeout_s=0.2)) as edge:
        async with edge.handshake() as ws:
            assert await Phone(ws, sid(12)).closed() == 1008
        assert edge.calls.opened == []


async def test_sockets_that_prove_nothing_hold_few_places(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, max_pending_per_ip=2)
    async with running_edge(settings) as edge, edge.handshake(), edge.handshake() as second:
        with pytest.raises(InvalidHandshake, match="403"):
            await edge.handshake()
        await second.close()  # waits for the answer to its close: the place is free by then
        token, _ = await mint(edge, sid(13))
        async with edge.handshake() as ws:
            phone = Phone(ws, sid(13))
            await phone.begin(token)
            await phone.echo("1")


async def test_ten_callers_at_once_hear_only_their_own(edge: Edge) -> None:
    async def one(number: int) -> None:
        async with edge.talk(sid(100 + number)) as phone:
            for _ in range(20):
                await phone.speak(bytes([number]) * 160)
            await phone.echo(str(number))
            await phone.stop()
            assert await phone.closed() == 1000

    async with asyncio.TaskGroup() as callers:
        for number in range(10):
            callers.create_task(one(number))

    for session in edge.calls.opened:
        (heard,) = {*session.audio}
        assert session.record.external_id == sid(100 + heard)
        assert len(session.audio) == 3200
