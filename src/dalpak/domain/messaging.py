"""A business's rules of writing to people: when to remind, when to be quiet, by which messengers.

Read from and written to the business's own JSON. When a reminder is due is in `reminders.py`; the
words are in the languages and in the business's templates.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from dalpak.domain.walltime import clock_text
from dalpak.domain.windows import parse_clock
from dalpak.errors import PolicyError

MAX_REMINDERS: Final = 4
MAX_DAYS_BEFORE: Final = 7
MAX_HOURS_BEFORE: Final = 72
MAX_CHANNELS: Final = 6
SUMMARY_READERS: Final = ("business", "caller", "nobody")


@dataclass(frozen=True, slots=True)
class ReminderRule:
    """Some days before at a wall time (`at`, minutes), or some hours before the start."""

    days_before: int | None = None
    at: int = 18 * 60
    hours_before: int | None = None

    @property
    def name(self) -> str:
        """Part of ids: a rule that changes is another rule."""
        if self.days_before is not None:
            return f"{self.days_before}d{clock_text(self.at).replace(':', '')}"
        return f"{self.hours_before}h"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingRules:
    """Every field has a default, so that a business that said nothing is served sensibly."""

    channels: tuple[str, ...] = ()
    """Messengers in the order they are tried; empty: those of the installation."""
    summary_to: str = ""
    """Who reads the summary of a call; empty: what the installation says."""
    consent_required: bool = False
    """True: nobody is written to who did not say yes. False: nobody who said no."""
    reminders: tuple[ReminderRule, ...] = (
        ReminderRule(days_before=1),
        ReminderRule(hours_before=3),
    )
    quiet_hours: tuple[int, int] | None = (21 * 60, 8 * 60)
    """Wall minutes [from, to), over midnight: no reminder and no offer. A confirmation answers a
    call and goes out at once."""
    quiet_shabbat: bool = False
    quiet_holidays: bool = False
    """The days on which one rests (`domain/holidays.py:REST_DAYS`), each from its eve."""
    rest_from: int = 15 * 60
    """On the eve: before the earliest candle lighting of the year."""
    rest_to: int = 21 * 60
    """On the day itself: after the latest end of Shabbat of the year."""
    waitlist_offers: bool = True
    waitlist_hold_min: int = 30
    """How long a freed time is kept for one who waits; a person reads a message within that."""

    @classmethod
    def from_json(cls, raw: Mapping[str, object]) -> Self:
        """Raises PolicyError naming the first bad field exactly; an unknown key is a bad field."""
        for key in raw:
            if key not in _FIELDS:
                raise PolicyError(str(key), raw[key], f"one of {', '.join(sorted(_FIELDS))}")
        return cls(**{key: _FIELDS[key].read(raw[key], key) for key in raw})

    def to_json(self) -> dict[str, object]:
        """The inverse of `from_json`, every field written."""
        return {key: f.write(getattr(self, key)) for key, f in _FIELDS.items()}


@dataclass(frozen=True, slots=True)
class _Field:
    """How one key is read and written."""

    read: Callable[[object, str], Any]
    write: Callable[[Any], object] = lambda value: value


def _yes_no(value: object, key: str) -> bool:
    if value is True or value is False:
        return value
    raise PolicyError(key, value, "true or false")


def _minutes(low: int, high: int) -> Callable[[object, str], int]:
    def read(value: object, key: str) -> int:
        if type(value) is int and low <= value <= high:
            return value
        raise PolicyError(key, value, f"a whole number from {low} to {high}")

    return read


def _clock(value: object, key: str) -> int:
    minute = parse_clock(value)
    if minute is None:
        raise PolicyError(key, value, "a time such as 18:00")
    return minute


def _channels(value: object, key: str) -> tuple[str, ...]:
    names = value if isinstance(value, list) else None
    if names is None or len(names) > MAX_CHANNELS or len(set(map(str, names))) != len(names):
        raise PolicyError(key, value, f"a list of at most {MAX_CHANNELS} messengers, each once")
    for i, name in enumerate(names):
        if not isinstance(name, str) or not name.isidentifier():
            raise PolicyError(f"{key}[{i}]", name, "the name of a messenger")
    return tuple(names)


def _reader(value: object, key: str) -> str:
    if value not in ("", *SUMMARY_READERS):
        raise PolicyError(key, value, f"one of {', '.join(SUMMARY_READERS)}")
    return str(value)


def _reminders(value: object, key: str) -> tuple[ReminderRule, ...]:
    if not isinstance(value, list) or len(value) > MAX_REMINDERS:
        raise PolicyError(key, value, f"a list of at most {MAX_REMINDERS} reminders")
    rules = tuple(_reminder(each, f"{key}[{i}]") for i, each in enumerate(value))
    if len({rule.name for rule in rules}) != len(rules):
        raise PolicyError(key, value, "reminders that differ from one another")
    return rules


def _reminder(value: object, key: str) -> ReminderRule:
    match value:
        case {"days_before": days, **rest} if set(rest) <= {"at"}:
            at = _clock(rest.get("at", "18:00"), f"{key}.at")
            return ReminderRule(
                days_before=_minutes(1, MAX_DAYS_BEFORE)(days, f"{key}.days_before"), at=at
            )
        case {"hours_before": hours, **rest} if not rest:
            read = _minutes(1, MAX_HOURS_BEFORE)
            return ReminderRule(hours_before=read(hours, f"{key}.hours_before"))
        case _:
            expected = '{"days_before": 1, "at": "18:00"} or {"hours_before": 3}'
            raise PolicyError(key, value, expected)


def _reminder_json(rule: ReminderRule) -> dict[str, object]:
    if rule.days_before is not None:
        return {"days_before": rule.days_before, "at": clock_text(rule.at)}
    return {"hours_before": rule.hours_before}


def _quiet_hours(value: object, key: str) -> tuple[int, int] | None:
    if value is None:
        return None
    ends = [parse_clock(end) for end in value] if isinstance(value, list) else []
    match ends:
        case [int(start), int(end)] if start % 1440 != end % 1440:
            return start, end
        case _:
            raise PolicyError(key, value, 'null, or a pair such as ["21:00", "08:00"]')


def _quiet_json(ends: tuple[int, int] | None) -> object:
    return None if ends is None else [clock_text(end) for end in ends]


_FIELDS: dict[str, _Field] = {
    "channels": _Field(_channels, list),
    "summary_to": _Field(_reader),
    "consent_required": _Field(_yes_no),
    "reminders": _Field(_reminders, lambda rules: [_reminder_json(r) for r in rules]),
    "quiet_hours": _Field(_quiet_hours, _quiet_json),
    "quiet_shabbat": _Field(_yes_no),
    "quiet_holidays": _Field(_yes_no),
    "rest_from": _Field(_clock, clock_text),
    "rest_to": _Field(_clock, clock_text),
    "waitlist_offers": _Field(_yes_no),
    "waitlist_hold_min": _Field(_minutes(5, 1440)),
}
"""A new rule is one line here and one field above."""


def rules_of(raw: Mapping[str, object]) -> MessagingRules:
    """The rules in force. What was saved was checked; a row that no longer reads falls back."""
    try:
        return MessagingRules.from_json(raw)
    except PolicyError:
        return MessagingRules()
