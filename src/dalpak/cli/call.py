"""`dalpak call`: the whole front desk in a terminal, by hand or from a script.

A script runs in virtual time against a real database, so that a business can keep its own dialogues as regression
tests: the same file at the same pinned time gives the same appointments.
"""

import asyncio
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import typer

from dalpak.call.inputs import CallerHungUp, FinalHeard, KeyPressed
from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.cli.terminal import TerminalLine
from dalpak.clock import Clock, SystemClock, VirtualClock, run_virtual
from dalpak.config import Settings
from dalpak.domain.records import Business, CallRecord, TenantScope
from dalpak.extensions import Extensions, build_extensions
from dalpak.runtime.session import Session
from dalpak.runtime.supervise import Supervisor
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore

QUIET_S = 0.05
"""How often a script looks whether it is its turn; virtual time, so this costs nothing."""
LINE_S = 60.0
"""Longest wait, in virtual time, for the answer to one line."""
NO_IDLE_MS = 3_600_000
"""A person at a keyboard is not asked whether they are still there."""
CALLS_COUNTED = 1_000_000
"""More scripted calls than anybody keeps in one database."""
WAITING = ("listening", "waiting_for_dtmf")
CHANGES = {
    "calendar.reschedule": "moved an appointment",
    "calendar.cancel": "cancelled an appointment",
    "calendar.waitlist": "put on the waiting list",
}


@dataclass
class Transcript:
    """What was said, in order: {"who": "caller"|"agent", "text"}."""

    lines: list[dict[str, object]] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    echo: bool = False
    ended: str = ""

    def show(self, kind: str, data: dict[str, object]) -> None:
        if kind == "caller" and data["said"]:
            self.lines.append({"who": "caller", "text": data["said"]})
        elif kind == "agent":
            self.lines.append({"who": "agent", "text": data["text"]})
            if self.echo:
                typer.secho(f"  {data['text']}", fg=typer.colors.CYAN)
        elif kind == "phase":
            self.phases.append(str(data["phase"]))
        elif kind == "transfer":
            self.lines.append({"who": "call", "text": f"transferred to {data['to']}"})
        elif kind == "ended":
            self.ended = str(data["reason"])
            if self.echo:
                typer.secho(f"  (call ended: {self.ended})", fg=typer.colors.BRIGHT_BLACK)


def talk(
    *,
    script: Path | None,
    now: str,
    db: str,
    business: str,
    caller: str,
    keypad: bool,
    as_json: bool,
) -> int:
    if now and script is None:
        return fail("--now needs --script: a person cannot type in virtual time")
    start = _pinned(now)
    if start is None:
        return fail(
            f"--now: expected ISO 8601 with a zone such as 2026-11-23T10:00:00+02:00, got {now!r}"
        )
    if script is not None and not script.is_file():
        return fail(f"--script: expected a file, got {str(script)!r}")
    with ExitStack() as stack:
        if script is not None and not db:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dalpak-"))
            db = str(Path(folder) / "call.db")
        settings = settings_for(
            db,
            flows_enabled=script is None,
            idle_prompt_ms=NO_IDLE_MS,
            idle_goodbye_ms=2 * NO_IDLE_MS,
        )
        options = Options(business=business, caller=caller or None, keypad=keypad)
        if script is not None:
            lines = script.read_text(encoding="utf-8").splitlines()
            # A call of its own in a database that has others: the same seed gives the same ids.
            clock = VirtualClock(start, seed=asyncio.run(_calls_so_far(settings)))
            result = run_virtual(run_script(settings, clock, options, lines))
        else:
            result = asyncio.run(_typed(settings, SystemClock(), options, quiet=as_json))
    if isinstance(result, int):
        return result
    if as_json:
        emit_json(result)
    else:
        _summary(result)
    return 0


@dataclass(frozen=True)
class Options:
    business: str
    caller: str | None
    keypad: bool


async def _calls_so_far(settings: Settings) -> int:
    """How many calls the database has; none in a new one."""
    if schema_version(settings.db_url) is None:
        return 0
    store, count = SqlStore.open(settings.db_url, SystemClock()), 0
    try:
        for business in await store.businesses():
            async with store.reading(TenantScope(business.id)) as reading:
                count += len(await reading.calls(CALLS_COUNTED))
    finally:
        await store.aclose()
    return count


def _pinned(now: str) -> datetime | None:
    if not now:
        return SystemClock().now()
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


async def _open(
    ext: Extensions, options: Options, line: TerminalLine
) -> tuple[Session, Business] | int:
    known = list(await ext.store.businesses())
    wanted = [b for b in known if b.id == options.business] if options.business else known[:1]
    if not wanted:
        return fail(
            f"--business: expected one of {[b.id for b in known]}, got {options.business!r}"
        )
    business = wanted[0]
    call_id = ext.clock.new_id("call_")
    record = CallRecord(
        id=call_id,
        business_id=business.id,
        transport="terminal",
        external_id=f"terminal:{call_id}",
        account_id="",
        caller=options.caller,
        called=business.phone,
        started_at=ext.clock.now(),
        last_seen_at=ext.clock.now(),
    )
    async with ext.store.writing(TenantScope(business.id)) as tx:
        record = await tx.open_call(record)
    session = ext.calls.open(record, line, text_only=True, keypad_only=options.keypad)
    line.hear = session.hear
    return session, business


