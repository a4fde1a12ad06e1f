"""`dalpak doctor`: what this installation has, what it lacks, and the setting, command or page that mends it.

Everything is tried, not assumed, and all at once. What is asked is in doctor_here.py (this machine) and in
services/checks (the outside); here it is run, each in its time, and shown. Nothing secret is ever printed.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from dalpak.cli.common import emit_json
from dalpak.cli.doctor_here import HERE, numbers_of
from dalpak.clock import Clock, SystemClock
from dalpak.config import Settings, load_settings
from dalpak.errors import DalpakError
from dalpak.runtime.supervise import Supervisor
from dalpak.services.checks.finding import Check, Finding, Installation, State
from dalpak.services.checks.registry import CHECKS

CHECK_S = 12.0
"""For one check, the longest: recognising a sentence in the pace of speech, with its final. All run at once."""

Tell = Callable[[Sequence[str]], None]
"""Called with the names of the checks that still run."""

COLOURS = {
    State.OK: typer.colors.GREEN,
    State.WARNING: typer.colors.YELLOW,
    State.ERROR: typer.colors.RED,
}
EMBEDDED = (
    "No provider is configured, and that is fine: voice, dialogue, database and messages are all embedded.\n"
    "What keys would add, and how to get them: docs/providers.md"
)


def doctor(*, as_json: bool) -> int:
    """Exit code 1 if anything is an error; warnings do not count."""
    settings = load_settings()
    screen = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        console=screen,
        transient=True,
        disable=as_json or not screen.is_terminal,
    ) as bar:
        task = bar.add_task("looking", total=None)

        def tell(waiting: Sequence[str]) -> None:
            bar.update(task, description="waiting for: " + ", ".join(waiting))

        findings = asyncio.run(examine(settings, SystemClock(), tell=tell))
    if as_json:
        emit_json(findings)
    else:
        _show(findings, embedded=is_embedded(settings))
    return 1 if any(f.state is State.ERROR for f in findings) else 0


async def examine(
    settings: Settings,
    clock: Clock,
    *,
    checks: Sequence[Check] = (*HERE, *CHECKS),
    tell: Tell = lambda _: None,
    limit_s: float = CHECK_S,
) -> list[Finding]:
    """The findings of all checks, in their order; none takes longer than `limit_s`."""
    place = Installation(settings, clock, partial(numbers_of, settings))
    supervisor = Supervisor("doctor")
    waiting = [check.name for check in checks]

    async def one(check: Check) -> Sequence[Finding]:
        trouble: list[Exception] = []
        looking = supervisor.spawn(check.look(place), name=check.name, on_fault=trouble.append)
        try:
            async with asyncio.timeout(limit_s):
                found: Sequence[Finding] | None = await looking
        except TimeoutError:
            found, trouble = None, [TimeoutError(f"no result within {limit_s:g} s")]
        waiting.remove(check.name)
        tell(waiting)
        return _unfound(check, trouble) if found is None else found

    tell(waiting)
    try:
        found = await asyncio.gather(*(one(check) for check in checks))
    finally:
        await supervisor.aclose()
    return [finding for findings in found for finding in findings]


def _unfound(check: Check, trouble: Sequence[Exception]) -> list[Finding]:
    """A check that came to no finding. Words of exceptions may quote an address with a password in it: only
    those of our own are shown.
    """
    fault = trouble[0] if trouble else None
    known = isinstance(fault, DalpakError | TimeoutError)
    words = str(fault) if known else f"the check failed ({type(fault).__name__})"
    remedy = "run the doctor again; if it stays, docs/operations.md says what each part needs"
    return [Finding(check.name, State.ERROR, words, remedy)]


def is_embedded(settings: Settings) -> bool:
    """No outside service is named by any setting."""
    return (
        "sqlite" in settings.db_url
        and settings.tts_provider in {"espeak", "silent"}
        and settings.stt_provider == "none"
        and settings.agent_provider == "builtin"
        and settings.messenger == "outbox"
        and not settings.twilio_auth_tokens
    )


def _show(findings: Sequence[Finding], *, embedded: bool) -> None:
    width = max(len(f.name) for f in findings)
    for f in findings:
        typer.secho(f"{f.state:>7}  ", fg=COLOURS[f.state], nl=False)
        took = "" if f.took_ms is None else f"  [{f.took_ms} ms]"
        typer.echo(f"{f.name:<{width}}  {f.found}{took}")
        if f.remedy:
            typer.echo(f"{'':{width + 11}}-> {f.remedy}")
    if embedded:
        typer.echo(f"\n{EMBEDDED}")
