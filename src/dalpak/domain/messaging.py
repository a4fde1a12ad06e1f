"""A business's rules of writing to people: when to remind, when to be quiet, by which messengers,
and who is not written to.

Read from and written to the business's own JSON. When a reminder is due is in `reminders.py`, how
many messages one number gets in `message_caps.py`; the words are in the languages and in the
business's templates.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from dalpak.domain.follow_up import ConsentAnswer
from dalpak.domain.walltime import clock_text
from dalpak.domain.windows import parse_clock
from dalpak.errors import PolicyError

MAX_REMINDERS: Final = 4
MAX_DAYS_BEFORE: Final = 7
MAX_HOURS_BEFORE: Final = 72
MAX_CHANNELS: Final = 6
MAX_HOLD_MIN: Final = 24 * 60
LEAST_HOLD_MIN: Final = 5
MAX_PER_HOUR: Final = 20
"""More to one number is no follow-up any more. At least one: a limit of none would lose messages."""
MAX_PER_CALL: Final = 50
MAX_KEEP_DAYS: Final = 3_650
KEEPS_ONLY: Final = "outbox"
"""The messenger that sends nothing: it keeps the text to be read."""
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
    most_per_hour: int = 2
    """Messages to one number within 60 minutes: a confirmation and its correction."""
    most_per_call: int = 5
    """Messages that follow from one call, to whatever numbers: nobody makes us write to a list."""
    most_to_others: int = 1
    """Messages that follow from one call to a number that is not the caller's own, and whose owner
    never wrote: a stranger is told once, and how to hear no more."""
    keep_days: int = 30
    """Days after which the words, numbers and answers of messages are forgotten; a month is as long
    as anybody asks what was written."""

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


def _whole(low: int, high: int) -> Callable[[object, str], int]:
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
                days_before=_whole(1, MAX_DAYS_BEFORE)(days, f"{key}.days_before"), at=at
            )
        case {"hours_before": hours, **rest} if not rest:
            read = _whole(1, MAX_HOURS_BEFORE)
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
    "waitlist_hold_min": _Field(_whole(LEAST_HOLD_MIN, MAX_HOLD_MIN)),
    "most_per_hour": _Field(_whole(1, MAX_PER_HOUR)),
    "most_per_call": _Field(_whole(1, MAX_PER_CALL)),
    "most_to_others": _Field(_whole(1, MAX_PER_CALL)),
    "keep_days": _Field(_whole(1, MAX_KEEP_DAYS)),
}
"""A new rule is one line here and one field above."""


def faults_in(raw: Mapping[str, object]) -> list[PolicyError]:
    """What is wrong with the known fields, one fault each; empty when `from_json` takes them."""
    faults: list[PolicyError] = []
    for key in raw:
        if key in _FIELDS:
            try:
                _FIELDS[key].read(raw[key], key)
            except PolicyError as fault:
                faults.append(fault)
    return faults


def rules_of(raw: Mapping[str, object]) -> MessagingRules:
    """The rules in force. What was saved was checked; a row that no longer reads falls back."""
    try:
        return MessagingRules.from_json(raw)
    except PolicyError:
        return MessagingRules()


# -- what they come to -----------------------------------------------------------------------------


def chain_of(rules: MessagingRules, installed: Iterable[str]) -> tuple[str, ...]:
    """The business's messengers among the installed ones. Where it chose none: the first, which the
    operator named, then the others, and at last what only keeps the text."""
    known = tuple(installed)
    chosen = tuple(name for name in rules.channels if name in known)
    if chosen or not known:
        return chosen
    first, *others = known
    return (first, *sorted(others, key=lambda name: name == KEEPS_ONLY))


def unwelcome(rules: MessagingRules, answer: ConsentAnswer | None, *, customer: bool = True) -> str:
    """Why somebody whose last word about messages was `answer` is not written to: "opted_out",
    "no_consent", or "" when they are. Of the business itself no consent is asked."""
    if answer is ConsentAnswer.OPTED_OUT:
        return "opted_out"
    if not customer or answer is ConsentAnswer.GRANTED:
        return ""
    declined = answer is ConsentAnswer.DECLINED
    return "no_consent" if declined or rules.consent_required else ""
