"""A Soniox stream's own rules, in virtual time: what is kept, dropped, told and given up."""

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.client import ClientConnection

from dalpak.clock import VirtualClock, run_virtual
from dalpak.errors import ProviderError
from dalpak.ports.stt import Transcript
from dalpak.services.stt.soniox import (
    HARD,
    KEPT_BYTES,
    OVERLAP_BYTES,
    QUEUE_BYTES,
    ROLL_AGAIN_S,
    SEND_S,
    SonioxStream,
)
from dalpak.services.stt.soniox_protocol import SonioxOptions, Words, fault_of, reply_of

pytestmark = pytest.mark.unit

SECOND = bytes(8_000)


class Socket:
    """A socket of the library's shape; `stuck` takes nothing more, `say` makes the other side speak."""

    def __init__(self) -> None:
        self.sent: list[str | bytes] = []
        self.stuck = asyncio.Event()
        self.closed = False
        self.last_words: tuple[tuple[str, bool], ...] = ()
        """Said while it is being closed."""
        self._said: asyncio.Queue[str | None] = asyncio.Queue()

    async def send(self, message: str | bytes) -> None:
        if self.stuck.is_set():
            await asyncio.Event().wait()
        self.sent.append(message)

    def say(self, *tokens: tuple[str, bool]) -> None:
        said = [{"text": text, "is_final": final} for text, final in tokens]
        self._said.put_nowait(json.dumps({"tokens": said}))

    async def close(self) -> None:
        self.closed = True
        self.say(*self.last_words)
        self._said.put_nowait(None)

    @property
    def transport(self) -> "Socket":
        return self

    def abort(self) -> None:
        self.closed = True

    def __aiter__(self) -> "Socket":
        return self

    async def __anext__(self) -> str:
        said = await self._said.get()
        if said is None:
            raise StopAsyncIteration
        return said

    @property
    def audio(self) -> bytes:
        return b"".join(m for m in self.sent if isinstance(m, bytes))

    @property
    def asked(self) -> list[str]:
        return [json.loads(m)["type"] for m in self.sent if isinstance(m, str)]


class Stage:
    def __init__(self, **changes: Any) -> None:
        self.clock = VirtualClock(datetime(2026, 11, 23, tzinfo=UTC))
        self.sockets: list[Socket] = []
        self.heard: list[Transcript] = []
        self.lost: list[str] = []
        self.refuse = False
        values: dict[str, Any] = {
            "url": "http://127.0.0.1:1",
            "api_key": "key",
            "model": "m",
            "open_s": 1.0,
            "chunk_ms": 100,
            "keepalive_s": 5.0,
            "silent_s": 1.5,
            "endpoint_ms": 700,
            "hangover_ms": 120,
            "roll_s": 3_600.0,
        }
        self.stream = SonioxStream(
            SonioxOptions(**{**values, **changes}),
            self.clock,
            self.dial,
            self.heard.append,
            self.lost.append,
        )

    async def dial(self) -> ClientConnection:
        if self.refuse:
            raise ProviderError("stt_unreachable")
        self.sockets.append(Socket())
        return cast(ClientConnection, self.sockets[-1])

    async def settle(self, seconds: float = 0.001) -> None:
        await self.clock.sleep(seconds)


def virtual(test: Callable[[Stage], Any], **changes: Any) -> None:
    async def main() -> None:
        stage = Stage(**changes)
        await stage.stream.begin()
        await test(stage)
        await stage.stream.aclose()
        assert all(socket.closed for socket in stage.sockets)

    run_virtual(main())


def test_a_chunk_waits_until_it_is_full_and_a_finalize_sends_the_rest() -> None:
    async def story(stage: Stage) -> None:
        stage.stream.feed(bytes(799))
        await stage.settle()
        assert stage.sockets[0].audio == b""
        stage.stream.feed(bytes(2))
        await stage.settle()
        assert len(stage.sockets[0].audio) == 800
        stage.stream.finalize()
        await stage.settle()
        assert len(stage.sockets[0].audio) == 801
        assert stage.sockets[0].asked == ["finalize"]
        assert json.loads(str(stage.sockets[0].sent[-1]))["trailing_silence_ms"] == 120

    virtual(story)


