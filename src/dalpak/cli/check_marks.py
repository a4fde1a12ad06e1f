"""The latency marks of some turns, gathered by kind; and the settings of a check's own database.

Shared by the checks; no call is made here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dalpak.config import Settings, load_settings
from dalpak.domain.records import TurnRecord


@dataclass(frozen=True, slots=True)
class Marks:
    """Milliseconds, of the turns that have the mark."""

    turns: int = 0
    partial: tuple[int, ...] = ()
    final: tuple[int, ...] = ()
    ai: tuple[int, ...] = ()
    tts_ready: tuple[int, ...] = ()
    tts_behind: tuple[int, ...] = ()

    @classmethod
    def of(cls, turns: Sequence[TurnRecord]) -> Self:
        def known(*values: int | None) -> tuple[int, ...]:
            return tuple(value for value in values if value is not None)

        return cls(
            len(turns),
            known(*(t.stt_first_partial_ms for t in turns)),
            known(*(t.stt_final_ms for t in turns)),
            known(*(t.ai_latency_ms for t in turns)),
            known(*(t.tts_ready_ms for t in turns)),
            known(*(t.tts_send_lag_ms for t in turns)),
        )


def settings_in(folder: Path, **changes: Any) -> Settings:
    """This installation's settings on a database of its own, from which nothing leaves."""
    own: dict[str, Any] = {
        "data_dir": folder,
        "database_url": "",
        "run_migrations_on_start": True,
        "seed_demo": True,
        "flows_enabled": False,
        "messenger": "outbox",
    }
    return load_settings(**(own | changes))


def prompts_of(settings: Settings) -> Path:
    """Where this installation keeps its rendered prompts: a check need not render them again."""
    return (settings.prompt_cache_dir or settings.data_dir / "prompts").absolute()
