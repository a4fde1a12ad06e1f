"""Wishes about being written to, said by the way: heard, cut out, and never found in something else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.message_wishes import message_wish

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("code", "text", "rest"),
    [
        ("he", "אל תשלחו לי וואטסאפ", ""),
        ("he", "בלי ווטסאפ", ""),
        ("he", "כן אבל בלי וואטסאפ בבקשה", "כן"),
        ("he", "אני לא רוצה לקבל הודעות", ""),
        ("he", "אין צורך בוואטסאפ", ""),
        ("he", "אל תשלחו לי כלום", ""),
        ("he", "ביום שלישי בחמש, ואל תשלחו לי ווצאפ", "ביום שלישי בחמש"),
        ("en", "don't send me WhatsApp", ""),
        ("en", "yes but no whatsapp please", "yes"),
        ("en", "do not text me", ""),
        ("en", "no text messages", ""),
    ],
)
def test_a_refusal_is_heard_and_the_rest_is_kept(code: str, text: str, rest: str) -> None:
    wish = message_wish(code, text)
    assert wish is not None
    assert (wish.wanted, wish.rest) == (False, rest)
    assert wish.words in text


@pytest.mark.parametrize(
    ("code", "text", "rest"),
    [
        ("he", "תשלחו לי אישור בוואטסאפ", ""),
        ("he", "אפשר לקבל את זה בווטסאפ", ""),
        ("he", "לא נוח לי, תשלחו לי בוואטסאפ", "לא נוח לי"),
        ("he", "תשלחי לי הודעה", ""),
        ("en", "can you send me a confirmation by WhatsApp", ""),
        ("en", "please text me", ""),
        ("en", "tuesday at five and send it by WhatsApp", "tuesday at five"),
    ],
)
def test_a_wish_is_heard_and_the_rest_is_kept(code: str, text: str, rest: str) -> None:
    wish = message_wish(code, text)
    assert wish is not None
    assert (wish.wanted, wish.rest) == (True, rest)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("he", "לא תודה"),
        ("he", "אני רוצה להשאיר הודעה"),
        ("he", "לא רוצה להשאיר הודעה"),
        ("he", "לא יכול ביום שלישי"),
        ("he", "אין לי וואטסאפ"),
        ("he", "כן"),
        ("en", "no thanks"),
        ("en", "I want to leave a message"),
        ("en", "not on tuesday"),
        ("xx", "no messages"),
    ],
)
def test_anything_else_is_none(code: str, text: str) -> None:
    assert message_wish(code, text) is None


@given(st.sampled_from(["he", "en"]), st.text(max_size=200))
def test_whatever_is_said_nothing_is_invented(code: str, text: str) -> None:
    wish = message_wish(code, text)
    assert wish is None or wish.words in text
