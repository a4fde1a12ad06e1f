"""What several commands share: settings for a command, JSON out, tables, masked numbers. No command lives here."""

import dataclasses
import json
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from dalpak.config import Settings, load_settings
from dalpak.logs import mask_phone


def settings_for(db: str = "", **overrides: Any) -> Settings:
    """The environment's settings, with the database that `--db` names (URL or a SQLite file's path)."""
    if db:
        overrides["database_url"] = (
            db if "://" in db else f"sqlite+aiosqlite:///{Path(db).absolute()}"
        )
    return load_settings(**overrides)


def emit_json(data: object) -> None:
    typer.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))


def plain(value: object) -> object:
    """Dataclasses, enums and datetimes as JSON understands them."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(v) for v in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return value


def masked(phone: str | None) -> str:
    return mask_phone(phone) if phone else "-"


def fail(message: str) -> int:
    """Tell a wrong use; the exit code that goes with it."""
    typer.secho(f"error: {message}", err=True, fg=typer.colors.RED)
    return 2
