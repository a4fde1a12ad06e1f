"""The texts of a business's messages: which is in force, what one would look like, and a new one.

The built-in words are in `language/<code>/message_templates.py`, what a text may hold in
`domain/templates.py`. When a message is sent is decided by the flows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dalpak.domain.records import Business
from dalpak.domain.templates import KINDS, check, fill
from dalpak.errors import PolicyError
from dalpak.language.base import Language
from dalpak.language.messages import MESSAGES, SAMPLES, built_in
from dalpak.ports.store import Reading, Writing

SAMPLE_AHEAD = timedelta(days=1)
SAMPLE_HOUR = 10
UNTIL = timedelta(minutes=30)


def date_and_time(language: Language, instant: datetime, zone: str) -> tuple[str, str]:
    """The date with its weekday, and `16:30`, on the business's wall clock."""
    local = instant.astimezone(ZoneInfo(zone))
    day = language.written(
        "date",
        weekday=language.written(f"weekday_{local.weekday()}"),
        day=str(local.day),
        month=str(local.month),
        year=str(local.year),
    )
    return day, f"{local:%H:%M}"


async def text_of(r: Reading, language: str, kind: str, values: Mapping[str, str]) -> str:
    """The business's own text where it wrote one, else the built-in one, filled."""
    own = {(t.language, t.kind): t.text for t in await r.templates()}
    try:
        return fill(own.get((language, kind)) or built_in(language, kind), values)
    except PolicyError:
        # It was checked when it was saved; one that no longer reads must not hold a message up.
        return fill(built_in(language, kind), values)


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of one kind in one language, with an example of what a person would read."""

    language: str
    kind: str
    text: str
    own: bool
    """Written by the business; False: the built-in one."""
    placeholders: tuple[str, ...]
    required: tuple[str, ...]
    preview: str


async def texts_of(r: Reading, language: Language, now: datetime) -> list[MessageText]:
    """Every kind of message in this language."""
    own = {(t.language, t.kind): t.text for t in await r.templates()}
    values = await sample_values(r, language, now)
    found: list[MessageText] = []
    for kind, spec in KINDS.items():
        written = own.get((language.code, kind))
        text = written or built_in(language.code, kind)
        found.append(
            MessageText(
                language=language.code,
                kind=kind,
                text=text,
                own=written is not None,
                placeholders=spec.placeholders,
                required=spec.required,
                preview=fill(text, values),
            )
        )
    return found


async def preview_of(r: Reading, language: Language, kind: str, text: str, now: datetime) -> str:
    """What a person would read. Raises PolicyError naming what is wrong with the text."""
    known_kind(kind)
    checked = check(text, kind, f"{language.code}.{kind}")
    return fill(checked, await sample_values(r, language, now))


async def save_text(w: Writing, language: str, kind: str, text: str | None) -> None:
    """`text` in place of the built-in words; None brings those back. Raises PolicyError."""
    known_kind(kind)
    if language not in MESSAGES:
        raise PolicyError("language", language, f"one of {', '.join(sorted(MESSAGES))}")
    if text is not None:
        text = check(text, kind, f"{language}.{kind}")
    await w.save_template(language, kind, text)


def known_kind(kind: str) -> str:
    """Raises PolicyError for a kind of message that there is not."""
    if kind not in KINDS:
        raise PolicyError("kind", kind, f"one of {', '.join(KINDS)}")
    return kind


async def sample_values(r: Reading, language: Language, now: datetime) -> dict[str, str]:
    """An example of every value, from the business itself where it has one."""
    business = await r.business()
    services, staff = await r.services(), await r.resources()
    start = _sample_start(business, now)
    day, hour = date_and_time(language, start, business.timezone)
    _, until = date_and_time(language, now + UNTIL, business.timezone)
    return {
        **SAMPLES[language.code],
        "date": day,
        "time": hour,
        "until": until,
        "business": business.name,
        "service": services[0].name if services else "",
        "staff": staff[0].name if len(staff) > 1 else "",
        "address": business.address,
    }


def _sample_start(business: Business, now: datetime) -> datetime:
    local = now.astimezone(ZoneInfo(business.timezone)) + SAMPLE_AHEAD
    return local.replace(hour=SAMPLE_HOUR, minute=0)
