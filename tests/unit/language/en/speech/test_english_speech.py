"""Facts to English words: the forms that people use, and the phrases that carry them."""

from datetime import date, datetime, time, timedelta

import pytest

from dalpak.language.base import Spoken
from dalpak.language.en import ENGLISH
from dalpak.language.en.numbers import LARGEST, cardinal, year
from dalpak.language.en.speech import EnglishSpeech, fragments, spelled

pytestmark = pytest.mark.unit

SPEECH = EnglishSpeech()
NOW = datetime(2026, 11, 22, 10, 15)  # a Sunday
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (time(15, 30), "half past three in the afternoon"),
        (time(15, 45), "quarter to four in the afternoon"),
        (time(15, 15), "quarter past three in the afternoon"),
        (time(16, 20), "twenty past four in the afternoon"),
        (time(16, 40), "twenty to five in the afternoon"),
        (time(9, 5), "five past nine in the morning"),
        (time(9, 55), "five to ten in the morning"),
        (time(8, 7), "eight oh seven in the morning"),
        (time(8, 17), "eight seventeen in the morning"),
        (time(12, 0), "noon"),
        (time(12, 30), "half past twelve in the afternoon"),
        (time(12, 45), "quarter to one in the afternoon"),
        (time(17, 0), "five in the evening"),
        (time(21, 0), "nine at night"),
        (time(0, 0), "midnight"),
        (time(0, 30), "half past twelve at night"),
        (time(1, 0), "one in the morning"),
    ],
)
def test_clock(at: time, text: str) -> None:
    assert SPEECH.clock(at).text == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (TODAY, "today, Sunday"),
        (TODAY + timedelta(1), "tomorrow, Monday"),
        (TODAY + timedelta(2), "Tuesday, November twenty-fourth"),
        (date(2026, 12, 1), "Tuesday, December first"),
        (date(2026, 12, 31), "Thursday, December thirty-first"),
        (TODAY - timedelta(3), "Thursday, November nineteenth"),
        (date(2027, 11, 22), "Monday, November twenty-second, twenty twenty-seven"),
    ],
)
def test_day(day: date, text: str) -> None:
    assert SPEECH.day(day, TODAY).text == text


def test_moment_reads_as_people_say_it() -> None:
    at = datetime(2026, 12, 1, 15, 30)
    said = "Tuesday, December first, at half past three in the afternoon"
    assert SPEECH.moment(at, NOW).text == said


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "zero"),
        (21, "twenty-one"),
        (100, "one hundred"),
        (180, "one hundred and eighty"),
        (1005, "one thousand and five"),
        (2150, "two thousand one hundred and fifty"),
        (999_999, "nine hundred and ninety-nine thousand nine hundred and ninety-nine"),
    ],
)
def test_numbers(n: int, text: str) -> None:
    assert cardinal(n).text == text
    assert SPEECH.number(n, feminine=False).text == text


@pytest.mark.parametrize("n", [-1, LARGEST + 1])
def test_numbers_out_of_reach_are_refused(n: int) -> None:
    with pytest.raises(ValueError, match="a number from 0"):
        cardinal(n)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (2027, "twenty twenty-seven"),
        (2000, "two thousand"),
        (2005, "two thousand and five"),
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
    ],
)
def test_years(n: int, text: str) -> None:
    assert year(n).text == text


@pytest.mark.parametrize(
    ("shekels", "text"),
    [
        (0, "free of charge"),
        (1, "one shekel"),
        (2, "two shekels"),
        (180, "one hundred and eighty shekels"),
    ],
)
def test_money(shekels: int, text: str) -> None:
    assert SPEECH.money(shekels).text == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "zero minutes"),
        (1, "one minute"),
        (15, "a quarter of an hour"),
        (30, "half an hour"),
        (45, "three quarters of an hour"),
        (60, "one hour"),
        (80, "one hour and twenty minutes"),
        (90, "an hour and a half"),
        (150, "two and a half hours"),
        (120, "two hours"),
        (24 * 60, "one day"),
        (14 * 24 * 60, "two weeks"),
    ],
)
def test_durations(minutes: int, text: str) -> None:
    assert SPEECH.duration(minutes).text == text


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("0541234567", "zero five four, one two three, four five six seven"),
        ("+972541234567", "zero five four, one two three, four five six seven"),
        ("03-1234567", "zero three, one two three, four five six seven"),
        ("1700", "one seven zero, zero"),
    ],
)
def test_phone_numbers_in_groups(digits: str, text: str) -> None:
    assert SPEECH.digits(digits).text == text


def test_digits_in_peoples_own_words_become_number_words() -> None:
    assert spelled(Spoken("99 Dizengoff Street")).text == "ninety-nine Dizengoff Street"
    assert spelled(Spoken("code 007")).text == "code zero zero seven"
    assert spelled(Spoken("no digits")) == Spoken("no digits")
    said = ENGLISH.phrase("address", address=Spoken("12 Herzl St"))
    assert said.text == "Our address is twelve Herzl St."


def test_every_number_of_a_price_is_in_the_bank() -> None:
    known = set(fragments())
    for shekels in (*range(2000), 99_999):
        assert set(SPEECH.money(shekels).leaves) <= known
    for minutes in range(1, 600):
        assert set(SPEECH.duration(minutes).leaves) <= known
