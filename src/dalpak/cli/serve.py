"""`dalpak serve`: says what to open and what to try, then answers calls until told to stop."""

from typing import Any

import typer

from dalpak.cli.common import settings_for
from dalpak.config import Settings


def serve(*, host: str, port: int) -> None:
    overrides: dict[str, Any] = {}
    if host:
        overrides["host"] = host
    if port:
        overrides["port"] = port
    settings = settings_for(**overrides)
    typer.echo(_welcome(settings))
    from dalpak.web.server import serve as run

    run(settings)


def _welcome(settings: Settings) -> str:
    page = f"http://{settings.host}:{settings.port}/"
    phone = (
        f"Twilio calls {settings.public_base_url}/voice/incoming"
        if settings.twilio_auth_tokens
        else "no Twilio token: telephone calls are refused; the page and the terminal work"
    )
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
