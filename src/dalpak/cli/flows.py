"""`dalpak flows`: what follows calls and appointments, how it stands, why nothing was sent, and a
hand on it. Exit codes: 0 done, 1 nothing to do it to, 2 a wrong use.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dalpak.cli.common import emit_json, fail, masked, plain, settings_for
from dalpak.clock import SystemClock
from dalpak.domain.records import Business, TenantScope
from dalpak.flows.board import FlowBoard, FlowState, FlowView, open_board
from dalpak.flows.why import Finding, Verdict, why
from dalpak.logs import configure_logging
from dalpak.ports.store import Reading
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore

COLOURS = {
    FlowState.DONE: "green",
    FlowState.GIVEN_UP: "red",
    FlowState.CANCELLED: "yellow",
    Verdict.SENT: "green",
    Verdict.PENDING: "cyan",
    Verdict.SKIPPED: "yellow",
    Verdict.FAILED: "red",
    Verdict.IN_DOUBT: "magenta",
}
CALLS_SEARCHED = 1000
"""Newest calls among which the beginning of an id is looked for."""

Work = Callable[[SqlStore, FlowBoard], Awaitable[int]]


def _with_board(db: str, work: Work) -> int:
    settings = settings_for(db)
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")
    configure_logging(debug=False, quiet=True)

    async def run() -> int:
        store = SqlStore.open(settings.db_url, SystemClock())
        try:
            with open_board(settings.db_url) as board:
                return await work(store, board)
        finally:
            await store.aclose()

    return asyncio.run(run())


def list_flows(*, business: str, states: Sequence[str], limit: int, db: str, as_json: bool) -> int:
    """Newest first, each flow once, by its last attempt."""
    unknown = [state for state in states if state not in tuple(FlowState)]
    if unknown:
        return fail(f"--state: expected one of {', '.join(FlowState)}, got {unknown[0]!r}")

    async def work(_store: SqlStore, board: FlowBoard) -> int:
        wanted = [FlowState(state) for state in states]
        views = await board.flows(business_id=business, states=wanted, limit=limit)
        if as_json:
            emit_json(views)
            return 0
        table = Table("state", "tries", "next", "flow", "about", box=None, header_style="bold")
        for view in views:
            table.add_row(
                Text(view.state, COLOURS.get(view.state, "cyan")),
                str(view.attempt),
                f"{view.next_at:%m-%d %H:%M}" if view.next_at else "",
                view.flow,
                Text(view.id.partition(":")[2], overflow="fold"),
            )
        Console().print(table if views else "no flows yet")
        return 0

    return _with_board(db, work)


def show_flow(flow_id: str, *, db: str, as_json: bool) -> int:
    """One flow with its message and deliveries."""

    async def work(store: SqlStore, board: FlowBoard) -> int:
        view = await board.flow(flow_id)
        if view is None:
            return fail(f"FLOW_ID: expected the id of a flow (dalpak flows list), got {flow_id!r}")
        found = await _findings_of(store, board, view)
        if as_json:
            emit_json({"flow": view, "message": _finding_json(found) if found else None})
            return 0
        _print_view(view)
        if found is not None:
            _print_finding(found)
        return 0

    return _with_board(db, work)


def retry_flow(flow_id: str, *, db: str, as_json: bool) -> int:
    """Run a flow that was given up or cancelled once more."""
    return _change(
        flow_id,
        db,
        as_json,
        lambda board: board.retry(flow_id),
        "only a flow that was given up or cancelled can be run again",
    )


def cancel_flow(flow_id: str, *, db: str, as_json: bool) -> int:
    """Stop a flow that is still at work."""
    return _change(
        flow_id,
        db,
        as_json,
        lambda board: board.cancel(flow_id),
        "only a flow that is still at work can be cancelled",
    )


def _change(
    flow_id: str,
    db: str,
    as_json: bool,
    change: Callable[[FlowBoard], Awaitable[FlowView | None]],
    otherwise: str,
) -> int:
    async def work(_store: SqlStore, board: FlowBoard) -> int:
        known = await board.flow(flow_id)
        if known is None:
            return fail(f"FLOW_ID: expected the id of a flow (dalpak flows list), got {flow_id!r}")
        changed = await change(board)
        if changed is None:
            typer.secho(f"{otherwise}; this one is {known.state}", err=True)
            return 1
        if as_json:
            emit_json(changed)
        else:
            _print_view(changed)
        return 0

    return _with_board(db, work)


def why_nothing(subject: str, *, db: str, as_json: bool) -> int:
    """Every message that a call or an appointment should have caused, and why not if not."""

    async def work(store: SqlStore, board: FlowBoard) -> int:
        for business in await store.businesses():
            scope = TenantScope(business.id)
            async with store.reading(scope) as reading:
                subject_id = await _subject(reading, subject)
            if subject_id is None:
                continue
            found = await why(store, scope, board, subject_id) or []
            if as_json:
                emit_json([_finding_json(each) for each in found])
                return 0
            _print_findings(business, subject_id, found)
            return 0
        return fail(
            "CALL_OR_APPOINTMENT: expected the id of an appointment, or the beginning of exactly "
            f"one call's id, got {subject!r}"
        )

    return _with_board(db, work)


async def _subject(reading: Reading, subject: str) -> str | None:
    if await reading.appointment(subject) is not None:
        return subject
    calls = [c.id for c in await reading.calls(CALLS_SEARCHED) if c.id.startswith(subject)]
    return calls[0] if len(calls) == 1 else None


async def _findings_of(store: SqlStore, board: FlowBoard, view: FlowView) -> Finding | None:
    """What `why` says of this one flow."""
    scope = TenantScope(view.business_id)
    for subject in (view.payload.get("appointment_id"), view.payload.get("call_id")):
        found = await why(store, scope, board, subject) if subject else None
        if mine := [each for each in found or () if each.flow_id == view.id]:
            return mine[0]
    return None


def _finding_json(found: Finding) -> object:
    return {**_dictionary(plain(found)), "to": masked(found.to)}


def _dictionary(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _print_view(view: FlowView) -> None:
    out = Console()
    out.print(Text(view.id, "bold"), Text(view.state, COLOURS.get(view.state, "cyan")))
    out.print(f"  tries {view.attempt}, failed {view.failed}")
    if view.next_at:
        out.print(f"  goes on at {view.next_at:%Y-%m-%d %H:%M:%S} UTC")
    if view.result or view.error:
        out.print(f"  result {view.result or view.error}")


def _print_findings(business: Business, subject_id: str, found: Sequence[Finding]) -> None:
    out, zone = Console(), ZoneInfo(business.timezone)
    out.print(f"[bold]{subject_id}[/]  {business.name}")
    if not found:
        out.print("  nothing was ever to be sent: no event was recorded about it")
    for each in found:
        out.print(f"\n{each.at.astimezone(zone):%Y-%m-%d %H:%M:%S}  {each.event}")
        _print_finding(each)


def _print_finding(found: Finding) -> None:
    out = Console()
    out.print(
        Text(f"  {found.kind or found.flow:<16}"),
        Text(f"{found.verdict:<9}", COLOURS.get(found.verdict, "")),
        Text(found.words),
    )
    for delivery in found.deliveries:
        code = f" ({delivery.code})" if delivery.code else ""
        told = f"{delivery.reason}{code}" if delivery.reason else ""
        out.print(
            Text(
                f"    {delivery.channel} to {masked(found.to)}: {delivery.state}, "
                f"{delivery.attempts} tried  {told}",
                "dim",
            )
        )
