"""Number words: checked against the rules of Hebrew, written down by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.he.numbers import LARGEST, cardinal, counted

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("n", "feminine", "masculine"),
    [
        (0, "אפס", "אפס"),
        (1, "אחת", "אחד"),
        (2, "שתיים", "שניים"),
        (10, "עשר", "עשרה"),
        (11, "אחת עשרה", "אחד עשר"),
        (12, "שתים עשרה", "שנים עשר"),
        (19, "תשע עשרה", "תשעה עשר"),
        (20, "עשרים", "עשרים"),
        (21, "עשרים ואחת", "עשרים ואחד"),
        (99, "תשעים ותשע", "תשעים ותשעה"),
        (100, "מאה", "מאה"),
        (120, "מאה ועשרים", "מאה ועשרים"),
        (125, "מאה עשרים וחמש", "מאה עשרים וחמישה"),
        (250, "מאתיים וחמישים", "מאתיים וחמישים"),
        (311, "שלוש מאות ואחת עשרה", "שלוש מאות ואחד עשר"),
        (1_000, "אלף", "אלף"),
        (2_026, "אלפיים עשרים ושש", "אלפיים עשרים ושישה"),
        (3_500, "שלושת אלפים וחמש מאות", "שלושת אלפים וחמש מאות"),
        (12_345, "שנים עשר אלף שלוש מאות ארבעים וחמש", None),
    ],
)
def test_words(n: int, feminine: str, masculine: str | None) -> None:
    assert cardinal(n, feminine=True).text == feminine
    if masculine is not None:
        assert cardinal(n, feminine=False).text == masculine


def test_two_of_something_is_in_the_construct() -> None:
    assert counted(2, feminine=True).text == "שתי"
    assert counted(2, feminine=False).text == "שני"
    assert counted(3, feminine=False) == cardinal(3, feminine=False)


@given(st.integers(0, LARGEST), st.booleans())
def test_every_number_has_as_many_sounds_as_words_and_no_digit(n: int, feminine: bool) -> None:
    spoken = cardinal(n, feminine=feminine)
    assert spoken.ipa is not None
    assert len(spoken.text.split()) == len(spoken.ipa.split())
    assert not any(c.isdigit() for c in spoken.text + spoken.ipa)


@pytest.mark.parametrize("n", [-1, LARGEST + 1])
def test_what_we_have_no_words_for_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="number from 0"):
        cardinal(n, feminine=True)