def test_an_idle_socket_gets_a_keep_alive_and_a_busy_one_none() -> None:
    async def story(stage: Stage) -> None:
        for _ in range(10):
            stage.stream.feed(SECOND)
            await stage.clock.sleep(4)
        assert stage.sockets[0].asked == []
        await stage.clock.sleep(20)
        assert stage.sockets[0].asked == ["keepalive"] * 4

    virtual(story)


def test_a_slow_socket_costs_the_oldest_audio_and_never_a_finalize() -> None:
    async def story(stage: Stage) -> None:
        for number in range(30):
            stage.stream.feed(bytes([number]) * 8_000)
            if number == 2:
                stage.stream.finalize()
        assert stage.stream.dropped_bytes == 30 * 8_000 - QUEUE_BYTES
        await stage.settle()
        audio = stage.sockets[0].audio
        assert len(audio) == QUEUE_BYTES
        assert audio[0] == 20
        assert stage.sockets[0].asked == ["finalize"]

    virtual(story)


def test_a_send_that_blocks_loses_the_stream() -> None:
    async def story(stage: Stage) -> None:
        stage.sockets[0].stuck.set()
        stage.stream.feed(SECOND)
        await stage.clock.sleep(SEND_S - 0.01)
        assert stage.lost == []
        await stage.clock.sleep(0.02)
        assert stage.lost == ["stt_stalled"]

    virtual(story)


@pytest.mark.parametrize("speaks", [True, False])
def test_only_a_service_without_a_word_is_silent(speaks: bool) -> None:
    async def story(stage: Stage) -> None:
        stage.stream.feed(SECOND)
        stage.stream.finalize()
        await stage.clock.sleep(1.4)
        if speaks:
            stage.sockets[0].say()
        await stage.clock.sleep(0.2)
        assert stage.lost == ([] if speaks else ["stt_silent"])
        assert stage.heard == []

    virtual(story)


def test_an_answered_finalize_ends_the_watch() -> None:
    async def story(stage: Stage) -> None:
        stage.stream.feed(SECOND)
        stage.stream.finalize()
        stage.sockets[0].say(("<fin>", True))
        await stage.clock.sleep(60)
        assert stage.lost == []
        assert stage.heard == []

    virtual(story)


def test_a_replacement_hears_the_utterance_again_and_the_old_socket_is_not_heard_any_more() -> None:
    async def story(stage: Stage) -> None:
        stage.stream.feed(SECOND)
        stage.sockets[0].say(("hello", False))
        stage.sockets[0].last_words = (("hello", True), ("<fin>", True))
        await stage.clock.sleep(10 * HARD)
        stage.stream.feed(SECOND)
        stage.stream.finalize()
        await stage.settle()
        old, new = stage.sockets
        new.say(("hello there", True), ("<fin>", True))
        await stage.settle()
        assert old.closed
        assert len(new.audio) == 2 * 8_000
        assert new.asked == ["finalize"]
        assert [t.text for t in stage.heard if t.final] == ["hello there"]

    virtual(story, roll_s=10.0)


def test_what_has_become_words_is_not_said_to_the_replacement() -> None:
    async def story(stage: Stage) -> None:
        await stage.clock.sleep(11)
        stage.stream.feed(bytes([1]) * 80)
        stage.stream.finalize()
        await stage.settle()
        stage.sockets[0].say(("hello", True), ("<fin>", True))
        await stage.settle()
        assert len(stage.sockets) == 2
        assert stage.sockets[1].sent == []

    virtual(story, roll_s=10.0 * HARD)


