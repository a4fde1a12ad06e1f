"""A wish for just what the open question proposes: a yes, unless a no stands beside it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dalpak.language.base import Answer, Asked, HearingContext, Intent, Language
from dalpak.language.en import ENGLISH
from dalpak.language.he import HEBREW

pytestmark = pytest.mark.unit

ZONE = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 23, 10, tzinfo=ZONE)
TUESDAY_TEN = datetime(2026, 11, 24, 10, tzinfo=ZONE)


def answer(
    language: Language, text: str, proposed: Intent | None
) -> tuple[Answer | None, Intent | None, bool]:
    context = HearingContext(NOW, asked=Asked.YES_NO, offered=(TUESDAY_TEN,), proposed=proposed)
    u = language.understand(text, context)
    return u.answer, u.intent, u.hangs_on_no


@pytest.mark.parametrize(
    ("language", "text", "proposed"),
    [
        (HEBREW, "כן תבטלי", Intent.CANCEL),
        (HEBREW, "כן, לבטל את התור", Intent.CANCEL),
        (HEBREW, "כן לבטל את התור של מחר", Intent.CANCEL),
        (HEBREW, "בטח תבטל אותו", Intent.CANCEL),
        (HEBREW, "כן להעביר", Intent.RESCHEDULE),
        (HEBREW, "כן תזיזי", Intent.RESCHEDULE),
        (ENGLISH, "yes cancel it", Intent.CANCEL),
        (ENGLISH, "yes, please move it", Intent.RESCHEDULE),
    ],
)
def test_a_yes_with_the_wish_is_a_yes(language: Language, text: str, proposed: Intent) -> None:
    assert answer(language, text, proposed) == (Answer.AFFIRM, None, False)


@pytest.mark.parametrize(
    ("language", "text", "proposed"),
    [
        (HEBREW, "לבטל", Intent.CANCEL),
        (HEBREW, "תבטלי", Intent.CANCEL),
        (HEBREW, "להעביר אותו", Intent.RESCHEDULE),
        (ENGLISH, "cancel it", Intent.CANCEL),
        (ENGLISH, "move it", Intent.RESCHEDULE),
    ],
)
def test_the_wish_alone_is_one_that_hangs_on_a_no(
    language: Language, text: str, proposed: Intent
) -> None:
    assert answer(language, text, proposed) == (Answer.AFFIRM, None, True)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (HEBREW, "לא לבטל"),
        (HEBREW, "אל תבטלי"),
        (HEBREW, "לא, אל תבטלי את התור"),
        (HEBREW, "לא רוצה לבטל"),
        (ENGLISH, "don't cancel"),
        (ENGLISH, "no, don't cancel it"),
    ],
)
def test_a_no_beside_it_is_a_no(language: Language, text: str) -> None:
    assert answer(language, text, Intent.CANCEL)[0] is Answer.DENY


@pytest.mark.parametrize(
    ("language", "text"),
    [(HEBREW, "כן אבל ביום חמישי"), (HEBREW, "אולי לבטל"), (HEBREW, "כן לבטל את התור של חמישי")],
)
def test_a_doubt_or_another_day_is_no_yes(language: Language, text: str) -> None:
    assert answer(language, text, Intent.CANCEL)[0] is not Answer.AFFIRM


def test_another_wish_is_no_answer_to_it() -> None:
    assert answer(HEBREW, "כן להעביר", Intent.CANCEL) == (None, Intent.RESCHEDULE, False)
    assert answer(HEBREW, "כן לבטל", None)[0] is None
    assert answer(HEBREW, "לא בעצם להזיז אותו", Intent.CANCEL)[1] is Intent.RESCHEDULE
