"""What is said can be heard: every slot of a year in several renderings comes back as itself."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hearing_cases import NOW, ZONE, context
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.base import Asked
from dalpak.language.he.hearing import understand
from dalpak.language.he.speech import HebrewSpeech

pytestmark = pytest.mark.unit

TODAY = NOW.date()
OPEN, CLOSE, STEP = 8 * 60, 20 * 60, 15
HOURS = "שתים עשרה|אחת|שתיים|שלוש|ארבע|חמש|שש|שבע|שמונה|תשע|עשר|אחת עשרה".split("|")
WEEKDAYS = "ראשון שני שלישי רביעי חמישי שישי".split()
MONTHS = "ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר".split()
PLAIN = context()
WHEN = context(Asked.WHEN)


def slots() -> list[time]:
    return [time(m // 60, m % 60) for m in range(OPEN, CLOSE, STEP)]


def in_words(at: time) -> str:
    """An hour as people say it: "three", "three and a half", "a quarter to four"."""
    hour, after = HOURS[at.hour % 12], HOURS[(at.hour + 1) % 12]
    return {0: hour, 15: f"{hour} ורבע", 30: f"{hour} וחצי", 45: f"רבע ל{after}"}[at.minute]


@pytest.mark.parametrize("at", slots(), ids=lambda t: t.strftime("%H:%M"))
@pytest.mark.parametrize("form", ["{digits}", "ב-{digits}", "בשעה {digits}", "{words}", "ב{words}"])
def test_every_opening_hour_comes_back(at: time, form: str) -> None:
    text = form.format(digits=at.strftime("%H:%M"), words=in_words(at))
    assert understand(text, WHEN).when_time == at


def test_every_day_of_a_year_comes_back_in_every_form() -> None:
    for ahead in range(1, 365):
        day = TODAY + timedelta(days=ahead)
        month = MONTHS[day.month - 1]
        weekday = WEEKDAYS[n] if (n := (day.weekday() + 1) % 7) < 6 else "שבת"
        forms = [
            f"{day.day}/{day.month}",
            f"ב-{day.day}.{day.month}.{day.year}",
            f"ה-{day.day} ב{month}",
            f"{day.day} ל{month}",
            f"יום {weekday} {day.day} ב{month}",
            f"ביום {weekday} ה{day.day} ל{month}",
        ]
        for text in forms:
            assert understand(text, PLAIN).when_date == day, text


def test_every_slot_of_a_year_comes_back_from_our_own_speech() -> None:
    """parse(speak(t)) == t: day and hour, over a year of slots (a different hour grid each day)."""
    speech, zone = HebrewSpeech(), ZoneInfo(ZONE)
    now = NOW.astimezone(zone)
    for ahead in range(366):
        for minute in range((ahead * 7) % 60, 24 * 60, 205):
            at = datetime.combine(TODAY + timedelta(days=ahead), time(minute // 60, minute % 60))
            at = at.replace(tzinfo=zone)
            if at <= now:
                continue
            said = speech.moment(at, now).text
            heard = understand(said, PLAIN)
            assert (heard.when_date, heard.when_time) == (at.date(), at.time()), said


def test_every_minute_of_the_day_comes_back_from_our_own_speech() -> None:
    speech = HebrewSpeech()
    for minute in range(24 * 60):
        at = time(minute // 60, minute % 60)
        said = speech.clock(at).text
        assert understand(said, WHEN).when_time == at, said


@given(
    ahead=st.integers(2, 6),
    at=st.sampled_from(slots()),
    order=st.booleans(),
    noise=st.sampled_from(["", "אה ", "אז נגיד ", "אני רוצה תור ", "אם אפשר "]),
    tail=st.sampled_from(["", " בבקשה", " אם אפשר", " תודה"]),
)
def test_weekday_and_hour_in_any_order_with_noise(
    ahead: int, at: time, order: bool, noise: str, tail: str
) -> None:
    day: date = TODAY + timedelta(days=ahead)
    weekday = WEEKDAYS[n] if (n := (day.weekday() + 1) % 7) < 6 else "שבת"
    parts = [f"ביום {weekday}", f"ב{in_words(at)}"]
    text = noise + " ".join(parts if order else reversed(parts)) + tail
    heard = understand(text, PLAIN)
    assert heard.when_date == day, text
    if n < 5:
        assert heard.when_time == at, text
    else:
        assert at in (heard.when_time, *heard.time_candidates), text
