"""Holidays against dates as printed in calendars."""

from datetime import date

import pytest
from hearing_cases import hear

from dalpak.language.he.hearing.hebrew_calendar import (
    HOLIDAYS,
    NISAN,
    TISHRI,
    is_leap,
    letters_value,
    next_hebrew_date,
    next_holiday,
    to_date,
    year_of,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("year", "new_year", "pesach"),
    [
        (5784, date(2023, 9, 16), date(2024, 4, 23)),
        (5785, date(2024, 10, 3), date(2025, 4, 13)),
        (5786, date(2025, 9, 23), date(2026, 4, 2)),
        (5787, date(2026, 9, 12), date(2027, 4, 22)),
        (5788, date(2027, 10, 2), date(2028, 4, 11)),
        (5789, date(2028, 9, 21), date(2029, 3, 31)),
        (5790, date(2029, 9, 10), date(2030, 4, 18)),
    ],
)
def test_new_year_and_pesach(year: int, new_year: date, pesach: date) -> None:
    assert to_date(year, TISHRI, 1) == new_year
    assert to_date(year, NISAN, 15) == pesach
    assert year_of(new_year) == year
    assert year_of(date.fromordinal(new_year.toordinal() - 1)) == year - 1


def test_leap_years_of_a_cycle() -> None:
    assert [y for y in range(5777, 5796) if is_leap(y)] == [
        5779,
        5782,
        5784,
        5787,
        5790,
        5793,
        5795,
    ]


def test_day_that_the_month_lacks() -> None:
    assert to_date(5787, 2, 30) is None
    assert next_hebrew_date(2, 30, date(2026, 11, 22)) is None


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (date(2024, 5, 1), date(2024, 5, 14)),
        (date(2025, 4, 1), date(2025, 5, 1)),
        (date(2026, 4, 1), date(2026, 4, 22)),
        (date(2027, 4, 1), date(2027, 5, 12)),
    ],
)
def test_independence_day_keeps_off_the_sabbath(after: date, expected: date) -> None:
    holiday = next(h for h in HOLIDAYS if h.names[0][-1] == "העצמאות")
    assert next_holiday(holiday, after) == (expected, expected)


def test_a_holiday_that_has_begun_is_still_meant() -> None:
    hanukkah = next(h for h in HOLIDAYS if h.names[0] == ("חנוכה",))
    assert next_holiday(hanukkah, date(2026, 12, 10)) == (date(2026, 12, 5), date(2026, 12, 12))
    assert next_holiday(hanukkah, date(2026, 12, 13)) == (date(2027, 12, 25), date(2028, 1, 1))


@pytest.mark.parametrize(
    ("letters", "value"), [("א", 1), ("טו", 15), ("טז", 16), ("כה", 25), ("ל", 30), ("שלום", None)]
)
def test_letters(letters: str, value: int | None) -> None:
    assert letters_value(letters) == value


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("בערב פסח", date(2027, 4, 21)),
        ("ערב יום כיפור", date(2027, 10, 10)),
        ('בט"ו בשבט', date(2027, 1, 23)),
        ('כ"ה בכסלו', date(2026, 12, 5)),
        ("ביום העצמאות", date(2027, 5, 12)),
    ],
)
def test_named_days_are_heard(text: str, day: date) -> None:
    assert hear(text).when_date == day
