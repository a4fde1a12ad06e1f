"""The Hebrew calendar, as far as callers name days by it: holidays, their eves, dates like 25 Kislev.

Pure arithmetic (the molad and the four postponements) and one table of named days. Whether a
business is open then is policy and is not here.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dalpak.language.he.hearing.calendar_math import next_day_and_month
from dalpak.language.he.hearing.normalise import keys_of

_EPOCH = -1373427
"""Proleptic ordinal such that `_EPOCH + elapsed days` is 1 Tishri."""

NISAN, IYAR, SIVAN, AV, TISHRI, KISLEV, TEVET, SHEVAT, ADAR = 1, 2, 3, 5, 7, 9, 10, 11, 12
HALF_FEAST_DAY = 16
"""Of Tishri and of Nisan: the first of the days between."""

MEMORIAL_DAY = 4
"""Of Iyar; the day of independence is the next one."""

_MONDAY, _FRIDAY, _SATURDAY = 0, 4, 5
_LONG = frozenset({1, 3, 5, 7, 11})


def is_leap(year: int) -> bool:
    return (7 * year + 1) % 19 < 7


def _elapsed(year: int) -> int:
    """Days from the epoch to the molad of Tishri of `year`, after the postponements."""
    months = (235 * year - 234) // 19
    parts = 12084 + 13753 * months
    day = 29 * months + parts // 25920
    return day + 1 if (3 * (day + 1)) % 7 < 3 else day


def _new_year(year: int) -> int:
    before, here, after = _elapsed(year - 1), _elapsed(year), _elapsed(year + 1)
    late = 2 if after - here == 356 else 1 if here - before == 382 else 0
    return _EPOCH + here + late


def _month_length(year: int, month: int) -> int:
    length = _new_year(year + 1) - _new_year(year)
    if month in _LONG:
        return 30
    if month == 8:
        return 30 if length % 10 == 5 else 29
    if month == KISLEV:
        return 29 if length % 10 == 3 else 30
    if month == ADAR:
        return 30 if is_leap(year) else 29
    return 29


def _months(year: int) -> list[int]:
    """Months in the order of the year from Tishri; 13 is Adar II."""
    return [7, 8, 9, 10, 11, 12, *([13] if is_leap(year) else []), 1, 2, 3, 4, 5, 6]


def to_date(year: int, month: int, day: int) -> date | None:
    """The civil date of a Hebrew date; `month` 12 means Adar of the holidays (Adar II in a leap year).

    None for a day that the month does not have.
    """
    if month == ADAR and is_leap(year):
        month = 13
    if not 1 <= day <= _month_length(year, month):
        return None
    ordinal = _new_year(year)
    for m in _months(year):
        if m == month:
            return date.fromordinal(ordinal + day - 1)
        ordinal += _month_length(year, m)
    return None


def year_of(day: date) -> int:
    """The Hebrew year in which a civil date lies."""
    year = day.year + 3760
    return year + 1 if day.toordinal() >= _new_year(year + 1) else year


def next_hebrew_date(month: int, day: int, today: date) -> date | None:
    """The next time that a Hebrew day and month come, today included."""
    year = year_of(today)
    for y in range(year, year + 4):
        found = to_date(y, month, day)
        if found is not None and found >= today:
            return found
    return None


_LETTER_VALUES = dict(
    zip(
        "אבגדהוזחטיכלמנסעפצקרשת",
        [*range(1, 10), *range(10, 100, 10), 100, 200, 300, 400],
        strict=True,
    )
)


def letters_value(letters: str) -> int | None:
    """A number of 1-30 written in letters; None for anything else."""
    if not letters or len(letters) > 2 or any(c not in _LETTER_VALUES for c in letters):
        return None
    values = [_LETTER_VALUES[c] for c in letters]
    if len(values) == 2 and not (values[0] in (10, 20) or (values[0] == 9 and values[1] in (6, 7))):
        return None
    total = sum(values)
    return total if 1 <= total <= 30 else None


@dataclass(frozen=True, slots=True)
class Holiday:
    """`days` from the Hebrew `day` of `month`, inclusive."""

    month: int
    day: int
    days: int
    names: tuple[tuple[str, ...], ...]
    feast: bool = False
    """A day of rest: "the eve of the holiday" without a name may mean it."""
    off_sabbath: int = 0
    """Days by which it moves when it falls on a Sabbath."""
    civil: bool = False
    """`month` and `day` are those of the civil calendar."""


def _day(
    month: int, day: int, days: int, names: str, *, feast: bool = False, off_sabbath: int = 0
) -> Holiday:
    return Holiday(month, day, days, _names(names), feast, off_sabbath)


def _civil(month: int, day: int, names: str) -> Holiday:
    return Holiday(month, day, 1, _names(names), civil=True)


def _names(names: str) -> tuple[tuple[str, ...], ...]:
    return tuple(keys_of(name) for name in names.split("|"))


HOLIDAYS = (
    _day(TISHRI, 1, 2, "ראש השנה|ראש שנה", feast=True),
    _day(TISHRI, 3, 1, "צום גדליה", off_sabbath=1),
    _day(TISHRI, 10, 1, "יום כיפור|יום הכיפורים|כיפור", feast=True),
    _day(TISHRI, 15, 7, "סוכות|חג הסוכות", feast=True),
    _day(TISHRI, 16, 6, "חול המועד סוכות|חול המועד של סוכות"),
    _day(TISHRI, 22, 1, "שמחת תורה|שמיני עצרת", feast=True),
    _day(KISLEV, 25, 8, "חנוכה|חג החנוכה"),
    _day(TEVET, 10, 1, "עשרה בטבת"),
    _day(SHEVAT, 15, 1, "טו בשבט"),
    _day(ADAR, 13, 1, "תענית אסתר", off_sabbath=-2),
    _day(ADAR, 14, 1, "פורים|חג פורים"),
    _day(ADAR, 15, 1, "שושן פורים"),
    _day(NISAN, 14, 1, "ליל הסדר"),
    _day(NISAN, 15, 7, "פסח|חג הפסח|חג פסח", feast=True),
    _day(NISAN, 16, 5, "חול המועד פסח|חול המועד של פסח"),
    _day(NISAN, 21, 1, "שביעי של פסח|חג שני של פסח", feast=True),
    _day(IYAR, MEMORIAL_DAY, 1, "יום הזיכרון|יום הזכרון"),
    _day(IYAR, MEMORIAL_DAY + 1, 1, "יום העצמאות|עצמאות"),
    _day(IYAR, 18, 1, "לג בעומר"),
    _day(IYAR, 28, 1, "יום ירושלים"),
    _day(SIVAN, 6, 1, "חג השבועות|חג שבועות|שבועות החג", feast=True),
    _day(AV, 9, 1, "תשעה באב", off_sabbath=1),
    _day(AV, 15, 1, "טו באב|חג האהבה"),
    _day(NISAN, 22, 1, "מימונה|המימונה"),
    _civil(2, 14, "ולנטיין|ולנטיינס|יום האהבה|יום ולנטיין"),
    _civil(11, 29, "כט בנובמבר"),
    _civil(12, 25, "חג המולד|כריסמס|קריסמס"),
    _civil(12, 31, "סילבסטר|סילווסטר|ערב סילבסטר|ערב השנה האזרחית|ערב השנה החדשה האזרחית"),
)


def _occurrence(holiday: Holiday, year: int) -> tuple[date, date] | None:
    first = to_date(year, holiday.month, holiday.day)
    if first is None:
        return None
    if holiday.month == IYAR and holiday.day in (MEMORIAL_DAY, MEMORIAL_DAY + 1):
        first += timedelta(days=_independence_shift(year))
    elif first.weekday() == _SATURDAY:
        first += timedelta(days=holiday.off_sabbath)
    return first, first + timedelta(days=holiday.days - 1)


def _independence_shift(year: int) -> int:
    """By law the two days keep off the Sabbath: a Friday or Saturday moves to Thursday, Monday a day on."""
    fifth = to_date(year, IYAR, MEMORIAL_DAY + 1)
    if fifth is None:
        return 0
    return {_FRIDAY: -1, _SATURDAY: -2, _MONDAY: 1}.get(fifth.weekday(), 0)


def next_holiday(holiday: Holiday, today: date) -> tuple[date, date] | None:
    """First and last day of the occurrence that is not over yet."""
    if holiday.civil:
        day = next_day_and_month(today, holiday.day, holiday.month)
        return None if day is None else (day, day)
    year = year_of(today)
    for y in (year, year + 1):
        found = _occurrence(holiday, y)
        if found is not None and found[1] >= today:
            return found
    return None


def next_feast(today: date) -> tuple[date, date] | None:
    """The nearest feast that is not over: what "the holiday" means without a name."""
    found = [o for h in HOLIDAYS if h.feast and (o := next_holiday(h, today)) is not None]
    return min(found, default=None)


def next_half_feast(today: date) -> tuple[date, date] | None:
    """The days between the feast days of Sukkot or Pesach, whichever comes first."""
    found = [
        o
        for h in HOLIDAYS
        if h.day == HALF_FEAST_DAY and h.days > 1 and (o := next_holiday(h, today)) is not None
    ]
    return min(found, default=None)


def last_autumn_feast(today: date) -> date | None:
    """The last day of the autumn feasts, which "after the holidays" waits for."""
    for holiday in HOLIDAYS:
        if (holiday.month, holiday.day) == (TISHRI, 22):
            found = next_holiday(holiday, today)
            return found[1] if found else None
    return None
