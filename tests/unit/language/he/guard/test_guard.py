"""The two guards: claims of a booking in free text, and words that never take the floor."""

import pytest

from dalpak.language.he.guard import claims_booking, is_backchannel

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "קבעתי לך תור למחר בשלוש",
        "התור נקבע",
        "נקבע!",
        "התור שלך נקבע ליום שלישי",
        "מעולה, קבענו ליום שלישי בעשר",
        "התור שלך אושר",
        "שריינתי לך את השעה",
        "רשמתי אותך ליום רביעי בארבע",
        "הכנסתי אותך ליומן",
        "ביטלתי את התור שלך",
        "התור בוטל",
        "העברתי את התור ליום חמישי",
        "התור הוזז לשבע בערב",
        "הכל מסודר, נתראה ביום שלישי",
        "יש לך תור מחר בעשר",
        "התור שלך ביום ראשון בתשע",
        "הזמנתי לכם פגישה",
        "התספורת שלך נקבעה למחר",
        "Your appointment is booked for tomorrow",
        "You're all set for Tuesday at 10",
        "I've booked you in",
        "I have cancelled your appointment",
        "Your booking has been moved",
        "The appointment is confirmed",
    ],
)
def test_claims_are_seen(text: str) -> None:
    assert claims_booking(text)


@pytest.mark.parametrize(
    "text",
    [
        "לאיזה יום לקבוע",
        "אפשר לקבוע לך תור ליום שלישי בעשר?",
        "באיזו שעה נוח לך",
        "יש לנו מקום מחר בשלוש ובארבע",
        "התור עדיין לא נקבע",
        "עוד לא קבעתי את התור",
        "לא ביטלתי כלום",
        "אנחנו פתוחים עד שמונה בערב",
        "אנחנו סגורים בשבת",
        "מה השם שלך בבקשה",
        "אשמח לעזור לך לקבוע תור",
        "האם לקבוע את התור?",
        "תספורת עולה מאה עשרים שקלים",
        "What day would you like?",
        "I can book that for you if you confirm",
        "It is not booked yet",
        "",
    ],
)
def test_questions_and_offers_are_no_claims(text: str) -> None:
    assert not claims_booking(text)


@pytest.mark.parametrize(
    "text",
    [
        "אהה",
        "ממ",
        "מממממ",
        "כן",
        "כן כן",
        "אוקיי",
        "הלו",
        "הלו?",
        "אה כן",
        "בסדר בסדר",
        "mm-hm",
        "uh",
    ],
)
def test_hums(text: str) -> None:
    assert is_backchannel(text)


@pytest.mark.parametrize(
    "text",
    [
        "לא",
        "רגע",
        "שנייה",
        "כן אבל לא מחר",
        "מחר בשלוש",
        "אני רוצה לבטל",
        "תעצור",
        "כן כן כן כן כן כן",
        "",
        "דנה",
    ],
)
def test_words_that_take_the_floor(text: str) -> None:
    assert not is_backchannel(text)
