"""What stands between a caller and a conversation: lobby, arrivals, the outgoing queue, the token
bucket.
"""

import asyncio
from collections.abc import Iterator, MutableMapping
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.call.inputs import Input, LineLost, LineSlow
from dalpak.clock import SystemClock, run_virtual
from dalpak.runtime.supervise import Supervisor
from dalpak.telephony import twilio
from dalpak.web.arrivals import Arrivals
from dalpak.web.lobby import Lobby
from dalpak.web.media_ws_ai import (
    FRAMES_AT_ONCE,
    FRAMES_PER_SECOND,
    TokenBucket,
    TwilioLine,
)
from dalpak.web.outgoing import MAX_MESSAGES, SEND_DEADLINE_S, SLOW_MESSAGES, Outgoing

pytestmark = pytest.mark.integration


class Peer:
    """The far end of one socket. `stuck` takes nothing; `gone` refuses."""

    def __init__(self, *, stuck: bool = False, gone: bool = False) -> None:
        self.got: list[str] = []
        self.stuck, self.gone = stuck, gone
        self.free = asyncio.Event()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if self.gone:
            raise OSError("gone")
        if self.stuck:
            await self.free.wait()
        self.got.append(message["text"])


def outgoing_to(peer: Peer) -> tuple[Outgoing, list[Input]]:
    told: list[Input] = []
    out = Outgoing(peer.send)
    out.tell = told.append
    return out, told


def test_a_socket_with_room_is_written_at_once_and_a_full_one_is_never_overtaken() -> None:
    async def story() -> None:
        peer, room = Peer(stuck=True), True

        def write(text: str) -> bool:
            if room:
                peer.got.append(text)
            return room

        out = Outgoing(peer.send, write)
        out.audio("1")
        out.control("2")
        assert peer.got == ["1", "2"], "no writer was needed"
        room = False
        out.audio("3")
        work = Supervisor("test")
        writing = work.spawn(out.run(), name="writer")
        await SystemClock().sleep(0)
        await SystemClock().sleep(0)
        room = True
        out.audio("4")
        assert peer.got == ["1", "2"], "the writer has the third in its hand"
        peer.stuck = False
        peer.free.set()
        out.finish()
        await writing
        assert peer.got == ["1", "2", "3", "4"]

    run_virtual(story())


def test_everything_goes_out_in_order_and_then_the_writer_ends() -> None:
    async def story() -> None:
        peer = Peer()
        out, told = outgoing_to(peer)
        for n in range(20):
            (out.audio if n % 3 else out.control)(str(n))
        out.finish()
        out.audio("too late")
        await out.run()
        assert peer.got == [str(n) for n in range(20)]
        assert told == []

    run_virtual(story())


def test_a_clear_takes_back_the_audio_and_nothing_else() -> None:
    async def story() -> None:
        peer = Peer()
        out, _ = outgoing_to(peer)
        line = TwilioLine("MZ1", out)
        for n in range(5):
            line.send_frame(b"\xff" * 160)
            line.send_mark(str(n))
        line.clear()
        line.send_frame(b"\x00" * 160)
        line.hang_up("agent")
        await out.run()
        assert peer.got == [
            *(twilio.encode_mark("MZ1", str(n)) for n in range(5)),
            twilio.encode_clear("MZ1"),
            twilio.encode_media("MZ1", b"\x00" * 160),
        ]

    run_virtual(story())


def test_a_peer_that_takes_nothing_is_slow_at_first_and_then_lost() -> None:
    async def story() -> None:
        out, told = outgoing_to(Peer(stuck=True))
        loop = asyncio.get_running_loop()
        for n in range(SLOW_MESSAGES + 2):
            out.audio(str(n))
        assert told == [LineSlow(SLOW_MESSAGES + 1), LineSlow(SLOW_MESSAGES + 2)]
        await out.run()
        assert told[-1] == LineLost("send_timeout")
        assert loop.time() == pytest.approx(SEND_DEADLINE_S)
        out.control("more")
        assert told.count(LineLost("send_timeout")) == 1

    run_virtual(story())


def test_a_socket_that_is_gone_is_told_once() -> None:
    async def story() -> None:
        out, told = outgoing_to(Peer(gone=True))
        out.control("1")
        await out.run()
        assert told == [LineLost("send_failed")]

    run_virtual(story())


def test_the_queue_has_an_end() -> None:
    async def story() -> None:
        out, told = outgoing_to(Peer(stuck=True))
        for n in range(2 * MAX_MESSAGES):
            out.control(str(n))
        assert told == [LineLost("send_overflow")]

    run_virtual(story())


def test_the_lobby_lets_in_as_many_as_there_are_places_and_the_rest_in_their_turn() -> None:
    async def story() -> None:
        lobby = Lobby(total=3, per_address=2, most=10)
        inside: dict[str, int] = {}
        worst: dict[str, int] = {"all": 0}

        async def visit(address: str, stay_s: float) -> bool:
            async with lobby.place(address, 5.0) as granted:
                if granted:
                    inside[address] = inside.get(address, 0) + 1
                    worst[address] = max(worst.get(address, 0), inside[address])
                    worst["all"] = max(worst["all"], sum(inside.values()))
                    async with asyncio.timeout(stay_s):
                        await asyncio.Event().wait()
                return granted

        async def guarded(address: str, stay_s: float) -> bool:
            try:
                return await visit(address, stay_s)
            except TimeoutError:
                inside[address] -= 1
                return True

        visits = [guarded(address, 1.0) for address in "aaaabb"]
        assert await asyncio.gather(*visits) == [True] * 6
        assert (worst["all"], worst["a"]) == (3, 2)

    run_virtual(story())


def test_the_lobby_refuses_those_who_would_wait_too_long_or_be_too_many() -> None:
    async def story() -> None:
        lobby = Lobby(total=1, per_address=1, most=2)
        async with AsyncExitStack() as stack:
            assert await stack.enter_async_context(lobby.place("a", 1.0))
            assert not await stack.enter_async_context(lobby.place("b", 1.0))
            assert not await stack.enter_async_context(lobby.place("c", 1.0))
        async with lobby.place("b", 1.0) as granted:
            assert granted

    run_virtual(story())


class Places:
    def __init__(self, cap: int) -> None:
        self.cap, self.held = cap, 0

    @contextmanager
    def reserve(self) -> Iterator[bool]:
        granted = self.held < self.cap
        self.held += granted
        try:
            yield granted
        finally:
            self.held -= granted


def test_an_arrival_holds_one_place_until_it_comes_or_is_given_up() -> None:
    arrivals, places = Arrivals(wait_ms=1000), Places(2)

    assert arrivals.expect("a", places, 0)
    assert arrivals.expect("a", places, 10)
    assert arrivals.expect("b", places, 500)
    assert not arrivals.expect("c", places, 900)
    assert places.held == 2
    arrivals.arrived("b")
    arrivals.arrived("b")
    assert places.held == 1
    assert arrivals.expect("c", places, 1000)
    assert arrivals.expect("d", places, 1000)
    assert places.held == 2


@given(st.lists(st.integers(0, 100), max_size=400))
def test_no_more_passes_than_the_rate_and_one_burst(waits: list[int]) -> None:
    bucket, now, passed = TokenBucket(FRAMES_PER_SECOND, FRAMES_AT_ONCE), 0, 0
    for wait in waits:
        now += wait
        passed += bucket.take(now)

    assert passed <= FRAMES_AT_ONCE + FRAMES_PER_SECOND * now / 1000
    if all(wait >= 20 for wait in waits):
        assert passed == len(waits)
