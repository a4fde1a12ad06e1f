"""What an answer in no words of the provider means, and values, signatures and numbers at their edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.errors import ProviderError
from dalpak.services.whatsapp.exchange import Answer, e164, json_object, signed_by, unanswered
from dalpak.services.whatsapp.templates import VALUE_CHARS, template_for, template_value
from dalpak.simulator import meta_server

pytestmark = pytest.mark.unit


@given(text=st.text())
def test_a_template_value_is_one_line_never_empty_and_never_too_long(text: str) -> None:
    value = template_value(text)

    assert 1 <= len(value) <= VALUE_CHARS
    assert value == " ".join(value.split())
    assert template_value(value) == value


def test_the_language_of_a_template_comes_before_its_kind() -> None:
    table = {"reminder": "all", "reminder.en": "english"}

    assert [template_for(table, "reminder", code) for code in ("en", "he")] == ["english", "all"]
    assert template_for(table, "other", "he") == ""


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (503, "provider_down")])
def test_an_answer_that_took_nothing_may_be_tried_again(status: int, code: str) -> None:
    with pytest.raises(ProviderError) as refused:
        unanswered(Answer(status, None))
    assert (refused.value.code, refused.value.retryable) == (code, True)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        *((status, "unknown") for status in (200, 408, 500, 502, 504)),
        *((status, "failed") for status in (400, 401, 403, 404)),
    ],
)
def test_an_answer_in_no_words_of_the_provider(status: int, state: str) -> None:
    assert unanswered(Answer(status, None)).state == state


@given(body=st.binary(max_size=64), secret=st.text(max_size=16), header=st.text(max_size=80))
def test_only_the_one_right_signature_is_taken(body: bytes, secret: str, header: str) -> None:
    right = meta_server.signature(body, secret)

    assert signed_by(secret, body, right) == bool(secret)
    assert not signed_by(secret, body, header)
    assert not signed_by(secret, body + b"x", right)


def test_numbers_and_json_of_strangers() -> None:
    assert [e164(t) for t in ("972523456789", "+1", "0523456789", "", "١٢٣٤٥٦٧٨")] == [
        "+972523456789",
        "",
        "",
        "",
        "",
    ]
    assert [json_object(b) for b in (b"", b"[]", b"nul", b'"a"', b"[" * 200_000)] == [None] * 5
    assert json_object(b'{"a":1}') == {"a": 1}
