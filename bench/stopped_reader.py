"""Row C8 of faults.py: a far end that stops reading, on a real socket of the real server, beside calls that go well.

Its receive buffer fills, then the system's, then the server's own; from then on a write waits. It still sends its
caller's voice, so that nothing but the deadline of a write can tell that it is gone. The carrier goes on as Twilio
does, with a new socket for the same call.
"""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from voiced import Found, Providers, warmed
from whole import ADDRESS, PUBLIC, TOKEN
from wire_call import ANSWER_S, CLOCK, FINISHED_MS, WORD_MS, person

from dalpak.app_factory import application
from dalpak.call import journal
from dalpak.call.inputs import LineLost
from dalpak.config import Settings
from dalpak.domain.records import CallEnd, CallRecord, TenantScope
from dalpak.extensions import Extensions
from dalpak.language.he.check_lines import WIRE_BOOKING
from dalpak.language.he.demo_salon import PHONE
from dalpak.runtime.supervise import Supervisor
from dalpak.simulator.coded_voice import coded_voice
from dalpak.simulator.twilio import PhoneCall, SimulatedTwilio
from dalpak.web.outgoing import SEND_DEADLINE_S
from dalpak.web.server import DrainingServer, TelephoneSocket, server_config

ROOM_BYTES = 4_096
"""Of the far end's receive buffer, and of the server's send buffer: else the system keeps minutes of speech."""
SAYS_EVERY_MS = 3_000
"""The caller at the far end asks again and again, so that there is something to be written."""
LET_GO_MS = 40_000
"""Some ten seconds of speech fill all buffers."""
LATE_MS = 300
"""A write is given up so much after its deadline at the most; what other calls write waits no longer than that."""
SETTLES_S = 3.0
"""What is left after so long was not going to be put away."""


@dataclass(slots=True)
class Writes:
    """The app, and how long each socket's slowest write waited, in ms, in the order in which the sockets came."""

    app: ASGIApp
    slowest_ms: list[int] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            return await self.app(scope, receive, send)
        number = len(self.slowest_ms)
        self.slowest_ms.append(0)

        async def timed(message: Message) -> None:
            began = CLOCK.monotonic_ms()
            try:
                await send(message)
            finally:
                if message["type"] == "websocket.send":
                    took = CLOCK.monotonic_ms() - began
                    self.slowest_ms[number] = max(self.slowest_ms[number], took)

        return await self.app(scope, receive, timed)


@dataclass(frozen=True, slots=True)
class Served:
    base: str
    ext: Extensions
    writes: Writes
    server: DrainingServer


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Served]:
    """The product behind its own server, in this process and warm."""
    app: Any = application(settings)
    writes = Writes(app)
    server = DrainingServer(server_config(lambda: writes, settings))
    # asyncio sets TCP_NODELAY only where the protocol is named.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM_BYTES)
        listener.bind((ADDRESS, 0))
        base = f"http://{ADDRESS}:{listener.getsockname()[1]}"
        owner = Supervisor("server")
        serving = owner.spawn(server.serve(sockets=[listener]), name="server")
        while not server.started:
            await CLOCK.sleep(0.01)
        ext: Extensions = app.state.extensions
        await warmed(ext)
        while ext.calls.lag.p95_ms > settings.max_loop_lag_ms:  # as the start has left it
            await CLOCK.sleep(0.1)
        yield Served(base, ext, writes, server)
        server.should_exit = True
        await serving
        await owner.aclose()


async def deaf_person(call: PhoneCall) -> bool:
    """The far end hangs while the greeting is said; over the next socket it hears again, and hangs up.

    Whether the server closed the first socket: after LET_GO_MS the network does.
    """
    call.room_bytes = ROOM_BYTES
    await call.answered(0, ANSWER_S)
    stuck = call.stream
    assert stuck is not None, call.error
    stuck.stop_reading()
    call.room_bytes = None
    heard, says_at = call.hearing.voices, CLOCK.monotonic_ms()
    until = says_at + LET_GO_MS
    while call.stream is stuck and (now := CLOCK.monotonic_ms()) < until:
        if now >= says_at:
            call.say(coded_voice(WIRE_BOOKING[0], WORD_MS))
            says_at += SAYS_EVERY_MS
        await CLOCK.sleep(0.05)
    let_go = call.stream is not stuck
    if not let_go:
        stuck.cut()
    await call.answered(heard, ANSWER_S)
    await call.quiet(FINISHED_MS)
    call.hang_up()
    return let_go


