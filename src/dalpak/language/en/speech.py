"""Facts to English words: what is said aloud about times, dates, counts, money and phone numbers.

No digit ever leaves here. There is no IPA: English letters are enough for any English voice. Whole
sentences are in `phrases.py`.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time

from dalpak.language.base import Spoken, say
from dalpak.language.en import dates
from dalpak.language.en.numbers import (
    AND,
    HUNDRED,
    LARGEST,
    SMALL,
    THOUSAND,
    below_hundred,
    cardinal,
    year,
)

AT = Spoken("at")
OR = Spoken("or")
FREE = Spoken("free of charge")
SHEKEL, SHEKELS = Spoken("shekel"), Spoken("shekels")
_OH = tuple(Spoken(f"oh {SMALL[n]}") for n in range(1, 10))

_YEAR_NEEDED_DAYS = 330
"""Farther than this, day and month alone could be this year's or the next one's."""

_HOUR_MIN = 60
_DAY_MIN = 24 * _HOUR_MIN
_WEEK_MIN = 7 * _DAY_MIN

_ROUND_DURATIONS: dict[int, Spoken] = {
    15: Spoken("a quarter of an hour"),
    30: Spoken("half an hour"),
    45: Spoken("three quarters of an hour"),
    90: Spoken("an hour and a half"),
}
_UNITS: dict[int, tuple[Spoken, Spoken]] = {
    _WEEK_MIN: (Spoken("one week"), Spoken("weeks")),
    _DAY_MIN: (Spoken("one day"), Spoken("days")),
    _HOUR_MIN: (Spoken("one hour"), Spoken("hours")),
    1: (Spoken("one minute"), Spoken("minutes")),
}
_AND_A_HALF = Spoken("and a half")
_DIGITS = re.compile(r"(\d+)")
_PHONE_GROUPS: dict[int, tuple[int, ...]] = {10: (3, 3, 4), 9: (2, 3, 4)}


class EnglishSpeech:
    """`language.base.Speech` in English."""

    def clock(self, at: time) -> Spoken:
        if at.minute == 0 and at.hour % 12 == 0:
            return dates.NOON if at.hour else dates.MIDNIGHT
        return say(*dates.dial(at), dates.part_of_day(at))

    def day(self, day: date, today: date) -> Spoken:
        ahead = (day - today).days
        if 0 <= ahead < dates.NEAR_DAYS:
            return say(dates.near_day(ahead), ",", dates.weekday(day))
        words = say(dates.weekday(day), ",", dates.month(day.month), dates.day_of_month(day.day))
        return say(words, ",", year(day.year)) if abs(ahead) > _YEAR_NEEDED_DAYS else words

    def moment(self, at: datetime, now: datetime) -> Spoken:
        return say(self.day(at.date(), now.date()), ",", AT, self.clock(at.time()))

    def number(self, n: int, *, feminine: bool = True) -> Spoken:
        del feminine  # English numbers have no gender
        return cardinal(n)

    def digits(self, digits: str) -> Spoken:
        national = "0" + digits[4:] if digits.startswith("+972") else digits
        figures = [int(c) for c in national if c.isdecimal()]
        words: list[Spoken | str] = []
        for size in _PHONE_GROUPS.get(len(figures)) or _threes(len(figures)):
            if words:
                words.append(",")
            words += [cardinal(figure) for figure in figures[:size]]
            figures = figures[size:]
        return say(*words)

    def money(self, shekels: int) -> Spoken:
        if shekels == 0:
            return FREE
        return say(cardinal(shekels), SHEKEL if shekels == 1 else SHEKELS)

    def duration(self, minutes: int) -> Spoken:
        if minutes in _ROUND_DURATIONS:
            return _ROUND_DURATIONS[minutes]
        for size in (_WEEK_MIN, _DAY_MIN, _HOUR_MIN):
            if minutes >= size and minutes % size == 0:
                return _count_of(minutes // size, size)
        hours, rest = divmod(minutes, _HOUR_MIN)
        if not hours:
            return _count_of(rest, 1)
        if rest == _HOUR_MIN // 2:
            return say(cardinal(hours), _AND_A_HALF, _UNITS[_HOUR_MIN][1])
        return say(_count_of(hours, _HOUR_MIN), AND, _count_of(rest, 1))

    def listing(self, parts: Sequence[Spoken], *, last: str = "or") -> Spoken:
        words: list[Spoken | str] = []
        for i, part in enumerate(parts):
            if i and i == len(parts) - 1:
                words.append(OR if last == "or" else AND)
            elif i:
                words.append(",")
            words.append(part)
        return say(*words)


def spelled(spoken: Spoken) -> Spoken:
    """People's own words (an address, a fact) may hold digits: those become number words."""
    if not any(c.isdecimal() for c in spoken.text):
        return spoken
    pieces = [p.strip() for p in _DIGITS.split(spoken.text) if p.strip()]
    return say(*(_number_word(p) if p.isdecimal() else Spoken(p) for p in pieces))


def _number_word(figures: str) -> Spoken:
    """A short number as a number; a long one, or one that begins with zero, figure by figure."""
    if figures[0] == "0" or int(figures) > LARGEST:
        return say(*(cardinal(int(figure)) for figure in figures))
    return cardinal(int(figures))


def _threes(count: int) -> tuple[int, ...]:
    return (3,) * (count // 3) + ((count % 3,) if count % 3 else ())


def _count_of(count: int, unit_min: int) -> Spoken:
    one, many = _UNITS[unit_min]
    return one if count == 1 else say(cardinal(count), many)


def fragments() -> tuple[Spoken, ...]:
    """Every leaf that times, dates, numbers, prices, phone numbers and lists are made of."""
    days = [date(2024, 1, n) for n in range(1, 32)]
    leaves = [
        *(dates.weekday(day) for day in days[:7]),
        *(dates.near_day(n) for n in range(dates.NEAR_DAYS)),
        *(dates.day_of_month(day.day) for day in days),
        *(dates.month(number) for number in range(1, 13)),
        *(leaf for h in range(12) for m in range(60) for leaf in dates.dial(time(h, m))),
        *(Spoken(part) for part in dates.PARTS),
        *(Spoken(below_hundred(n)) for n in range(100)),
        *_ROUND_DURATIONS.values(),
        *(leaf for unit in _UNITS.values() for leaf in unit),
        *(dates.NOON, dates.MIDNIGHT, HUNDRED, THOUSAND, AND, OR, AT, FREE, SHEKEL, SHEKELS),
        *(*_OH, _AND_A_HALF),
    ]
    return tuple(dict.fromkeys(leaves))
