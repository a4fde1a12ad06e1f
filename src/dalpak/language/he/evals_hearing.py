"""How a simulated caller understands the front desk: its sentences told apart by their own words.

Made from the phrase tables, so that a changed wording needs nothing here. The caller knows nothing
but what was said to it: no state, no tools.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from dalpak.language.he.phrases import CONVERSATION
from dalpak.language.he.phrases_call import CALL
from dalpak.language.he.speech import AT_HOUR, HebrewSpeech

DAYS_KNOWN = 100
_SLOT = re.compile(r"\\\{(\w+)\\\}")
_SPEECH = HebrewSpeech()


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the front desk: which phrase it is, and what stands in its slots."""

    key: str
    text: str
    slots: Mapping[str, str]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(_SLOT.sub(lambda m: f"(?P<{m[1]}>.+?)", re.escape(text)))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The most telling first: a phrase that is hardly more than its slots would fit anything."""

    def fixed(text: str) -> int:
        return len(re.sub(r"\{\w+\}", "", text))

    table = {key: text for key, (text, _) in (CONVERSATION | CALL).items()}
    ordered = sorted(table.items(), key=lambda item: -fixed(item[1]))
    return tuple((key, _pattern(text)) for key, text in ordered)


def recognise(text: str) -> tuple[Sentence, ...]:
    """The phrases that a sentence may be, the most telling first; key "" when it is none.

    Facts hold commas too, so that a sentence may fit several: only what its slots mean can tell.
    """
    fits = ((key, pattern.fullmatch(text)) for key, pattern in _patterns())
    found = tuple(Sentence(key, text, fit.groupdict()) for key, fit in fits if fit)
    return found or (Sentence("", text, {}),)


@cache
def _days(today: date) -> dict[str, date]:
    known = (today + timedelta(days=n) for n in range(DAYS_KNOWN))
    return {_SPEECH.day(day, today).text: day for day in known}


@cache
def _clocks() -> dict[str, time]:
    known = (time(m // 60, m % 60) for m in range(0, 24 * 60, 5))
    return {_SPEECH.clock(at).text: at for at in known}


def day_in(text: str, today: date) -> date | None:
    return _days(today).get(text)


def day_told(day: date, today: date) -> str:
    """How the front desk calls this day."""
    return _SPEECH.day(day, today).text


def near_day_in(text: str, today: date) -> date | None:
    """A day named by its first word or two only, as menus do; the next one of that name."""
    for spoken, day in _days(today).items():
        if spoken == text or spoken.partition(",")[0] == text:
            return day
    return None


def key_in(text: str) -> str:
    """The key that a number word names."""
    return next(str(n) for n in range(10) if _SPEECH.number(n).text == text)


def clock_in(text: str) -> time | None:
    return _clocks().get(text)


def moment_in(text: str, now: datetime) -> datetime | None:
    """A spoken day and hour ("tomorrow, Tuesday, at three") as a local time; None for none."""
    for spoken, day in _days(now.date()).items():
        if not text.startswith(spoken):
            continue
        at_hour, _, hour = text[len(spoken) :].lstrip(", ").partition(" ")
        at = clock_in(hour) if at_hour == AT_HOUR.text else None
        if at is not None:
            return datetime.combine(day, at, now.tzinfo)
    return None


def two_moments_in(text: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Two moments one after the other, parted by one of the commas; None twice for anything else."""
    pieces = text.split(", ")
    for n in range(1, len(pieces)):
        first, second = (moment_in(", ".join(p), now) for p in (pieces[:n], pieces[n:]))
        if first is not None and second is not None:
            return first, second
    return None, None


def split_visit(text: str) -> tuple[str, str, str]:
    """A service, and who gives it where that was told: as `str.partition` cuts."""
    (between,) = re.findall(r"\}(.*)\{", CONVERSATION["service_by"][0])
    return text.partition(between)


def phone_of(digits: str) -> str:
    """How the front desk reads this number back."""
    return _SPEECH.digits(digits).text
