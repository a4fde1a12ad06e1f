"""How finished a caller sounds, in every language: open phrases, fillers, numbers in progress, what was asked."""

import pytest

from dalpak.language.base import Asked, Completeness
from dalpak.language.registry import LANGUAGES, language

pytestmark = pytest.mark.contract

COMPLETE, OPEN = Completeness.COMPLETE, Completeness.OPEN
DIGITS, HESITATION = Completeness.DIGITS, Completeness.HESITATION

SAID = {
    "he": {
        COMPLETE: [
            ("אני רוצה לקבוע תור", Asked.NOTHING),
            ("מחר בעשר", Asked.WHEN),
            ("כן", Asked.YES_NO),
            ("עשר", Asked.WHEN),
            ("רגע", Asked.WHEN),
            ("אהה", Asked.YES_NO),
            ("אפס חמש שתיים שלוש ארבע חמש שש שבע שמונה תשע", Asked.PHONE),
            ("0521234567", Asked.PHONE),
            ("03 5551234", Asked.PHONE),
            ("אפשר בשעה שלוש?", Asked.WHEN),
        ],
        OPEN: [
            ("אני רוצה תור ליום", Asked.WHEN),
            ("מחר בשעה", Asked.WHEN),
            ("קוראים לי", Asked.NAME),
            ("בעשר או", Asked.WHEN),
            ("ביום שלישי אממ", Asked.WHEN),
            ("אני רוצה", Asked.NOTHING),
            ("תספורת עם", Asked.SERVICE),
        ],
        DIGITS: [
            ("אפס חמש שתיים", Asked.PHONE),
            ("אפס חמש שתיים", Asked.WHEN),
            ("052", Asked.PHONE),
            ("שתיים", Asked.PHONE),
            ("אפס חמישים ושתיים", Asked.PHONE),
        ],
        HESITATION: [("אמממ", Asked.WHEN), ("אה", Asked.NAME), ("אה אממ", Asked.NOTHING)],
    },
    "en": {
        COMPLETE: [
            ("I want to book a haircut", Asked.NOTHING),
            ("tomorrow at ten", Asked.WHEN),
            ("yes", Asked.YES_NO),
            ("hmm", Asked.YES_NO),
            ("052 1234567", Asked.PHONE),
            ("is it possible at three?", Asked.WHEN),
        ],
        OPEN: [
            ("I want to book for", Asked.NOTHING),
            ("tomorrow at", Asked.WHEN),
            ("I'd like to", Asked.NOTHING),
            ("my name is", Asked.NAME),
            ("on Tuesday um", Asked.WHEN),
        ],
        DIGITS: [("oh five two", Asked.PHONE), ("052", Asked.PHONE), ("five", Asked.PHONE)],
        HESITATION: [("um", Asked.WHEN), ("uh hmm", Asked.NAME)],
    },
}


def test_every_language_is_asked() -> None:
    assert SAID.keys() == set(LANGUAGES)


@pytest.mark.parametrize("code", SAID)
def test_how_finished_it_sounds(code: str) -> None:
    lang = language(code)
    wrong = [
        (text, asked, lang.completeness(text, asked), expected)
        for expected, said in SAID[code].items()
        for text, asked in said
        if lang.completeness(text, asked) is not expected
    ]

    assert wrong == []


@pytest.mark.parametrize("code", SAID)
@pytest.mark.parametrize("asked", Asked)
def test_nothing_and_nonsense_are_complete(code: str, asked: Asked) -> None:
    lang = language(code)

    assert lang.completeness("", asked) is COMPLETE
    assert lang.completeness("?!", asked) is COMPLETE
    assert lang.completeness("blorp", asked) is COMPLETE