@settings(max_examples=40)
@given(seconds=st.lists(st.integers(1, 4), max_size=10), pending=st.booleans())
def test_what_is_kept_for_a_replacement_is_bounded(seconds: list[int], pending: bool) -> None:
    async def story(stage: Stage) -> None:
        if pending:
            stage.sockets[0].say(("hello", False))
            await stage.settle()
        for many in seconds:
            stage.stream.feed(SECOND * many)
            await stage.clock.sleep(many)
        await stage.clock.sleep(100 * HARD)
        stage.stream.feed(bytes(800))
        await stage.settle()
        said = len(stage.sockets[1].audio)
        total = sum(seconds) * 8_000 + 800
        assert said == min(total, KEPT_BYTES if pending else OVERLAP_BYTES)

    virtual(story, roll_s=100.0)


def test_a_replacement_that_fails_is_tried_again_later_not_at_once() -> None:
    async def story(stage: Stage) -> None:
        stage.refuse = True
        await stage.clock.sleep(10 * HARD)
        for _ in range(20):
            stage.stream.feed(bytes(800))
            await stage.clock.sleep(0.1)
        assert len(stage.sockets) == 1
        stage.refuse = False
        stage.stream.feed(bytes(800))
        await stage.settle()
        assert len(stage.sockets) == 1
        await stage.clock.sleep(ROLL_AGAIN_S)
        stage.stream.feed(bytes(800))
        await stage.settle()
        assert len(stage.sockets) == 2
        assert stage.lost == []

    virtual(story, roll_s=10.0)


def test_a_mistake_of_the_listener_loses_the_stream_instead_of_leaving_it_deaf() -> None:
    async def main() -> None:
        stage = Stage()

        def wrong(_: Transcript) -> None:
            raise ZeroDivisionError

        stage.stream = SonioxStream(
            stage.stream._options, stage.clock, stage.dial, wrong, stage.lost.append
        )
        await stage.stream.begin()
        stage.sockets[0].say(("hello", False))
        await stage.settle()
        assert stage.lost == ["stt_fault"]
        await stage.stream.aclose()

    run_virtual(main())


# -- tokens --------------------------------------------------------------------------------------

words = st.lists(st.text("abcאבג", min_size=1, max_size=4), min_size=1, max_size=8)


@settings(max_examples=60)
@given(utterances=st.lists(words, max_size=4), data=st.data())
def test_every_utterance_is_told_once_as_a_final_and_grows_before(
    utterances: list[list[str]], data: st.DataObject
) -> None:
    """However they cut an utterance into provisional and final tokens."""
    heard: list[Transcript] = []
    ear = Words()

    def take(tokens: Sequence[tuple[str, bool]]) -> None:
        said = [{"text": t, "is_final": f} for t, f in tokens]
        reply = reply_of(json.dumps({"tokens": said}))
        assert reply is not None
        heard.extend(ear.take(reply))

    for utterance in utterances:
        spaced = [utterance[0], *(f" {word}" for word in utterance[1:])]
        firm = 0
        for known in range(1, len(spaced) + 1):
            upto = data.draw(st.integers(firm, known))
            take([(t, n + firm < upto) for n, t in enumerate(spaced[firm:known])])
            firm = upto
        marker = data.draw(st.sampled_from(["<fin>", "<end>"]))
        take([*((t, True) for t in spaced[firm:]), (marker, True)])
        take([("<fin>", True)])
        assert not ear.pending
    finals = [t.text for t in heard if t.final]
    assert finals == [" ".join(utterance) for utterance in utterances]
    grown = [t.text for t in heard]
    assert len(grown) == sum(len(u) + 1 for u in utterances)


@given(st.one_of(st.text(max_size=40), st.binary(max_size=40)))
def test_anything_may_come_over_the_wire(message: str | bytes) -> None:
    reply = reply_of(message)
    if reply is not None:
        Words().take(reply)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["tokens", "text", "is_final", "confidence", "error_code"]), inner
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_may_come_over_the_wire(data: object) -> None:
    reply = reply_of(json.dumps(data))
    if reply is not None:
        Words().take(reply)


def test_errors_have_stable_names() -> None:
    assert {code: (fault_of(code).code, fault_of(code).retryable) for code in (401, 402, 500)} == {
        401: ("stt_unauthenticated", False),
        402: ("stt_quota", False),
        500: ("stt_unavailable", True),
    }
