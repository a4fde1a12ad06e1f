"""`dalpak understand`: what a sentence means, for people and, line by line, for programs.

The meaning is the language's; this reads and prints. Nothing is looked up: services and staff come
with the line, as lists of names.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.table import Table

from dalpak.cli.common import emit_json, fail
from dalpak.clock import SystemClock
from dalpak.language.base import Language, Named
from dalpak.language.meaning import context_of, meaning
from dalpak.language.registry import LANGUAGES

MAX_NAMED = 200
"""Services or staff taken from one line."""


def understand(*, text: str, code: str, now: str, timezone: str, as_json: bool) -> int:
    if code not in LANGUAGES:
        return fail(f"--language: expected one of {', '.join(LANGUAGES)}, got {code!r}")
    try:
        zone = ZoneInfo(timezone)
        moment = datetime.fromisoformat(now) if now else SystemClock().now()
    except (ValueError, LookupError, OSError):
        return fail(
            f"expected --now as ISO 8601 and --timezone as a zone, got {now!r} {timezone!r}"
        )
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    language = LANGUAGES[code]
    if text:
        found = _meaning(language, {"text": text}, moment, timezone)
        if as_json:
            emit_json(found)
        else:
            _draw(text, found, moment.astimezone(zone))
        return 0
    return _lines(language, sys.stdin, moment, timezone)


def _lines(language: Language, lines: Iterable[str], now: datetime, timezone: str) -> int:
    code = 0
    for case in _cases(lines):
        out: dict[str, object] = {"id": case.get("id") if isinstance(case, Mapping) else None}
        try:
            out["meaning"] = _meaning(language, case, now, timezone)
        except (ValueError, KeyError, TypeError, AttributeError) as bad:
            code = 1
            out["error"] = f"missing {bad}" if isinstance(bad, KeyError) else str(bad)
        typer.echo(json.dumps(out, ensure_ascii=False))
    return code


def _cases(lines: Iterable[str]) -> Iterator[Any]:
    for line in lines:
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as bad:
                # Answered like any other bad line: the ones after it are still wanted.
                yield f"not JSON: {bad}"


def _meaning(
    language: Language, case: Mapping[str, Any], now: datetime, timezone: str
) -> dict[str, object]:
    if not isinstance(case, Mapping):
        raise TypeError(case if isinstance(case, str) else "expected an object with id and text")
    context = context_of(
        case,
        now=now,
        timezone=timezone,
        services=_named(case.get("services")),
        staff=_named(case.get("staff")),
    )
    return meaning(language.understand(str(case["text"]), context), context)


def _named(names: object) -> tuple[Named, ...]:
    listed = names if isinstance(names, list) else []
    return tuple(Named(str(name), str(name)) for name in listed[:MAX_NAMED])


def _draw(text: str, found: Mapping[str, object], now: datetime) -> None:
    table = Table(box=None, show_header=False)
    table.add_column(style="bold")
    for key, value in found.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        table.add_row(key, shown)
    console = Console()
    console.print(f"{text}\n")
    console.print(table if found else "nothing that a booking could use")
    console.print(f"\n[bright_black]read at {now:%A %Y-%m-%d %H:%M}[/]")
