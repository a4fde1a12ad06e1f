"""`dalpak calls`, `dalpak calls show`, `dalpak outbox`: what happened, read from the database and drawn."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dalpak.cli.common import emit_json, fail, masked, settings_for
from dalpak.clock import SystemClock
from dalpak.domain.records import (
    Business,
    CallRecord,
    MessageRecord,
    StoredEvent,
    TenantScope,
    TraceRecord,
    TurnRecord,
)
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore

TARGETS_MS = {"stt": 900, "ai": 1500, "tts": 400, "total": 2500, "heard": 2500}
"""GO/NO-GO rows 4 to 6: a bar past its target is red."""
BAR_WIDTH = 40
ID_SHOWN = 21
"""Characters of an id: its time and two random bytes. `calls show` takes the beginning of an id."""


def _with_store(db: str, work: Callable[[SqlStore], Awaitable[int]]) -> int:
    settings = settings_for(db)
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")

    async def run() -> int:
        store = SqlStore.open(settings.db_url, SystemClock())
        try:
            return await work(store)
        finally:
            await store.aclose()

    return asyncio.run(run())


def list_calls(*, limit: int, db: str, as_json: bool) -> int:
    async def work(store: SqlStore) -> int:
        rows: list[tuple[Business, CallRecord]] = []
        for business in await store.businesses():
            async with store.reading(TenantScope(business.id)) as reading:
                rows += [(business, call) for call in await reading.calls(limit)]
        rows.sort(key=lambda row: row[1].started_at, reverse=True)
        rows = rows[:limit]
        if as_json:
            emit_json([_call_json(call) for _, call in rows])
        else:
            _calls_table(rows)
        return 0

    return _with_store(db, work)


def _call_json(call: CallRecord) -> dict[str, Any]:
    return {
        "id": call.id,
        "business_id": call.business_id,
        "transport": call.transport,
        "caller": masked(call.caller),
        "started_at": call.started_at.isoformat(),
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "end_reason": str(call.end_reason) if call.end_reason else None,
    }


def _calls_table(rows: Sequence[tuple[Business, CallRecord]]) -> None:
    table = Table(
        "id", "started", "line", "caller", "seconds", "ended", box=None, header_style="bold"
    )
    for business, call in rows:
        started = call.started_at.astimezone(ZoneInfo(business.timezone))
        seconds = (
            f"{(call.ended_at - call.started_at).total_seconds():.0f}" if call.ended_at else "live"
        )
        table.add_row(
            call.id[:ID_SHOWN],
            f"{started:%Y-%m-%d %H:%M:%S}",
            call.transport,
            masked(call.caller),
            seconds,
            str(call.end_reason or ""),
        )
    Console().print(table if rows else "no calls yet")


def show_call(call_id: str, *, db: str, as_json: bool) -> int:
    async def work(store: SqlStore) -> int:
        for business in await store.businesses():
            async with store.reading(TenantScope(business.id)) as reading:
                found = [c for c in await reading.calls(1000) if c.id.startswith(call_id)]
                if len(found) != 1:
                    continue
                call = found[0]
                appointments = await reading.appointments(call_id=call.id)
                events: list[StoredEvent] = list(await reading.events(call.id))
                messages = list(await reading.messages(call_id=call.id))
                for booked in appointments:
                    events += await reading.events(booked.id)
                    messages += [
                        m
                        for m in await reading.messages(appointment_id=booked.id)
                        if m not in messages
                    ]
                turns, traces = await reading.turns(call.id), await reading.traces(call.id)
            if as_json:
                emit_json(
                    {
                        "call": _call_json(call),
                        "turns": turns,
                        "tools": traces,
                        "appointments": appointments,
                        "events": events,
                        "messages": [_message_json(m) for m in messages],
                    }
                )
            else:
                _timeline(Console(), business, call, turns, traces, messages)
            return 0
        return fail(f"CALL_ID: expected the beginning of exactly one call's id, got {call_id!r}")

    return _with_store(db, work)


def _timeline(
    out: Console,
    business: Business,
    call: CallRecord,
    turns: Sequence[TurnRecord],
    traces: Sequence[TraceRecord],
    messages: Sequence[MessageRecord],
) -> None:
    zone = ZoneInfo(business.timezone)
    out.print(
        f"[bold]{call.id}[/]  {business.name}  {call.started_at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    )
    out.print(
        f"{call.transport}, caller {masked(call.caller)}, ended: {call.end_reason or 'live'}\n"
    )
    for turn in turns:
        at = (turn.started_at - call.started_at).total_seconds()
        out.print(
            Text(f"{at:7.1f}s  turn {turn.number:<3}", "bold"), Text(turn.said or "", "green")
        )
        _bars(out, turn)
        for trace in (t for t in traces if t.turn == turn.number):
            mark = "[green]ok[/]" if trace.ok else "[red]no[/]"
            out.print(f"          {mark} {trace.tool} {trace.latency_ms} ms {trace.reason}")
        if turn.heard:
            out.print(
                Text(f"          {turn.heard}", "cyan"),
                Text("(cut)" if turn.interrupted else "", "yellow"),
            )
    for message in messages:
        out.print(f"\n  {message.channel} {message.kind} [bold]{message.state}[/] {message.reason}")
        out.print(Text(f"    {message.text}"))


def _bars(out: Console, turn: TurnRecord) -> None:
    """The marks of a turn as bars against their targets; one cell is total target / width."""
    marks = {
        "stt": turn.stt_final_ms,
        "ai": turn.ai_latency_ms,
        "tts": turn.tts_ready_ms,
        "total": turn.total_ms,
        "heard": turn.heard_ms,
    }
    scale = TARGETS_MS["total"] / BAR_WIDTH
    for name, ms in marks.items():
        if ms is None:
            continue
        cells = max(1, min(BAR_WIDTH, round(ms / scale)))
        colour = "red" if ms > TARGETS_MS[name] else "green"
        out.print(Text(f"          {name:<6}{ms:>5} ms "), Text("█" * cells, colour))


def list_outbox(*, limit: int, db: str, as_json: bool) -> int:
    async def work(store: SqlStore) -> int:
        rows: list[MessageRecord] = []
        for business in await store.businesses():
            async with store.reading(TenantScope(business.id)) as reading:
                rows += await reading.messages(limit=limit)
        rows.sort(key=lambda m: m.created_at, reverse=True)
        if as_json:
            emit_json([_message_json(m) for m in rows[:limit]])
            return 0
        for message in rows[:limit]:
            typer.secho(
                f"{message.created_at:%Y-%m-%d %H:%M}  {message.kind:<14} {message.state:<9} "
                f"{masked(message.to)}  {message.reason}",
                bold=True,
            )
            typer.echo(f"    {message.text}\n")
        if not rows:
            typer.echo("no messages yet")
        return 0

    return _with_store(db, work)


def _message_json(message: MessageRecord) -> dict[str, Any]:
    return {
        "id": message.id,
        "kind": message.kind,
        "channel": message.channel,
        "to": masked(message.to),
        "text": message.text,
        "state": message.state,
        "reason": message.reason,
        "appointment_id": message.appointment_id,
        "call_id": message.call_id,
        "created_at": message.created_at.isoformat(),
    }
