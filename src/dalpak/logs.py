"""Logging: static messages, structured fields, personal data dropped by default. Nothing is logged per frame.

A field whose name has a `pii` segment (`caller_pii`) never reaches a sink, and anything that looks like a phone
number is masked wherever it stands, so that a forgotten field cannot leak one.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

_PHONE = re.compile(r"(?<![\w-])(\+?\d[\d\- ]{6,14}\d)(?![\w-])")


def mask_phone(text: str) -> str:
    """`+972501234567` -> `+9725••••••67`; anything of 8 to 16 digits is treated as a phone number."""

    def mask(match: re.Match[str]) -> str:
        raw = match.group(1)
        digits = re.sub(r"\D", "", raw)
        if len(digits) < 8:
            return raw
        keep = 4 if raw.startswith("+") else 3
        return (
            raw[: keep + (1 if raw.startswith("+") else 0)]
            + "•" * (len(digits) - keep - 2)
            + digits[-2:]
        )

    return _PHONE.sub(mask, text)


def scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: drop declared PII, mask phone-like text elsewhere."""
    for key in [k for k in event if "pii" in k.split("_")]:
        del event[key]
    for key, value in event.items():
        if isinstance(value, str) and key not in {
            "timestamp",
            "ts",
            "call_id",
            "event_id",
            "build",
        }:
            event[key] = mask_phone(value)
    return event


class _Stderr:
    """Standard error as it is at the moment of writing: a broken or closed one costs a line, never a call."""

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure_logging(*, debug: bool, fmt: str = "auto", quiet: bool = False) -> None:
    """Once per process, from the entrypoint. `quiet`: warnings only, for commands."""
    as_json = fmt == "json" or (fmt == "auto" and not sys.stderr.isatty())
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer()
    )
    level = logging.DEBUG if debug else logging.WARNING if quiet else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            scrub,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _Stderr())),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s"
    )


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)
