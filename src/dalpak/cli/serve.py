"""`dalpak serve`: renders the voice's prompts once, says what to open and what to try, then answers calls."""

import asyncio
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from dalpak.cli.common import settings_for
from dalpak.cli.local_token import with_local_token
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.extensions import Extensions, build_extensions, prompts_of
from dalpak.language.base import Spoken
from dalpak.web.server import serve as run_server


def serve(*, host: str, port: int) -> None:
    overrides: dict[str, Any] = {}
    if host:
        overrides["host"] = host
    if port:
        overrides["port"] = port
    configured = settings_for(**overrides)
    settings = with_local_token(configured, SystemClock())
    asyncio.run(_prepare(settings))
    typer.echo(_welcome(settings, simulated=settings is not configured))
    run_server(settings)


async def _prepare(settings: Settings) -> None:
    """Database, demo business and prompts. The first start renders every prompt, so that no caller waits for it."""
    async with build_extensions(settings, serving=False) as ext:
        if ext.demo is not None:
            typer.echo(f"  created the demo business {ext.demo.name}, telephone {ext.demo.phone}")
        for code, prompts in (await prompts_of(ext.store)).items():
            await _render(ext, code, prompts)


async def _render(ext: Extensions, code: str, prompts: dict[str, Spoken]) -> None:
    columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"rendering the voice's prompts ({code}), once", total=len(prompts))

        def progress(ready: int, total: int) -> None:
            bar.update(task, completed=ready, total=total)

        locale = ext.language_of(code).locale
        await ext.bank.maybe_warmup(prompts, locale=locale, progress=progress)


def _welcome(settings: Settings, *, simulated: bool) -> str:
    page = f"http://{settings.host}:{settings.port}/"
    if simulated:
        phone = "no Twilio token: only `dalpak simulate` on this machine can call"
    elif settings.twilio_auth_tokens:
        phone = f"Twilio calls {settings.public_base_url}/voice/incoming"
    else:
        phone = "no Twilio token: telephone calls are refused; the page and the terminal work"
    return "\n".join(
        [
            "",
            "  dalpak - the front desk",
            f"  open   {page}            a test call in the browser, with its latency and reasons",
            "  try    dalpak call                        the same conversation in this terminal",
            "         dalpak simulate --calls 5          callers over Twilio's protocol",
            "         dalpak check                       GO or NO-GO",
            f"  phone  {phone}",
            "  stop   Ctrl-C (live calls are finished first; twice to stop at once)",
            "",
        ]
    )
