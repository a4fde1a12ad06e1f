"""Retry-After as providers write it, and as nobody should."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dalpak.services.whatsapp.exchange import retry_after_s

pytestmark = pytest.mark.unit

NOON = "Mon, 23 Nov 2026 12:00:00 GMT"
TEXT = st.text(max_size=40) | st.text("0123456789-+.:, GMTNov", max_size=30)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"retry-after": " 30 "}, 30),
        ({"retry-after": "9" * 400}, 999_999_999),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:45 GMT", "date": NOON}, 45),
        ({"retry-after": "Mon, 23 Nov 2026 14:00:45 +0200", "date": NOON}, 45),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT", "date": NOON}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:45 GMT"}, 0),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:45", "date": NOON}, 0),
        ({"retry-after": "٣٠"}, 0),
        ({"retry-after": "1.5"}, 0),
    ],
)
def test_seconds_or_a_date_beside_the_providers_own(
    headers: dict[str, str], seconds: float
) -> None:
    assert retry_after_s(headers) == seconds


@given(TEXT, TEXT)
@example("Mon, 99 Nov 99999999999 99:99:99 GMT", NOON)
def test_whatever_stands_there_is_a_number_of_seconds(wish: str, date: str) -> None:
    assert 0 <= retry_after_s({"retry-after": wish, "date": date}) < 10**12
