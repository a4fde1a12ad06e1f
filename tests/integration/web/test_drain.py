"""SIGTERM with callers on the line, in a process of its own: nobody is cut, nobody new comes in, the end is prompt."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from edge_harness import Phone, sid
from edge_processes import Child, child
from tests.serving import free_port
from websockets.exceptions import InvalidHandshake

from dalpak.clock import SystemClock, VirtualClock, run_virtual
from dalpak.runtime.drain import GOODBYE_S, Drain
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.integration

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
CLOCK = SystemClock()
GUNICORN_CONF = """
def post_worker_init(worker):
    from dalpak.web.server import drain_with
    drain_with(worker.asgi, lambda: not worker.alive)
"""


@asynccontextmanager
async def own_server(folder: Path, deadline_s: float = 900.0) -> AsyncIterator[Child]:
    port = free_port()
    script = str(Path(__file__).with_name("edge_child.py"))
    async with child(folder, port, script, str(folder), str(port), str(deadline_s)) as running:
        yield running


@asynccontextmanager
async def gunicorn(folder: Path) -> AsyncIterator[Child]:
    pytest.importorskip("gunicorn")
    port = free_port()
    (folder / "gunicorn.conf.py").write_text(GUNICORN_CONF)
    arguments = [
        *("-m", "gunicorn", f'edge_child:make("{folder}")', "-k", "asgi", "--workers", "1"),
        *("--bind", f"127.0.0.1:{port}", "-c", str(folder / "gunicorn.conf.py")),
        *("--graceful-timeout", "60", "--no-control-socket", "--log-level", "warning"),
    ]
    async with child(folder, port, *arguments) as running:
        yield running


async def talking_for(seconds: float, phones: list[Phone]) -> None:
    """Keys there and answers back, all the time: longer together than anything that ends by itself."""
    until = CLOCK.monotonic_ms() + 1000 * seconds
    while CLOCK.monotonic_ms() < until:
        for phone in phones:
            await phone.echo("2")
        await CLOCK.sleep(0.05)


@pytest.mark.parametrize("server", [own_server, gunicorn])
async def test_five_callers_finish_in_their_own_time(tmp_path: Path, server: Any) -> None:
    async with server(tmp_path) as running, AsyncExitStack() as line:
        edge = running.edge
        phones = [await line.enter_async_context(edge.talk(sid(n))) for n in range(5)]
        for phone in phones:
            await phone.echo("1")
        running.process.send_signal(signal.SIGTERM)
        await running.says("/readyz", 503)

        with pytest.raises(InvalidHandshake, match="403"):
            await edge.handshake()
        waiting = await edge.post("/voice/incoming", edge.form(sid(99)))
        assert "/voice/incoming?attempt=1</Redirect>" in waiting.text
        while phones:
            await talking_for(0.3, phones)
            leaving = phones.pop()
            await leaving.stop()
            assert await leaving.closed() == 1000
        await running.ends()

    assert running.process.returncode == 0
    assert b"Traceback" not in running.words


async def test_an_idle_process_ends_at_once(tmp_path: Path) -> None:
    async with own_server(tmp_path) as running:
        running.process.send_signal(signal.SIGTERM)
        await running.ends()
    assert running.process.returncode == 0


async def test_a_page_that_is_open_does_not_hold_the_process(tmp_path: Path) -> None:
    async with own_server(tmp_path) as running:
        host, port = running.edge.base.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST /voice/incoming HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n")
        writer.write(b"Content-Type: application/x-www-form-urlencoded\r\n\r\na=")
        await writer.drain()
        running.process.send_signal(signal.SIGTERM)
        await running.ends()
        writer.close()


async def test_before_the_deadline_everybody_hears_a_goodbye(tmp_path: Path) -> None:
    async with own_server(tmp_path, deadline_s=3.0) as running, running.edge.talk(sid(1)) as phone:
        await phone.echo("1")
        running.process.send_signal(signal.SIGTERM)
        assert (await phone.hear())["mark"]["name"] == "goodbye"
        assert await phone.closed() == 1000
        await running.ends()
    assert running.process.returncode == 0


async def test_a_second_signal_ends_it_now_and_the_call_may_go_on_elsewhere(tmp_path: Path) -> None:
    async with own_server(tmp_path) as running, running.edge.talk(sid(1)) as phone:
        await phone.echo("1")
        running.process.send_signal(signal.SIGTERM)
        await running.says("/readyz", 503)
        running.process.send_signal(signal.SIGTERM)
        assert await phone.closed() == 1012
        await running.ends()

        async with own_server(tmp_path) as next_one:
            edge = next_one.edge
            answer = await edge.post("/voice/after?attempt=1", edge.form(sid(1)))
            assert "<Connect" in answer.text


# -- the same in virtual time -----------------------------------------------------------------------


def test_a_drain_waits_for_the_last_one_and_says_goodbye_once_before_the_deadline() -> None:
    async def story() -> None:
        clock = VirtualClock(START)
        drain = Drain(clock, deadline_s=900)
        goodbyes: list[int] = []
        owner = Supervisor("drain")
        watch = drain.watch(say_goodbye=lambda: goodbyes.append(clock.monotonic_ms()))
        watching = owner.spawn(watch, name="watch")
        await clock.sleep(50)
        assert (drain.draining, drain.done, watching.done()) == (False, False, False)
        with drain.hold():
            drain.request()
            drain.request()
            await watching
            assert clock.monotonic_ms() == pytest.approx(950_000, abs=300)
        assert goodbyes == [pytest.approx(50_000 + 1000 * (900 - GOODBYE_S), abs=300)]
        assert drain.done

    run_virtual(story())


def test_a_drain_is_over_soon_after_the_last_one_left() -> None:
    async def story() -> None:
        clock = VirtualClock(START)
        drain = Drain(clock, deadline_s=900)
        owner = Supervisor("drain")
        stopping: list[bool] = []
        watch = drain.watch(
            say_goodbye=lambda: pytest.fail("too early"), asked=lambda: bool(stopping)
        )
        watching = owner.spawn(watch, name="watch")
        with drain.hold(), drain.hold():
            stopping.append(True)
            await clock.sleep(100)
            assert (drain.draining, drain.held, drain.done) == (True, 2, False)
        left = clock.monotonic_ms()
        await watching
        assert clock.monotonic_ms() - left <= 200
        assert owner.faults == 0

    run_virtual(story())
