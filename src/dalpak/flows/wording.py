"""Facts as a message writes them: dates on the business's wall clock, parts that may be missing.

The words themselves are in `language/<code>/written.py`.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from dalpak.language.base import Language


def date_and_time(language: Language, instant: datetime, zone: str) -> tuple[str, str]:
    """The date with its weekday, and `16:30`."""
    local = instant.astimezone(ZoneInfo(zone))
    day = language.written(
        "date",
        weekday=language.written(f"weekday_{local.weekday()}"),
        day=str(local.day),
        month=str(local.month),
        year=str(local.year),
    )
    return day, f"{local:%H:%M}"


def part(language: Language, key: str, **slot: str | None) -> str:
    """The part of a sentence under `key`, or nothing when its only value is missing or empty."""
    filled = {name: value for name, value in slot.items() if value}
    return language.written(key, **filled) if filled else ""
