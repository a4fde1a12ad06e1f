"""Holidays of Israel by their English names, and when they come next."""

from datetime import date

from dalpak.language.en.hearing.normalise import keys_of
from dalpak.language.neutral import Holiday, next_feast, next_holiday

THE_HOLIDAY = -1
"""Value of "the holiday" without a name."""

_TISHRI, _KISLEV, _ADAR, _NISAN, _IYAR, _SIVAN = 7, 9, 12, 1, 2, 3

_TABLE: tuple[tuple[int, int, int, str], ...] = (
    (_TISHRI, 1, 2, "rosh hashanah|rosh hashana|rosh hashona|jewish new year"),
    (_TISHRI, 10, 1, "yom kippur|day of atonement"),
    (_TISHRI, 15, 7, "sukkot|succot|sukkos|feast of tabernacles"),
    (_TISHRI, 22, 1, "simchat torah|simhat torah|shemini atzeret"),
    (_KISLEV, 25, 8, "hanukkah|chanukah|hanukah|hanuka"),
    (_ADAR, 14, 1, "purim"),
    (_NISAN, 15, 7, "passover|pesach|pesah"),
    (_IYAR, 4, 1, "memorial day|yom hazikaron"),
    (_IYAR, 5, 1, "independence day|yom haatzmaut"),
    (_IYAR, 18, 1, "lag baomer|lag b'omer"),
    (_SIVAN, 6, 1, "shavuot|shavuos|pentecost"),
)
"""Hebrew month, day, length in days, names."""

_HOLIDAYS = tuple(
    Holiday(month, day, days, tuple(keys_of(name) for name in names.split("|")))
    for month, day, days, names in _TABLE
)

_ALL: tuple[tuple[tuple[str, ...], int], ...] = (
    *((name, value) for value, holiday in enumerate(_HOLIDAYS) for name in holiday.names),
    (("the", "holiday"), THE_HOLIDAY),
    (("the", "holidays"), THE_HOLIDAY),
)
NAMES = {first: [row for row in _ALL if row[0][0] == first] for first in {n[0] for n, _ in _ALL}}
"""Names with their values, by their first word."""


def occurrence(value: int, today: date) -> tuple[date, date] | None:
    """First and last day of the holiday's occurrence that is not over yet."""
    return next_feast(today) if value == THE_HOLIDAY else next_holiday(_HOLIDAYS[value], today)
