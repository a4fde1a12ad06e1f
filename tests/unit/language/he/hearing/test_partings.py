"""A yes on the way out, and a yes that is one lost word away from a no."""

import pytest
from hearing_cases import hear
from hypothesis import given, settings
from hypothesis import strategies as st

from dalpak.language.base import Answer, Asked, Intent

pytestmark = pytest.mark.unit

OFFER = "2026-11-24T15:30"
KIND = ("טוב", "אוקיי", "בסדר", "סבבה", "מעולה", "יופי", "אחלה", "נהדר", "אין בעיה", "זה בסדר")
FAREWELLS = ("ביי", "להתראות", "יום טוב", "לילה טוב", "שבת שלום", "זה הכל", "כל טוב", "יאללה ביי")
LATER = ("נדבר", "אני אתקשר", "אחזור אליכם", "אני אסתדר", "פעם אחרת", "אני אחשוב על זה")
NEVER_MIND = ("לא משנה", "לא נורא", "אני אוותר")
THANKS = ("", "תודה", "תודה רבה")
FIRM = ("כן", "כן בבקשה", "נכון", "בטח", "מאשרת", "כן תקבעי", "מתאים לי")


def sentence(*parts: str) -> str:
    return " ".join(part for part in parts if part)


kind = st.sampled_from(KIND)
thanks = st.sampled_from(THANKS)


@settings(max_examples=300, deadline=None)
@given(
    word=kind,
    thanked=thanks,
    leaving=st.sampled_from(FAREWELLS + LATER + NEVER_MIND),
    bye=st.sampled_from(("", *FAREWELLS)),
)
def test_no_kind_word_on_the_way_out_is_a_yes(
    word: str, thanked: str, leaving: str, bye: str
) -> None:
    for asked in (Asked.YES_NO, Asked.CHOICE):
        heard = hear(sentence(word, leaving, thanked, bye), asked, OFFER)
        assert heard.answer is not Answer.AFFIRM


@settings(max_examples=100, deadline=None)
@given(word=st.sampled_from(FIRM), thanked=thanks, bye=st.sampled_from(FAREWELLS))
def test_a_clear_yes_stays_one_before_a_goodbye(word: str, thanked: str, bye: str) -> None:
    heard = hear(sentence(word, thanked, bye), Asked.YES_NO, OFFER)
    assert heard.answer is Answer.AFFIRM
    assert heard.intent is None


@pytest.mark.parametrize("leaving", LATER)
def test_a_yes_and_another_time_contradict_each_other(leaving: str) -> None:
    heard = hear(f"כן {leaving}", Asked.YES_NO, OFFER)
    assert heard.answer is not Answer.AFFIRM


@pytest.mark.parametrize("text", ["טוב תודה", "מעולה תודה רבה", "אוקיי תודה לך"])
def test_thanks_alone_are_no_goodbye(text: str) -> None:
    assert hear(text, Asked.YES_NO, OFFER).answer is Answer.AFFIRM


def test_politeness_ends_a_call_and_is_asked_about_at_a_read_back() -> None:
    heard = hear("מעולה תודה ביי", Asked.YES_NO, OFFER)
    assert heard.intent is Intent.GOODBYE
    assert heard.answer is Answer.UNSURE
    assert heard.needs_clarification
    heard = hear("טוב נדבר ביי", Asked.YES_NO, OFFER)
    assert (heard.intent, heard.answer) == (Intent.GOODBYE, None)


def test_any_will_do_is_no_leave() -> None:
    assert hear("לא משנה לי מתי", Asked.CHOICE, OFFER).intent is not Intent.GOODBYE


@pytest.mark.parametrize("text", ["מתאים", "זה מתאים לי", "נכון", "טוב לי", "רוצה", "זה טוב"])
def test_a_yes_that_a_lost_no_would_deny_says_so(text: str) -> None:
    heard = hear(text, Asked.YES_NO, OFFER)
    assert heard.answer is Answer.AFFIRM
    assert heard.hangs_on_no
    assert hear(f"לא {text}", Asked.YES_NO, OFFER).answer is Answer.DENY


@pytest.mark.parametrize("text", ["כן", "כן מתאים", "סבבה", "נכון מאוד", "מעולה", "מאה אחוז", "1"])
def test_other_answers_do_not(text: str) -> None:
    assert not hear(text, Asked.YES_NO, OFFER).hangs_on_no
