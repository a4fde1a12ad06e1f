"""`dalpak slots`: answer cases of the slot rules, one JSON line each. No database, no clock."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from dalpak.cli.common import fail
from dalpak.domain.cases import slots_of_case
from dalpak.errors import PolicyError


def answer(case: Path | str) -> int:
    """`case` is a file, or `-` for standard input: a document of cases, one case, or a line each."""
    if str(case) != "-" and not Path(case).is_file():
        return fail(f"--case: expected a file or -, got {str(case)!r}")
    text = sys.stdin.read() if str(case) == "-" else Path(case).read_text(encoding="utf-8")
    try:
        cases = list(_cases(text))
    except ValueError as bad:
        return fail(f"--case: expected JSON, {bad}")
    code = 0
    for n, each in enumerate(cases, 1):
        try:
            line: dict[str, object] = {"id": _id(each, n), "slots": slots_of_case(each)}
        except (PolicyError, ValueError, KeyError, TypeError, AttributeError) as bad:
            code, line = 1, {"id": _id(each, n), "error": _told(bad)}
        typer.echo(json.dumps(line, ensure_ascii=False))
    return code


def _told(bad: Exception) -> str:
    return f"missing {bad}" if isinstance(bad, KeyError) else str(bad)


def _id(case: Any, n: int) -> object:
    return case.get("id", n) if isinstance(case, dict) else n


def _cases(text: str) -> Iterator[Any]:
    try:
        document = json.loads(text)
    except ValueError:
        yield from (json.loads(line) for line in text.splitlines() if line.strip())
        return
    if isinstance(document, dict) and isinstance(document.get("cases"), list):
        yield from document["cases"]
    elif isinstance(document, list):
        yield from document
    else:
        yield document
