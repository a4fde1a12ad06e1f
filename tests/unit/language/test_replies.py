"""Written replies: what is clear is understood in any language, and a sentence is left to a person."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.en.reply_words import ANSWERS as ENGLISH
from dalpak.language.en.reply_words import REPLY_WORDS as ENGLISH_WORDS
from dalpak.language.he.reply_words import ANSWERS as HEBREW
from dalpak.language.he.reply_words import REPLY_WORDS as HEBREW_WORDS
from dalpak.language.replies import ReplyMeaning, answer_text, reply_meaning

pytestmark = pytest.mark.unit

CLEAR = {
    ReplyMeaning.STOP: ["הסר", "הסר!", " STOP ", "Unsubscribe please", "הָסֵר", "להסיר אותי בבקשה"],
    ReplyMeaning.START: ["חידוש", "start", "UNSTOP"],
    ReplyMeaning.CANCEL: [
        "לבטל",
        "אני רוצה לבטל את התור שלי",
        "ביטול תור",
        "Cancel my appointment",
    ],
    ReplyMeaning.CHANGE: ["שינוי", "אפשר להזיז את התור?", "לדחות", "reschedule please"],
    ReplyMeaning.YES: ["כן", "כן!!", "Yes", "👍", "👍🏽", "ok thanks", "1", "\u200fכן\u200f"],
    ReplyMeaning.NO: ["לא", "לא תודה", "no", "2", "👎"],
    ReplyMeaning.COURTESY: ["תודה רבה", "שלום", "Thank you!"],
}
FOR_A_PERSON = [
    "לא לבטל",
    "אל תבטלו",
    "כן אבל בשעה חמש",
    "כן לא",
    "אפשר להביא את הכלב?",
    "לבטל או לשנות",
    "stop calling him a barber",
    "",
    "?!",
    "כן " * 9,
]


@pytest.mark.parametrize(
    ("text", "meaning"), [(text, m) for m, texts in CLEAR.items() for text in texts]
)
def test_a_clear_reply_is_understood(text: str, meaning: ReplyMeaning) -> None:
    assert reply_meaning(text) is meaning


@pytest.mark.parametrize("text", FOR_A_PERSON)
def test_anything_else_is_for_a_person(text: str) -> None:
    assert reply_meaning(text) is ReplyMeaning.FREE


def test_no_word_has_two_meanings() -> None:
    kinds = [set(ENGLISH_WORDS[k].split()) | set(HEBREW_WORDS[k].split()) for k in HEBREW_WORDS]
    shared = [a & b for n, a in enumerate(kinds) for b in kinds[n + 1 :]]

    assert not any(shared)


@given(text=st.text(alphabet=string.printable + "אבגלבטלכןהסר ", max_size=40))
def test_any_text_has_exactly_one_meaning(text: str) -> None:
    assert reply_meaning(text) in ReplyMeaning
    assert reply_meaning(text) is reply_meaning(f"  {text}\n")


def test_the_languages_answer_the_same_questions_with_the_same_values() -> None:
    assert ENGLISH.keys() == HEBREW.keys()
    fields = [
        [{f[1] for f in string.Formatter().parse(t[k]) if f[1]} for k in ENGLISH]
        for t in (ENGLISH, HEBREW)
    ]
    assert fields[0] == fields[1]


def test_a_value_is_never_a_template() -> None:
    assert answer_text("en", "change_how", phone="{0}") == "To change the time, please call us: {0}"