async def run_script(
    settings: Settings, clock: Clock, options: Options, lines: list[str]
) -> dict[str, Any] | int:
    """One scripted call, and all that came of it; the exit code when it could not begin.

    Outside virtual time every pause of it is a real one.
    """
    transcript = Transcript()
    async with build_extensions(settings, clock=clock, serving=False) as ext:
        opened = await _open(ext, options, TerminalLine(transcript.show))
        if isinstance(opened, int):
            return opened
        session, business = opened
        owner = Supervisor("terminal")
        running = owner.spawn(session.run(), name="call")
        for text in lines:
            await _quiet(session, clock)
            if session.is_over:
                break
            if text.strip() and not text.lstrip().startswith("//"):
                _say(session, text)
        await _quiet(session, clock)
        if not session.is_over:
            session.hear(CallerHungUp())
        await running
        return await _result(ext, session, business, transcript)


async def _typed(
    settings: Settings, clock: Clock, options: Options, *, quiet: bool
) -> dict[str, Any] | int:
    transcript = Transcript(echo=not quiet)
    async with build_extensions(settings, clock=clock, serving=False) as ext:
        opened = await _open(ext, options, TerminalLine(transcript.show))
        if isinstance(opened, int):
            return opened
        session, business = opened
        if not quiet:
            typer.secho(
                "  type words; > begins keys (> 0502345678#); an empty line hangs up", dim=True
            )
        owner = Supervisor("terminal")
        running = owner.spawn(session.run(), name="call")
        reading = owner.spawn(_read_lines(session, clock), name="keyboard")
        await running
        reading.cancel()
        return await _result(ext, session, business, transcript)


async def _read_lines(session: Session, clock: Clock) -> None:
    """Lines of standard input until the call or the input ends; each waits for its turn, as a pipe does not."""
    while not session.is_over:
        text = await asyncio.to_thread(sys.stdin.readline)
        await _quiet(session, clock)
        if not text.strip():
            session.hear(CallerHungUp())
            return
        _say(session, text.strip())


async def _result(
    ext: Extensions, session: Session, business: Business, transcript: Transcript
) -> dict[str, Any]:
    """Everything that came of the call, read back from the database."""
    call_id = session.record.id
    async with ext.store.reading(TenantScope(business.id)) as reading:
        appointments = await reading.appointments(call_id=call_id)
        traces = await reading.traces(call_id)
        turns = await reading.turns(call_id)
    zone = ZoneInfo(business.timezone)
    return {
        "call_id": call_id,
        "business_id": business.id,
        "ended": transcript.ended,
        "faults": session.supervisor.faults,
        "phases": transcript.phases,
        "transcript": transcript.lines,
        "tools": [
            {
                "turn": t.turn,
                "tool": t.tool,
                "ok": t.ok,
                "reason": t.reason,
                "args": t.args,
                "ms": t.latency_ms,
            }
            for t in traces
        ],
        "turns": len(turns),
        "appointments": [
            {
                "id": a.id,
                "start": a.start.astimezone(zone).isoformat(),
                "end": a.end.astimezone(zone).isoformat(),
                "service_id": a.service_id,
                "resource_id": a.resource_id,
                "name": a.name,
                "phone": a.phone,
                "status": str(a.status),
            }
            for a in appointments
        ],
    }


async def _quiet(session: Session, clock: Clock) -> None:
    """Until the front desk waits for the caller."""
    for _ in range(round(LINE_S / QUIET_S)):
        await clock.sleep(QUIET_S)
        if session.is_over or session.phase in WAITING:
            return


def _say(session: Session, text: str) -> None:
    if text.lstrip().startswith(">"):
        for key in text.lstrip()[1:].strip():
            session.hear(KeyPressed(key))
    else:
        session.hear(FinalHeard(text.strip()))


def _summary(result: dict[str, Any]) -> None:
    """For people: the transcript of a script, then what came of the call."""
    typer.echo()
    for line in result["transcript"]:
        who = {"caller": "caller", "agent": "dalpak"}.get(line["who"], "")
        typer.echo(f"{who:>8}  {line['text']}")
    typer.echo()
    for tool in result["tools"]:
        mark = "ok " if tool["ok"] else "no "
        typer.echo(
            f"  {mark} turn {tool['turn']:<3} {tool['tool']:<30} {tool['ms']:>4} ms  {tool['reason']}"
        )
    for booked in result["appointments"]:
        typer.secho(f"  booked {booked['start']}  {booked['name'] or ''}", fg=typer.colors.GREEN)
    changed = [CHANGES[t["tool"]] for t in result["tools"] if t["ok"] and t["tool"] in CHANGES]
    for change in changed:
        typer.secho(f"  {change}", fg=typer.colors.GREEN)
    if not result["appointments"] and not changed:
        typer.echo("  nothing was booked")