async def play(prompts: Path) -> Found:
    async with Providers.running() as providers:
        with tempfile.TemporaryDirectory() as folder:
            settings = providers.settings(
                Path(folder),
                prompt_cache_dir=prompts,
                public_base_url=PUBLIC,
                twilio_auth_token=TOKEN,
                max_loop_lag_ms=1_000,  # everybody is in this very process: nobody is to be refused
            )
            async with served(settings) as there:
                return await _calls(there)


async def _calls(there: Served) -> Found:
    """One that hangs, one that books, one that only asks."""
    async with SimulatedTwilio(
        server=there.base, public=PUBLIC, auth_token=TOKEN, called=PHONE, clock=CLOCK
    ) as twilio:
        stuck, booking, asking = calls = [twilio.call() for _ in range(3)]
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(call.run()) for call in calls]
            hanging = group.create_task(deaf_person(stuck))
            others = [
                group.create_task(person(booking)),
                group.create_task(person(asking, WIRE_BOOKING[:1])),
            ]
            await asyncio.wait(running)
    ended, booked = await _record(there.ext, booking)
    found = await _of_the_stuck_one(there, stuck, let_go=hanging.result())
    paces = [call.hearing.pace for call in (booking, asking)]
    kept_pace = sum(pace.underruns for pace in paces) == 0
    silences = [ms for task in others for ms in task.result()]
    return Found(
        end=found.end,
        lives=ended.end_reason in {CallEnd.AGENT, CallEnd.CALLER},
        dead_air_ms=max(silences),
        booked=booked,
        holds=found.holds and kept_pace and booked == 1,
        figures=f"{found.figures}; beside it {sum(p.frames for p in paces)} frames, "
        f"{sum(p.underruns for p in paces)} underruns",
    )


async def _of_the_stuck_one(there: Served, call: PhoneCall, *, let_go: bool) -> Found:
    record, _ = await _record(there.ext, call)
    lost = await asyncio.to_thread(_line_lost, there.ext, record)
    left = await _left(there, record)
    # The first socket whose writes waited is the stuck one's; the order of arrival is not known.
    waited, *rest = sorted(there.writes.slowest_ms, reverse=True)
    bar = round(SEND_DEADLINE_S * 1000)
    return Found(
        end=f"{record.end_reason}",
        lives=True,
        dead_air_ms=0,
        booked=0,
        holds=(
            lost == ["send_timeout"]
            and let_go
            and bar <= waited <= bar + LATE_MS
            and max(rest) <= LATE_MS
            and call.streams == 2
            and record.ended_at is not None
            and record.end_reason is CallEnd.CALLER
            and not left
        ),
        figures=f"given up after {waited} ms of {bar} ({', '.join(lost)}), socket "
        f"{'closed' if let_go else 'kept'}, went on over socket {call.streams}, "
        f"left behind: {', '.join(left) or 'nothing'}",
    )


async def _record(ext: Extensions, call: PhoneCall) -> tuple[CallRecord, int]:
    """As the database has it, and how many appointments are the call's."""
    known = await ext.store.scope_of_call(external_id=call.call_sid)
    assert known is not None, call.error
    record = known[1]
    async with ext.store.reading(TenantScope(record.business_id)) as reading:
        return record, len(await reading.appointments(call_id=record.id))


def _line_lost(ext: Extensions, record: CallRecord) -> list[str]:
    """Why lines of this call were lost, by the journals of its sessions (one file; each begins with a header)."""
    path = ext.settings.data_dir / "journal" / f"{record.id}.jsonl"
    reasons = []
    for text in path.read_text(encoding="utf-8").split('{"journal"')[1:]:
        _, _, steps = journal.read(('{"journal"' + text).splitlines())
        reasons += [step.what.reason for step in steps if isinstance(step.what, LineLost)]
    return reasons


async def _left(there: Served, record: CallRecord) -> list[str]:
    """What is not put away when all calls are over."""
    until, found = CLOCK.monotonic_ms() + round(SETTLES_S * 1000), ["?"]
    while found and CLOCK.monotonic_ms() < until:
        await CLOCK.sleep(0.05)
        ext = there.ext
        sockets = [
            c for c in there.server.server_state.connections if isinstance(c, TelephoneSocket)
        ]
        tasks = [t for t in asyncio.all_tasks() if record.id in t.get_name()]
        counts = {
            "sessions": len(ext.calls.live),
            "sockets": len(sockets),
            "tasks": len(tasks),
            "abandoned tasks": ext.calls.tasks_abandoned,
            "held by a drain": ext.drain.held,
        }
        found = [f"{count} {what}" for what, count in counts.items() if count]
    return found
