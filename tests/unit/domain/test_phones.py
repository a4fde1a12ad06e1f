"""Israeli numbers as they are keyed, typed and sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.domain.phones import (
    carrier_phone,
    mask,
    parse_phone,
    spoken_digits,
    why_not_a_phone,
)

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "0523456789",
        "052-345-6789",
        "052 345 67 89",
        "972523456789",
        "+972523456789",
        "+972(0)523456789",
        "+972-52-345-6789",
        "00972523456789",
        "523456789",
        "0523456789#",
        "\u202a052-3456789\u202c",
        "\u200f0523456789",
        "٠٥٢٣٤٥٦٧٨٩",
    ],
)
def test_one_mobile_in_many_forms(text: str) -> None:
    phone = parse_phone(text)
    assert phone is not None
    assert phone.e164 == "+972523456789"
    assert phone.national == "0523456789"
    assert phone.mobile
    assert phone.plausible


@pytest.mark.parametrize(
    ("text", "e164", "plausible"),
    [
        ("03-1234567", "+97231234567", True),
        ("02 623 4567", "+97226234567", True),
        ("077-1234567", "+972771234567", True),
        ("0501234567", "+972501234567", False),
        ("0541234567", "+972541234567", False),
        ("0571234567", "+972571234567", False),
        ("0588123456", "+972588123456", False),
        ("0555812345", "+972555812345", True),
        ("0555412345", "+972555412345", False),
        ("0553912345", "+972553912345", False),
        ("0502345678", "+972502345678", True),
        ("0532345678", "+972532345678", True),
    ],
)
def test_other_kinds(text: str, e164: str, plausible: bool) -> None:
    phone = parse_phone(text)
    assert phone is not None
    assert (phone.e164, phone.plausible) == (e164, plausible)
    assert phone.mobile == text.startswith("05")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not_digits"),
        ("anonymous", "not_digits"),
        ("*2700", "not_digits"),
        ("100", "too_short"),
        ("054123456", "too_short"),
        ("05412345678", "too_long"),
        ("031234567890", "too_long"),
        ("0612345678", "unknown_prefix"),
        ("+14155550100", "unknown_prefix"),
        ("1" * 10_000, "not_digits"),
    ],
)
def test_refusals_say_why(text: str, why: str) -> None:
    assert parse_phone(text) is None
    assert why_not_a_phone(text) == why


def test_the_carriers_number_may_be_foreign_but_not_nonsense() -> None:
    assert carrier_phone("0523456789") == "+972523456789"
    assert carrier_phone("+14155550100") == "+14155550100"
    for withheld in (None, "", "anonymous", "+0123", "Restricted", "+266696687", "+86282452253"):
        assert carrier_phone(withheld) is None


def test_what_is_read_back() -> None:
    assert spoken_digits("+972523456789") == "0523456789"
    assert spoken_digits("+14155550100") == "14155550100"


def test_mask_hides_the_middle() -> None:
    assert mask("0501234567") == "050•••••67"
    assert mask("+972501234567") == "+972•••••••67"
    assert mask("123") == "•••"


@given(st.text(max_size=80))
def test_any_text_gives_a_whole_number_or_none(text: str) -> None:
    phone = parse_phone(text)
    if phone is None:
        assert why_not_a_phone(text)
    else:
        assert phone.e164.startswith("+972")
        assert parse_phone(phone.e164) == phone
        assert parse_phone(phone.national) == phone
