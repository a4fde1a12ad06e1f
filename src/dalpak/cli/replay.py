"""`dalpak replay`: a journal through the core again, step by step, and whether it still behaves the same."""

from pathlib import Path

import typer

from dalpak.call.journal import JournalError, Replayed, read
from dalpak.call.journal import replay as replay_steps
from dalpak.cli.common import emit_json, fail


def replay(file: Path, *, every: bool, as_json: bool) -> int:
    if not file.is_file():
        return fail(f"FILE: expected a journal, got {str(file)!r}")
    try:
        call_id, limits, steps = read(file.read_text(encoding="utf-8").splitlines())
    except JournalError as error:
        return fail(f"FILE: {error}")
    done = list(replay_steps(limits, steps))
    different = [d for d in done if not d.same]
    if as_json:
        emit_json(
            {
                "call_id": call_id,
                "steps": len(done),
                "same": not different,
                "differences": [
                    {"t": d.step.at, "was": d.step.out, "is": d.out} for d in different
                ],
            }
        )
    else:
        typer.echo(f"call {call_id}: {len(done)} steps")
        for step in done:
            if every or not step.same or _interesting(step):
                _print(step)
        typer.secho(
            "the same" if not different else f"{len(different)} steps differ",
            fg=typer.colors.GREEN if not different else typer.colors.RED,
        )
    return 1 if different else 0


def _interesting(step: Replayed) -> bool:
    return any(not e.startswith(("SendFrame", "SendMark")) for e in step.step.out)


def _print(step: Replayed) -> None:
    shown = ", ".join(e for e in step.step.out if not e.startswith("SendFrame")) or "-"
    name = type(step.step.what).__name__
    typer.echo(f"{step.step.at / 1000:9.2f}  {step.phase:<16} {name:<14} -> {shown}")
    if not step.same:
        typer.secho(f"{'':9}  now: {', '.join(step.out) or '-'}", fg=typer.colors.RED)
