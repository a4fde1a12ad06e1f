"""`dalpak check`: the GO/NO-GO table, every row measured by really running it.

The server is a process of its own, with its own database, port and token, and the providers that
this installation is set up with; nothing of the operator's data is touched, no message leaves. What
is measured where: the served calls in check_served.py, the spoken call in check_spoken.py, the
typed one in check_typed.py, the source in check_source.py. Here is only the table.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from dalpak.cli.check_served import Served, own_server, serve_calls
from dalpak.cli.check_source import calls_outside
from dalpak.cli.check_spoken import Spoken, spoken_call
from dalpak.cli.check_typed import Typed, typed_call
from dalpak.cli.common import emit_json, settings_for
from dalpak.config import Settings
from dalpak.simulator.summary import percentiles

AI_MS, AI_WORST_MS = 1500, 1800
TTS_READY_MS, TTS_BEHIND_MS = 400, 1000
STT_PARTIAL_MS, STT_FINAL_MS = 600, 900


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that the rows are read from."""

    served: Served
    spoken: Spoken
    typed: Typed


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    ok: bool
    value: str
    bar: str


Judge = Callable[[Measured], tuple[bool, str]]


def check(*, as_json: bool) -> int:
    """Exit code 0 on GO, 1 on NO-GO."""
    settings = settings_for()
    doing = Console(stderr=True).status("measuring: calls over the wire, a spoken one, a typed one")
    with tempfile.TemporaryDirectory(prefix="dalpak-check-") as folder, doing:
        measured = _measure(settings, Path(folder))
    rows = [Row(n, name, *judge(measured), bar) for n, name, bar, judge in TABLE]
    go = all(row.ok for row in rows)
    if as_json:
        emit_json({"go": go, "rows": rows})
    else:
        _print(rows, go, measured)
    return 0 if go else 1


def _measure(settings: Settings, folder: Path) -> Measured:
    """All at once, as far as they do not need each other: the server starts while the typed call
    runs.
    """
    for name in ("served", "spoken", "typed"):
        (folder / name).mkdir()
    with own_server(settings, folder / "served") as server:
        typed = typed_call(folder / "typed")

        async def live() -> tuple[Served, Spoken]:
            async with asyncio.TaskGroup() as group:
                served = group.create_task(serve_calls(server))
                spoken = group.create_task(spoken_call(settings, folder / "spoken"))
            return served.result(), spoken.result()

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            served, spoken = runner.run(live())
    return Measured(served, spoken, typed)


# -- the rows --------------------------------------------------------------------------------------


def _one_factory(_: Measured) -> tuple[bool, str]:
    places = calls_outside("create_app", allowed=("app_factory.py",))
    return not places, str(len(places)) if not places else ", ".join(places)


def _no_patching(_: Measured) -> tuple[bool, str]:
    places = calls_outside("monkey_patch", allowed=())
    return not places, str(len(places)) if not places else ", ".join(places)


def _one_agent(m: Measured) -> tuple[bool, str]:
    served = m.served
    ok = served.agent_builds == 1 and served.app_starts == 1
    return ok, (
        f"{served.agent_builds} in {served.marks.turns} turns of {served.calls} calls, "
        f"{served.app_starts} APP_START"
    )


def _stt(m: Measured) -> tuple[bool, str]:
    marks = m.spoken.marks
    partial, final = max(marks.partial, default=None), max(marks.final, default=None)
    ok = partial is not None and final is not None
    ok = ok and (partial or 0) <= STT_PARTIAL_MS and (final or 0) <= STT_FINAL_MS
    return ok, f"{_seconds(partial)} / {_seconds(final)}, worst of {len(marks.final)} turns"


def _ai(m: Measured) -> tuple[bool, str]:
    times = [*m.served.marks.ai, *m.spoken.marks.ai]
    p95, worst = percentiles(times)["p95"], max(times, default=None)
    ok = p95 is not None and worst is not None and p95 <= AI_MS and worst <= AI_WORST_MS
    return ok, f"{_seconds(p95)}, worst {_seconds(worst)} of {len(times)} answers"


