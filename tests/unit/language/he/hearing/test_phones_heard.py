"""Telephone numbers: every way of saying one gives the same digits, and validity follows the plan."""

import pytest
from hearing_cases import hear
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.base import Asked
from dalpak.language.he.hearing.phones import fits_plan, is_valid, national

pytestmark = pytest.mark.unit

DIGITS = "אפס אחת שתיים שלוש ארבע חמש שש שבע שמונה תשע".split()
TENS = "עשר עשרים שלושים ארבעים חמישים שישים שבעים שמונים תשעים".split()
TEENS = "עשר|אחת עשרה|שתים עשרה|שלוש עשרה|ארבע עשרה|חמש עשרה|שש עשרה|שבע עשרה|שמונה עשרה|תשע עשרה"

mobiles = st.builds(
    "05{}{}{:06d}".format, st.sampled_from("0234"), st.integers(2, 9), st.integers(0, 999_999)
)
landlines = st.builds(
    "0{}{}{:06d}".format, st.sampled_from("3489"), st.integers(2, 9), st.integers(0, 999_999)
)


def one_by_one(number: str) -> str:
    return " ".join(DIGITS[int(d)] for d in number)


def pair(two: str) -> str:
    tens, unit = int(two[0]), int(two[1])
    if tens == 0:
        return one_by_one(two)
    if tens == 1:
        return TEENS.split("|")[unit]
    return TENS[tens - 1] if unit == 0 else f"{TENS[tens - 1]} ו{DIGITS[unit]}"


@given(number=mobiles | landlines, noise=st.sampled_from(["", "המספר שלי ", "זה ", "כן "]))
def test_digit_by_digit(number: str, noise: str) -> None:
    heard = hear(noise + one_by_one(number), Asked.PHONE)
    assert heard.phone == number
    assert heard.phone_valid == is_valid(number)
    assert not heard.says_when


@given(number=mobiles)
def test_in_pairs(number: str) -> None:
    text = one_by_one(number[:2]) + " " + " ".join(pair(number[n : n + 2]) for n in range(2, 10, 2))
    assert hear(text, Asked.PHONE).phone == number


@given(
    number=mobiles, form=st.sampled_from(["{0}{1}{2}", "{0}-{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}"])
)
def test_typed(number: str, form: str) -> None:
    text = form.format(number[:3], number[3:6], number[6:])
    assert hear(text, Asked.PHONE).phone == number
    assert hear("+972" + text[1:], Asked.PHONE).phone == number


@given(number=mobiles)
def test_inside_a_sentence_that_was_not_about_it(number: str) -> None:
    heard = hear(f"תור למחר בעשר הטלפון שלי {one_by_one(number)}")
    assert heard.phone == number
    assert heard.when_date is not None
    assert heard.when_time is not None
    assert heard.when_time.hour == 10


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("אפס חמש ארבע אחת אחת שתיים פעמיים שלוש ארבע חמש", "0541123345"),
        ("אפס חמישים ושתיים שלוש מאות ארבעים וחמש שש שבע שמונה תשע", "0523456789"),
        ("אפס חמש שתיים שלוש פעמים שבע ארבע ארבע חמש שש", "0527774456"),
        ("אפס חמש שתיים סליחה אפס חמש ארבע ארבע חמש שש שבע שמונה תשע אפס", "0544567890"),
        ("חמש ארבע ארבע חמש שש שבע שמונה תשע אפס", "0544567890"),
        ("אפס חמש ארבע", "054"),
    ],
)
def test_ways_of_saying(text: str, number: str) -> None:
    heard = hear(text, Asked.PHONE)
    assert heard.phone is not None
    assert heard.phone.startswith(number)


@pytest.mark.parametrize(
    "number", ["0546081015", "0547031013", "0543091017", "0523091018", "0523041018", "0543091011"]
)
def test_nine_and_ten_are_no_nineteen(number: str) -> None:
    """In pairs these end in a digit, a ten and a number of the teens: said alike, parted apart."""
    pairs = " ".join(pair(number[n : n + 2]) for n in range(2, 10, 2))
    assert hear(f"{one_by_one(number[:2])} {pairs}", Asked.PHONE).phone == number


def test_end_said_anew_replaces_the_end() -> None:
    text = one_by_one("0544567890") + " סליחה שמונה שמונה"
    assert hear(text, Asked.PHONE).phone == "0544567888"


@pytest.mark.parametrize("text", ["רגע אחד", "מחר בעשר", "לא רוצה לתת", "דנה כהן", "אין לי"])
def test_no_number_is_invented(text: str) -> None:
    assert hear(text, Asked.PHONE).phone is None


def test_short_numbers_in_other_talk_are_no_phones() -> None:
    assert hear("שלוש ארבע חמש שש").phone is None


@pytest.mark.parametrize(
    ("number", "valid", "fits"),
    [
        ("0544567890", True, True),
        ("0541234567", False, True),
        ("0551234567", False, True),
        ("0552234567", True, True),
        ("0722456789", True, True),
        ("035678912", True, True),
        ("029012345", False, True),
        ("029112345", True, True),
        ("0290123456", False, False),
        ("054456789", False, False),
        ("0612345678", False, False),
        ("1800123456", False, False),
        ("", False, False),
    ],
)
def test_numbering_plan(number: str, valid: bool, fits: bool) -> None:
    assert (is_valid(number), fits_plan(number)) == (valid, fits)


@pytest.mark.parametrize(
    "digits", ["+972544567890", "972544567890", "00972544567890", "0544567890"]
)
def test_country_code(digits: str) -> None:
    assert national(digits) == "0544567890"


@pytest.mark.parametrize("text", ["זה שאני מתקשרת ממנו", "לאותו מספר", "המספר שמופיע לך על הצג"])
def test_own_number(text: str) -> None:
    heard = hear(text, Asked.PHONE)
    assert heard.own_number
    assert heard.phone is None
