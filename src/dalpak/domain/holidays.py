"""Israeli holidays and their eves by name: what day is this? What a business does on it is in its
policy.

Hebrew dates come from pyluach; the table, the eves and the shifts of the civil days are ours. No
hours here and no opinion: a name that a business does not mention changes nothing.
"""

from datetime import date
from functools import lru_cache
from typing import Any

from pyluach.dates import GregorianDate  # type: ignore[import-untyped]

_NISAN, _IYAR, _SIVAN, _AV, _ELUL, _TISHREI = 1, 2, 3, 5, 6, 7
_KISLEV, _TEVET, _ADAR, _ADAR_2 = 9, 10, 12, 13

_FIXED: dict[tuple[int, int], tuple[str, ...]] = {
    (_ELUL, 29): ("erev_rosh_hashana",),
    (_TISHREI, 1): ("rosh_hashana",),
    (_TISHREI, 2): ("rosh_hashana",),
    (_TISHREI, 9): ("erev_yom_kippur",),
    (_TISHREI, 10): ("yom_kippur",),
    (_TISHREI, 14): ("erev_sukkot",),
    (_TISHREI, 15): ("sukkot",),
    **{(_TISHREI, d): ("chol_hamoed_sukkot",) for d in range(16, 21)},
    (_TISHREI, 21): ("chol_hamoed_sukkot", "erev_simchat_torah"),
    (_TISHREI, 22): ("simchat_torah",),
    (_NISAN, 14): ("erev_pesach",),
    (_NISAN, 15): ("pesach",),
    **{(_NISAN, d): ("chol_hamoed_pesach",) for d in range(16, 20)},
    (_NISAN, 20): ("chol_hamoed_pesach", "erev_pesach_seventh"),
    (_NISAN, 21): ("pesach_seventh",),
    (_IYAR, 18): ("lag_baomer",),
    (_SIVAN, 5): ("erev_shavuot",),
    (_SIVAN, 6): ("shavuot",),
}

REST_DAYS = (
    "rosh_hashana",
    "yom_kippur",
    "sukkot",
    "simchat_torah",
    "pesach",
    "pesach_seventh",
    "shavuot",
)
EVES = (
    "erev_rosh_hashana",
    "erev_yom_kippur",
    "erev_sukkot",
    "erev_simchat_torah",
    "erev_pesach",
    "erev_pesach_seventh",
    "erev_shavuot",
)
CHOL_HAMOED = ("chol_hamoed_sukkot", "chol_hamoed_pesach")
CIVIL_DAYS = ("yom_hashoah", "yom_hazikaron", "yom_haatzmaut")
OTHER_DAYS = ("chanukah", "purim", "shushan_purim", "lag_baomer", "tisha_bav")

HOLIDAYS = (*REST_DAYS, *EVES, *CHOL_HAMOED, *CIVIL_DAYS, *OTHER_DAYS)
GROUPS: dict[str, tuple[str, ...]] = {
    "rest_days": REST_DAYS,
    "eves": EVES,
    "chol_hamoed": CHOL_HAMOED,
}
"""Names that an operator may use for many days at once; a day's own name wins over its group."""

_CHANUKAH_FIRST = 25
_CHANUKAH_DAYS = 8
_SUN, _MON, _THU, _FRI, _SAT = 1, 2, 5, 6, 7
"""pyluach numbers weekdays from Sunday."""


def _independence_day(weekday_of_5_iyar: int) -> int:
    """Day of Iyar on which Yom HaAtzmaut is kept: never beside Shabbat, and its eve never on
    Sunday."""
    return {_FRI: 4, _SAT: 3, _MON: 6}.get(weekday_of_5_iyar, 5)


def _chanukah(hebrew: Any) -> bool:
    if hebrew.month == _KISLEV:
        return bool(hebrew.day >= _CHANUKAH_FIRST)
    if hebrew.month != _TEVET:
        return False
    kislev_days = (hebrew - hebrew.day).day
    return bool(hebrew.day <= _CHANUKAH_DAYS - (kislev_days - _CHANUKAH_FIRST + 1))


def _purim(month: int, day: int, *, leap: bool) -> tuple[str, ...]:
    if month != (_ADAR_2 if leap else _ADAR):
        return ()
    return {14: ("purim",), 15: ("shushan_purim",)}.get(day, ())


def _shifted(month: int, day: int, weekday: int) -> tuple[str, ...]:
    """Days that move so as not to touch Shabbat."""
    if month == _AV:
        kept = day == 9 and weekday != _SAT
        return ("tisha_bav",) if kept or (day, weekday) == (10, _SUN) else ()
    if month == _NISAN:
        moved = (day, weekday) in ((26, _THU), (28, _MON))
        kept = day == 27 and weekday not in (_FRI, _SUN)
        return ("yom_hashoah",) if moved or kept else ()
    if month == _IYAR and day <= 6:
        kept_on = _independence_day((weekday - day + 4) % 7 + 1)
        return {kept_on: ("yom_haatzmaut",), kept_on - 1: ("yom_hazikaron",)}.get(day, ())
    return ()


@lru_cache(maxsize=1024)
def holidays_on(day: date) -> tuple[str, ...]:
    """Names of `HOLIDAYS` that fall on a civil day in Israel; several where an eve is one too."""
    hebrew = GregorianDate.from_pydate(day).to_heb()
    month, of_month, leap = hebrew.month, hebrew.day, (7 * hebrew.year + 1) % 19 < 7
    return (
        *_FIXED.get((month, of_month), ()),
        *(("chanukah",) if _chanukah(hebrew) else ()),
        *_purim(month, of_month, leap=leap),
        *_shifted(month, of_month, hebrew.weekday()),
    )