def _tts(m: Measured) -> tuple[bool, str]:
    ready = [*m.served.marks.tts_ready, *m.spoken.marks.tts_ready]
    behind = [*m.served.marks.tts_behind, *m.spoken.marks.tts_behind]
    p95, worst = percentiles(ready)["p95"], max(behind, default=None)
    ok = p95 is not None and worst is not None and p95 <= TTS_READY_MS and worst <= TTS_BEHIND_MS
    late = m.served.late_frames
    return ok and not late, f"{_seconds(p95)} / {_seconds(worst)} behind, {late} frames late"


def _queue(m: Measured) -> tuple[bool, str]:
    return not m.served.queue_full, f"{m.served.queue_full} in {m.served.frames} frames"


def _off_grid(m: Measured) -> tuple[bool, str]:
    typed = m.typed
    ok = typed.error == "off_grid" and typed.suggestions == 2 and not typed.faults and typed.booked
    exceptions = f"{typed.faults} exceptions"
    return ok, f"{typed.error or 'accepted'}, {typed.suggestions} suggestions, {exceptions}"


def _keypad(m: Measured) -> tuple[bool, str]:
    typed = m.typed
    ok = typed.need_phone and typed.waited_for_keys and typed.committed and typed.booked
    state = "WAITING_FOR_DTMF" if typed.waited_for_keys else "no waiting for keys"
    return ok, f"{state}, # {'commits' if typed.committed else 'does not commit'}"


def _confirmed(m: Measured) -> tuple[bool, str]:
    served = m.served
    ok = served.booked == served.calls > 0 and served.confirmations == served.booked
    return ok, f"{served.confirmations} confirmations of {served.booked} bookings"


def _summarised(m: Measured) -> tuple[bool, str]:
    served = m.served
    ok = served.ended_events == served.calls > 0 and served.summaries == served.calls
    return ok, f"{served.summaries} summaries of {served.calls} calls"


TABLE: tuple[tuple[int, str, str, Judge], ...] = (
    (1, "create_app outside app_factory", "0", _one_factory),
    (2, "monkey_patch outside the entrypoint", "0", _no_patching),
    (3, "OPS_AGENT built once, never per turn", "1 per process", _one_agent),
    (4, "STT first partial / final", "<= 0.6 s / <= 0.9 s", _stt),
    (5, "AI", "<= 1.5 s (1.8 s worst)", _ai),
    (6, "TTS ready / TTS send", "<= 0.4 s / never over 1.0 s behind", _tts),
    (7, '"send queue full" in logs', "never", _queue),
    (8, "off-grid booking", "suggestions, no exception", _off_grid),
    (9, "phone required and missing", "WAITING_FOR_DTMF works, # commits", _keypad),
    (10, "appointment.created", "WhatsApp confirmation goes out", _confirmed),
    (11, "call.ended", "summarize.thread runs", _summarised),
)
"""Id, name, bar and judge of every row, in the order and the words of the specification."""


# -- for people ------------------------------------------------------------------------------------


def _seconds(ms: int | None) -> str:
    return "not measured" if ms is None else f"{ms / 1000:.2f} s"


def _print(rows: list[Row], go: bool, measured: Measured) -> None:
    table = Table("#", "check", "measured", "bar", "", box=None, header_style="bold")
    for row in rows:
        mark = "[green]ok[/]" if row.ok else "[bold red]NO[/]"
        table.add_row(str(row.id), row.name, row.value, f"[dim]{row.bar}[/]", mark)
    out = Console()
    out.print()
    out.print(table)
    for complaint in (*measured.served.errors, *measured.spoken.errors, *measured.typed.errors):
        out.print(f"  {complaint}", style="red", markup=False)
    out.print("\n  [bold green]GO[/]\n" if go else "\n  [bold red]NO-GO[/]\n")
