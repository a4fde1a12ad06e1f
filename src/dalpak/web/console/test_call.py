"""The socket of the test call: a browser as the telephone, with the same core, agent and database as a real call.

Typed words come as final transcripts, keys as keys; with sound on the page plays our audio and returns the marks.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, assert_never

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from dalpak.call.inputs import CallerHungUp, FinalHeard, Input, KeyPressed, LineLost, MarkPlayed
from dalpak.domain.records import CallRecord, TenantScope
from dalpak.runtime.supervise import Supervisor
from dalpak.telephony import browser
from dalpak.telephony.drop import Drop
from dalpak.web.console.access import access_of, same_origin
from dalpak.web.outgoing import SEND_DEADLINE_S, Outgoing

if TYPE_CHECKING:
    from dalpak.extensions import Extensions
    from dalpak.runtime.session import Session

START_S = 10.0
POLICY, BUSY, NORMAL = 1008, 1013, 1000


class BrowserLine:
    """The line port over the page's socket."""

    transport = "browser"
    may_come_back = False

    def __init__(self, out: Outgoing, *, sound: bool) -> None:
        self._out, self._sound = out, sound
        self.hear: Callable[[Input], None] = lambda _what: None
        """Without sound, shown is heard: marks come back at once, from here."""

    def send_frame(self, payload: bytes) -> None:
        self._out.audio(browser.encode_media(payload))

    def send_mark(self, name: str) -> None:
        if self._sound:
            self._out.control(browser.encode_mark(name))
        else:
            self.hear(MarkPlayed(name))

    def clear(self) -> None:
        self._out.drop_audio()
        self._out.control(browser.encode_clear())

    def show(self, kind: str, data: dict[str, object]) -> None:
        self._out.control(browser.encode_show(kind, data))

    def transfer(self, to: str) -> None:
        self.show("transfer", {"to": to})

    def hang_up(self, reason: str) -> None:
        self._out.control(browser.encode_ended(reason))


class TestCallSocket:
    """The ASGI endpoint. Refuses before accepting: strangers, foreign pages, a full or draining process."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ext: Extensions = scope["app"].state.extensions
        await receive()
        connection = HTTPConnection(scope)
        if not same_origin(connection) or not access_of(connection).allows(ext, connection):
            await send({"type": "websocket.close", "code": POLICY})
            return
        with ext.calls.reserve() as granted:
            if not granted or ext.drain.draining:
                await send({"type": "websocket.close", "code": BUSY})
                return
            await send({"type": "websocket.accept"})
            start = await _start(receive)
            record = await _record(ext, connection.query_params) if start is not None else None
        if start is None or record is None:
            await send({"type": "websocket.close", "code": POLICY})
            return
        with ext.drain.hold():
            await _converse(
                ext, record, start, connection.query_params.get("keypad") == "1", receive, send
            )


async def _start(receive: Receive) -> browser.Start | None:
    try:
        async with asyncio.timeout(START_S):
            message = await receive()
    except TimeoutError:
        return None
    event = browser.parse(_raw(message)) if message["type"] == "websocket.receive" else None
    return event if isinstance(event, browser.Start) else None


async def _record(ext: "Extensions", query: Any) -> CallRecord | None:
    """The call's row at the chosen business (the first if none was chosen)."""
    wanted = query.get("business", "")
    businesses = [b for b in await ext.store.businesses() if not wanted or b.id == wanted]
    if not businesses:
        return None
    business, call_id, now = businesses[0], ext.clock.new_id("call_"), ext.clock.now()
    record = CallRecord(
        id=call_id,
        business_id=business.id,
        transport="browser",
        external_id=f"browser:{call_id}",
        account_id="",
        caller=None,
        called=business.phone,
        started_at=now,
        last_seen_at=now,
    )
    async with ext.store.writing(TenantScope(business.id)) as changes:
        return await changes.open_call(record)


async def _converse(
    ext: "Extensions",
    record: CallRecord,
    start: browser.Start,
    keypad_only: bool,
    receive: Receive,
    send: Send,
) -> None:
    outgoing = Outgoing(send)
    line = BrowserLine(outgoing, sound=start.sound)
    session = ext.calls.open(record, line, text_only=not start.sound, keypad_only=keypad_only)
    outgoing.tell = line.hear = session.hear
    line.show("call", {"id": record.id, "business_id": record.business_id})
    owner = Supervisor(f"browser:{record.id}")
    try:
        writing = owner.spawn(outgoing.run(), name="writer")
        owner.spawn(
            _read(receive, session),
            name="reader",
            on_fault=lambda _: session.hear(LineLost("fault")),
        )
        await session.run()
        outgoing.finish()
        await asyncio.wait({writing}, timeout=SEND_DEADLINE_S)
        async with asyncio.timeout(SEND_DEADLINE_S):
            await send({"type": "websocket.close", "code": NORMAL})
    except (OSError, RuntimeError, TimeoutError):
        pass  # the page is gone already, or reads nothing; the call has been closed
    finally:
        await owner.aclose()


async def _read(receive: Receive, session: "Session") -> None:
    while (message := await receive())["type"] == "websocket.receive":
        event = browser.parse(_raw(message))
        match event:
            case browser.Text(text):
                session.hear(FinalHeard(text))
            case browser.Key(key):
                session.hear(KeyPressed(key))
            case browser.Mark(name):
                session.hear(MarkPlayed(name))
            case browser.HangUp():
                session.hear(CallerHungUp())
            case browser.Start() | Drop():
                pass
            case _:
                assert_never(event)
    session.hear(CallerHungUp())


def _raw(message: Any) -> str | bytes:
    text: str | None = message.get("text")
    return text if text is not None else message.get("bytes") or b""
