"""Facts to Hebrew words: what is said aloud about times, dates, counts, money and phone numbers.

No digit ever leaves here, nothing depends on the caller's gender, and every leaf has its
pronunciation. Whole sentences are in `phrases.py`.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, time

from dalpak.language.base import PartOfDay, Spoken, say
from dalpak.language.he import dates
from dalpak.language.he.numbers import LARGEST, and_, cardinal, counted

AT_HOUR = Spoken("בשעה", "beʃaʔˈa")
OR = Spoken("או", "ˈo")
AND = Spoken("וגם", "vegˈam")
FREE = Spoken("ללא תשלום", "lelˈo taʃlˈum")
_YEAR = Spoken("בשנת", "biʃnˈat")

_YEAR_NEEDED_DAYS = 330
"""Farther than this, day and month alone could be this year's or the next one's."""

_HOUR_MIN = 60
_DAY_MIN = 24 * _HOUR_MIN
_WEEK_MIN = 7 * _DAY_MIN

_ROUND_DURATIONS: dict[int, Spoken] = {
    15: Spoken("רבע שעה", "ʁˈeva ʃaʔˈa"),
    30: Spoken("חצי שעה", "χatsˈi ʃaʔˈa"),
    45: Spoken("שלושת רבעי שעה", "ʃlˈoʃet ʁivʔˈej ʃaʔˈa"),
}
_AND_ROUND: dict[int, Spoken] = {
    15: Spoken("ורבע", "vaʁˈeva"),
    30: Spoken("וחצי", "vaχˈetsi"),
}
# One, two and many of each unit of time; the dual is a word of its own.
_UNITS: dict[int, tuple[Spoken, Spoken, Spoken, bool]] = {
    _WEEK_MIN: (
        Spoken("שבוע", "ʃavˈua"),
        Spoken("שבועיים", "ʃvuʔˈajim"),
        Spoken("שבועות", "ʃavuʔˈot"),
        False,
    ),
    _DAY_MIN: (
        Spoken("יום", "jˈom"),
        Spoken("יומיים", "jomˈajim"),
        Spoken("ימים", "jamˈim"),
        False,
    ),
    _HOUR_MIN: (
        Spoken("שעה", "ʃaʔˈa"),
        Spoken("שעתיים", "ʃaʔatˈajim"),
        Spoken("שעות", "ʃaʔˈot"),
        True,
    ),
}
_DIGITS = re.compile(r"(\d+)")
_PHONE_GROUPS: dict[int, tuple[int, ...]] = {10: (3, 3, 4), 9: (2, 3, 4)}


class HebrewSpeech:
    """`language.base.Speech` in Hebrew."""

    def clock(self, at: time) -> Spoken:
        return say(*dates.dial(at), dates.part_name(dates.part_of_day(at)))

    def day(self, day: date, today: date) -> Spoken:
        ahead = (day - today).days
        if 0 <= ahead < dates.NEAR_DAYS:
            return say(dates.near_day(ahead), ",", dates.weekday(day))
        words = say(
            dates.on_weekday(day), ",", dates.day_of_month(day.day), dates.in_month(day.month)
        )
        if abs(ahead) > _YEAR_NEEDED_DAYS:
            return say(words, _YEAR, cardinal(day.year, feminine=True))
        return words

    def moment(self, at: datetime, now: datetime) -> Spoken:
        return say(self.day(at.date(), now.date()), ",", AT_HOUR, self.clock(at.time()))

    def number(self, n: int, *, feminine: bool = True) -> Spoken:
        return cardinal(n, feminine=feminine)

    def digits(self, digits: str) -> Spoken:
        national = "0" + digits[4:] if digits.startswith("+972") else digits
        figures = [int(c) for c in national if c.isdecimal()]
        words: list[Spoken | str] = []
        for size in _PHONE_GROUPS.get(len(figures)) or _threes(len(figures)):
            if words:
                words.append(",")
            words += [cardinal(figure, feminine=True) for figure in figures[:size]]
            figures = figures[size:]
        return say(*words)

    def money(self, shekels: int) -> Spoken:
        if shekels == 0:
            return FREE
        if shekels == 1:
            return Spoken("שקל אחד", "ʃˈekel eχˈad")
        return say(counted(shekels, feminine=False), Spoken("שקלים", "ʃkalˈim"))

    def duration(self, minutes: int) -> Spoken:
        if minutes in _ROUND_DURATIONS:
            return _ROUND_DURATIONS[minutes]
        for size in _UNITS:
            if minutes >= size and minutes % size == 0:
                return _count_of(minutes // size, size)
        hours, rest = divmod(minutes, _HOUR_MIN)
        if not hours:
            return _minutes(rest)
        and_rest = _AND_ROUND.get(rest)
        if and_rest is None:
            first, *others = _minutes(rest).leaves
            and_rest = say(and_(first), *others)
        return say(_count_of(hours, _HOUR_MIN), and_rest)

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
    if spoken.ipa is not None or not any(c.isdecimal() for c in spoken.text):
        return spoken
    pieces = [p.strip() for p in _DIGITS.split(spoken.text) if p.strip()]
    return say(*(_number_word(p) if p.isdecimal() else Spoken(p) for p in pieces))


def _number_word(figures: str) -> Spoken:
    """A short number as a number; a long one, or one that begins with zero, figure by figure."""
    if figures[0] == "0" or int(figures) > LARGEST:
        return say(*(cardinal(int(figure), feminine=True) for figure in figures))
    return cardinal(int(figures), feminine=True)


def _threes(count: int) -> tuple[int, ...]:
    return (3,) * (count // 3) + ((count % 3,) if count % 3 else ())


def _count_of(count: int, unit_min: int) -> Spoken:
    one, two, many, feminine = _UNITS[unit_min]
    if count == 1:
        return one
    return two if count == 2 else say(cardinal(count, feminine=feminine), many)


def _minutes(minutes: int) -> Spoken:
    if minutes == 1:
        return Spoken("דקה אחת", "dakˈa aχˈat")
    return say(counted(minutes, feminine=True), Spoken("דקות", "dakˈot"))


def fragments() -> tuple[Spoken, ...]:
    """Every leaf that times, dates on the calendar, phone numbers and lists are made of."""
    days = [date(2024, 1, n) for n in range(1, 32)]
    found: dict[str, Spoken] = {}
    leaves = [
        *(dates.weekday(day) for day in days[:7]),
        *(dates.on_weekday(day) for day in days[:7]),
        *(dates.near_day(n) for n in range(dates.NEAR_DAYS)),
        *(dates.day_of_month(day.day) for day in days),
        *(dates.in_month(month) for month in range(1, 13)),
        *(leaf for h in range(12) for m in range(60) for leaf in dates.dial(time(h, m))),
        *(dates.part_name(part) for part in PartOfDay),
        *(cardinal(n, feminine=True) for n in range(10)),
        AT_HOUR,
        OR,
        AND,
    ]
    for leaf in leaves:
        found.setdefault(leaf.text, leaf)
    return tuple(found.values())
