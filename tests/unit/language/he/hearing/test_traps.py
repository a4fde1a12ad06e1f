"""Readings that other parsers get dangerously wrong (reference: booking 3.2), and false bookings."""

from datetime import date, time

import pytest
from hearing_cases import hear

from dalpak.language.base import Answer, Asked, Intent, PartOfDay

pytestmark = pytest.mark.unit

OFFER = "2026-11-24T15:30"


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("מחרתיים", date(2026, 11, 24), None),
        ("מחר בשלוש", date(2026, 11, 23), time(15)),
        ("ערב שבת", date(2026, 11, 27), None),
        ("3/12", date(2026, 12, 3), None),
        ("3.12", date(2026, 12, 3), None),
        ("ב3 ל12", date(2026, 12, 3), None),
        ("לא שלוש ארבע", None, time(16)),
    ],
)
def test_dangerous_readings(text: str, day: date | None, at: time | None) -> None:
    heard = hear(text)
    assert (heard.when_date, heard.when_time) == (day, at)


@pytest.mark.parametrize(
    "text",
    [
        "ראשון לציון",
        "אני מגיעה מראשון לציון",
        "יש לי שני ילדים",
        "קומה שלישית",
        "קוראים לי שני לוי",
        "אני גר בבאר שבע",
        "דירה חמש קומה שתיים",
        "בוקר טוב מה שלומך",
        "הייתי אצלכם לפני חודשיים",
        "התקשרתי אתמול ולא ענו לי",
        "כמה עולה תספורת וזקן חמישים שקל",
        "אני בת שלושים ושתיים",
        "יש לי שלוש שאלות",
    ],
)
def test_no_time_is_invented(text: str) -> None:
    heard = hear(text)
    assert not heard.says_when, heard
    assert heard.time_candidates == ()
    assert heard.date_alternatives == ()


def test_phone_digits_are_no_times() -> None:
    heard = hear("אפס חמש ארבע שלוש שתיים שלוש ארבע חמש שש שבע", Asked.PHONE)
    assert heard.phone == "0543234567"
    assert not heard.says_when


def test_excepted_friday_is_not_chosen() -> None:
    heard = hear("כל יום חוץ מיום שישי")
    assert heard.when_date is None
    assert heard.excluded_weekdays == ("fri",)


@pytest.mark.parametrize(
    "text",
    [
        "כן אבל בשעה אחרת",
        "כן אבל בארבע",
        "כן אבל לא בשלוש וחצי",
        "בסדר אבל ביום רביעי",
        "טוב אז יותר מאוחר",
        "כן אבל רק בבוקר",
        "אוקיי תבטל",
        "אוקיי תעביר אותי לנציג",
        "לא מתאים",
        "מתאים לא",
        "לא ממש נוח לי",
        "זה לא מסתדר",
        "לא כן",
        "כן לא",
        "כמה זמן לוקח תספורת",
        "זה מתאים לילדים",
        "אני אחשוב על זה",
        "כן רגע",
        "אולי כן",
        "מה",
        "תודה",
        "",
        "...",
    ],
)
def test_never_taken_for_a_yes(text: str) -> None:
    """A booking hangs on AFFIRM: everything that is not clear consent must not be one."""
    assert hear(text, Asked.YES_NO, OFFER).answer is not Answer.AFFIRM


@pytest.mark.parametrize(
    "text", ["כן", "כן בשלוש וחצי", "כן ביום שלישי", "מתאים לי מאוד", "אוקיי סבבה"]
)
def test_consent_is_heard(text: str) -> None:
    assert hear(text, Asked.YES_NO, OFFER).answer is Answer.AFFIRM


def test_refused_hour_is_corrected_only_when_another_was_offered() -> None:
    corrected = hear("לא חמש", Asked.YES_NO, OFFER)
    assert corrected.when_time == time(17)
    assert corrected.corrects
    assert corrected.answer is Answer.DENY
    refused = hear("לא בשלוש וחצי", Asked.YES_NO, OFFER)
    assert refused.when_time is None
    assert refused.excluded_times == (time(15, 30),)


def test_ambiguity_is_an_answer() -> None:
    next_friday = hear("ביום שישי הבא")
    assert next_friday.when_date == date(2026, 12, 4)
    assert next_friday.date_alternatives == (date(2026, 11, 27),)
    assert next_friday.needs_clarification
    contradiction = hear("מחר ביום רביעי")
    assert contradiction.when_date is None
    assert set(contradiction.date_alternatives) == {date(2026, 11, 23), date(2026, 11, 25)}
    assert contradiction.needs_clarification
    impossible = hear("בשלושים ואחד בנובמבר")
    assert impossible.when_date is None
    assert impossible.needs_clarification


def test_greeting_is_no_part_of_day_but_evening_is() -> None:
    assert hear("ערב טוב").part_of_day is None
    assert hear("מחר בערב").part_of_day is PartOfDay.EVENING


def test_denied_wish_is_no_wish() -> None:
    assert hear("אני לא רוצה לבטל").intent is not Intent.CANCEL
    assert hear("אני רוצה לבטל").intent is Intent.CANCEL
