"""The tables of phrases: complete, pronounceable, brief, and neutral to who is calling."""

import re

import pytest

from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.language.he.phrases import CONVERSATION
from dalpak.language.he.phrases_call import CALL
from dalpak.language.he.templates import template
from dalpak.language.registry import language

pytestmark = pytest.mark.unit

TABLE = CONVERSATION | CALL
WORDS_MAX = 24
"""SPEC D4."""

# Words that would tell a man from a woman. The plural and the infinitive do not.
GENDERED = (
    "אתה את רוצה תרצה תרצי תוכל תוכלי הקש הקישי אמור אמרי לך לכי שמעת אמרת מעוניין מעוניינת "
    "בוא בואי חכה חכי יכול יכולה"
).split()


def test_text_and_pronunciation_agree_in_every_phrase() -> None:
    assert {key: template(*pair) for key, pair in TABLE.items()}.keys() == TABLE.keys()


def test_no_key_is_written_twice() -> None:
    assert CONVERSATION.keys() & CALL.keys() == set()


@pytest.mark.parametrize("key", sorted(TABLE))
def test_phrases_are_short_and_without_digits(key: str) -> None:
    text, ipa = TABLE[key]
    assert len(text.split()) <= WORDS_MAX
    assert not any(c.isdigit() for c in text + ipa)
    assert not re.search(r"[א-ת]", ipa)
    words = re.sub(r"\{\w+\}", "x", text), re.sub(r"\{\w+\}", "x", ipa)
    assert len(words[0].split()) == len(words[1].split())


@pytest.mark.parametrize("key", sorted(TABLE))
def test_phrases_do_not_guess_the_callers_gender(key: str) -> None:
    # "את" is also the mark of the object: alone at the beginning it would address a woman.
    words = re.findall(r"[א-ת]+", TABLE[key][0])
    assert [w for w in words if w in GENDERED and w != "את"] == []


def test_the_greeting_says_that_no_human_speaks() -> None:
    spoken = HEBREW.phrase("greeting", business=Spoken("מספרת תמר", "mispeʁˈet tamˈaʁ"))
    assert "בינה" in spoken.text
    assert spoken.text.startswith("שלום, כאן עוזרת הבינה המלאכותית של מספרת תמר.")
    assert spoken.ipa is not None


def test_slots_are_filled_and_punctuation_stays_glued() -> None:
    spoken = HEBREW.phrase("slot_chosen", when=Spoken("מחר", "maχˈaʁ"))
    assert spoken.text == "מצוין, מחר."
    assert spoken.ipa == "metsujˈan, maχˈaʁ."
    assert [leaf.text for leaf in spoken.parts] == ["מצוין", ",", "מחר", "."]


def test_a_slot_with_letters_only_keeps_the_rest_pronounceable() -> None:
    spoken = HEBREW.phrase("slot_chosen", when=Spoken("דנה"))
    assert spoken.ipa is None
    assert [leaf.ipa for leaf in spoken.parts] == ["metsujˈan", ",", None, "."]


def test_a_slot_never_brings_digits_in() -> None:
    spoken = HEBREW.phrase("address", address=Spoken("הרצל 12"))
    assert spoken.text == "הכתובת שלנו היא הרצל שתים עשרה."


def test_missing_slots_and_unknown_keys_are_named() -> None:
    with pytest.raises(KeyError, match="when"):
        HEBREW.phrase("slot_chosen")
    with pytest.raises(KeyError, match="no_such_phrase"):
        HEBREW.phrase("no_such_phrase")


def test_prompts_hold_every_fixed_sentence_and_every_fragment_of_the_others() -> None:
    prompts = HEBREW.prompts()
    assert prompts["phrase/ask_phone_keypad"] == HEBREW.phrase("ask_phone_keypad")
    assert "fragment/הקישו" in prompts
    assert "fragment/שלוש וחצי" in prompts
    assert all(p.ipa for p in prompts.values())
    assert len(prompts) < 500


def test_written_texts_say_when_and_keep_data_as_data() -> None:
    text = HEBREW.written("confirmation_short", date="יום שלישי 1.12.2026", time="15:30")
    assert text == "התור שלך נקבע ליום שלישי 1.12.2026 בשעה 15:30."
    assert "{date}" in HEBREW.written("summary_message", text="{date}")


def test_registered() -> None:
    assert language("he") is HEBREW
    with pytest.raises(KeyError):
        language("xx")
