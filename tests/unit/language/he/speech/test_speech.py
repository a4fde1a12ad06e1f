"""Facts to words: the forms that booking.md fixes, and what must hold for every slot of a year."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.base import PUNCTUATION, Spoken
from dalpak.language.he.speech import HebrewSpeech, fragments, spelled

pytestmark = pytest.mark.unit

SPEECH = HebrewSpeech()
NOW = datetime(2026, 11, 22, 10, 15)  # a Sunday
TODAY = NOW.date()


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (time(15, 30), "שלוש וחצי אחר הצהריים"),
        (time(15, 45), "רבע לארבע אחר הצהריים"),
        (time(16, 20), "ארבע ועשרים אחר הצהריים"),
        (time(16, 10), "ארבע ועשרה אחר הצהריים"),
        (time(17, 5), "חמש וחמישה אחר הצהריים"),
        (time(9, 25), "תשע עשרים וחמש בבוקר"),
        (time(9, 15), "תשע ורבע בבוקר"),
        (time(12, 0), "שתים עשרה בצהריים"),
        (time(13, 10), "אחת ועשרה בצהריים"),
        (time(11, 0), "אחת עשרה בבוקר"),
        (time(20, 45), "רבע לתשע בערב"),
        (time(0, 30), "שתים עשרה וחצי בלילה"),
        (time(23, 45), "רבע לשתים עשרה בלילה"),
        (time(8, 12), "שמונה ושתים עשרה דקות בבוקר"),
        (time(8, 2), "שמונה ושתי דקות בבוקר"),
    ],
)
def test_clock(at: time, text: str) -> None:
    assert SPEECH.clock(at).text == text


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (TODAY, "היום, יום ראשון"),
        (TODAY + timedelta(1), "מחר, יום שני"),
        (TODAY + timedelta(2), "מחרתיים, יום שלישי"),
        (TODAY + timedelta(3), "ביום רביעי, העשרים וחמישה בנובמבר"),
        (date(2026, 12, 1), "ביום שלישי, הראשון בדצמבר"),
        (date(2026, 12, 5), "בשבת, החמישי בדצמבר"),
        (date(2026, 12, 11), "ביום שישי, האחד עשר בדצמבר"),
        (TODAY - timedelta(3), "ביום חמישי, התשעה עשר בנובמבר"),
        (date(2027, 11, 22), "ביום שני, העשרים ושניים בנובמבר בשנת אלפיים עשרים ושבע"),
    ],
)
def test_day(day: date, text: str) -> None:
    assert SPEECH.day(day, TODAY).text == text


def test_moment_reads_as_people_say_it() -> None:
    at = datetime(2026, 12, 1, 15, 30)
    assert SPEECH.moment(at, NOW).text == "ביום שלישי, הראשון בדצמבר, בשעה שלוש וחצי אחר הצהריים"


@pytest.mark.parametrize(
    ("digits", "text"),
    [
        ("0541234567", "אפס חמש ארבע, אחת שתיים שלוש, ארבע חמש שש שבע"),
        ("+972541234567", "אפס חמש ארבע, אחת שתיים שלוש, ארבע חמש שש שבע"),
        ("03-1234567", "אפס שלוש, אחת שתיים שלוש, ארבע חמש שש שבע"),
        ("1700", "אחת שבע אפס, אפס"),
    ],
)
def test_phone_numbers_in_groups(digits: str, text: str) -> None:
    assert SPEECH.digits(digits).text == text


@pytest.mark.parametrize(
    ("shekels", "text"),
    [
        (0, "ללא תשלום"),
        (1, "שקל אחד"),
        (2, "שני שקלים"),
        (3, "שלושה שקלים"),
        (120, "מאה ועשרים שקלים"),
        (99, "תשעים ותשעה שקלים"),
    ],
)
def test_money_is_masculine(shekels: int, text: str) -> None:
    assert SPEECH.money(shekels).text == text


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "דקה אחת"),
        (2, "שתי דקות"),
        (15, "רבע שעה"),
        (30, "חצי שעה"),
        (45, "שלושת רבעי שעה"),
        (50, "חמישים דקות"),
        (60, "שעה"),
        (75, "שעה ורבע"),
        (90, "שעה וחצי"),
        (100, "שעה וארבעים דקות"),
        (120, "שעתיים"),
        (150, "שעתיים וחצי"),
        (180, "שלוש שעות"),
        (24 * 60, "יום"),
        (2 * 24 * 60, "יומיים"),
        (3 * 24 * 60, "שלושה ימים"),
        (7 * 24 * 60, "שבוע"),
        (14 * 24 * 60, "שבועיים"),
    ],
)
def test_durations_have_their_duals(minutes: int, text: str) -> None:
    assert SPEECH.duration(minutes).text == text


def test_listing() -> None:
    three = [SPEECH.number(n) for n in (1, 2, 3)]
    assert SPEECH.listing(three).text == "אחת, שתיים או שלוש"
    assert SPEECH.listing(three[:2], last="and").text == "אחת וגם שתיים"
    assert SPEECH.listing(three[:1]).text == "אחת"


def test_every_slot_of_a_year_has_its_own_words_without_digits() -> None:
    start = datetime(2026, 11, 22)
    slots = [start + timedelta(minutes=15 * n) for n in range(365 * 96)]
    texts = [SPEECH.moment(at, NOW).text for at in slots]
    assert len(set(texts)) == len(slots)
    assert [t for t in texts if any(c.isdigit() for c in t)] == []


@given(st.times(), st.integers(-400, 400))
def test_every_moment_can_be_pronounced(at: time, ahead: int) -> None:
    spoken = SPEECH.moment(datetime.combine(TODAY + timedelta(ahead), at), NOW)
    assert spoken.ipa is not None
    assert not any(c.isdigit() for c in spoken.text + spoken.ipa)
    assert all(leaf.ipa for leaf in spoken.leaves)


@given(st.times(), st.integers(0, 300))
def test_every_moment_is_made_of_fragments_of_the_bank(at: time, ahead: int) -> None:
    known = {f.text for f in fragments()} | set(PUNCTUATION)
    spoken = SPEECH.moment(datetime.combine(TODAY + timedelta(ahead), at), NOW)
    assert [leaf.text for leaf in spoken.leaves if leaf.text not in known] == []


@given(st.text("0123456789", min_size=1, max_size=15))
def test_every_number_keyed_in_is_made_of_fragments_of_the_bank(digits: str) -> None:
    known = {f.text for f in fragments()} | set(PUNCTUATION)
    assert {leaf.text for leaf in SPEECH.digits(digits).leaves} <= known


def test_digits_in_peoples_own_words_are_spelled_out() -> None:
    assert spelled(Spoken("רחוב דיזנגוף 99, תל אביב")).text == "רחוב דיזנגוף תשעים ותשע, תל אביב"
    assert spelled(Spoken("קוד 007")).text == "קוד אפס אפס שבע"
    assert spelled(Spoken("בלי מספר")) == Spoken("בלי מספר")
