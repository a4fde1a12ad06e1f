"""English sentences and what they mean, and the rules that a table of sentences cannot show.

`english_phrases.json` holds sentences with their meanings, on a Sunday morning; `time_candidates`
is compared only where no hour was settled.
"""

import json
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dalpak.language.base import Answer, Asked, HearingContext, Intent, Named, Understood
from dalpak.language.en import ENGLISH
from dalpak.language.en.hearing.normalise import MAX_TOKENS, tokens_of
from dalpak.language.meaning import DEFAULT_HOURS, context_of, hours_of, meaning

pytestmark = pytest.mark.unit

ZONE = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 22, 10, 15, tzinfo=ZONE)  # a Sunday
SERVICES = (
    Named("cut", "Men's haircut", ("haircut", "gents cut")),
    Named("col", "Hair colour", ("colour",)),
)
STAFF = (Named("tamar", "Tamar"), Named("yossi", "Yossi"))
CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("english_phrases.json").read_text(encoding="utf-8")
)


def heard(text: str, **context: Any) -> Understood:
    hours = context.pop("hours", hours_of(DEFAULT_HOURS))
    return ENGLISH.understand(text, HearingContext(NOW, hours, **context))


def test_there_are_enough_sentences() -> None:
    assert len(CASES) > 300


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_sentence(case: dict[str, Any]) -> None:
    context = context_of(case, now=NOW, timezone=str(ZONE), services=SERVICES, staff=STAFF)
    found = meaning(ENGLISH.understand(case["text"], context), context)
    found.pop("utc", None)
    if "time" in found:
        found.pop("time_candidates", None)
    assert found == case["expect"]


# --- hours -------------------------------------------------------------------------------------


def test_a_bare_hour_is_read_by_the_opening_hours_of_its_day() -> None:
    evening = {**hours_of(DEFAULT_HOURS), "mon": ((time(18), time(23)),)}
    assert heard("Monday at eight", hours=evening).when_time == time(20)
    assert heard("Tuesday at eight", hours=evening).when_time == time(8)


def test_an_hour_that_may_be_both_is_asked_about() -> None:
    all_week = dict.fromkeys(hours_of(DEFAULT_HOURS), ((time(0), time(23, 59)),))
    unclear = heard("Monday at eight", hours=all_week)
    assert unclear.when_time is None
    assert unclear.time_candidates == (time(8), time(20))
    assert unclear.needs_clarification


def test_today_drops_what_is_past() -> None:
    assert heard("today at nine").when_time == time(21)
    assert heard("tomorrow at nine").when_time == time(9)


@pytest.mark.parametrize(
    ("text", "day_first", "month_first"),
    [
        ("12/1", date(2027, 1, 12), date(2026, 12, 1)),
        ("1/12/2026", date(2026, 12, 1), date(2026, 1, 12)),
    ],
)
def test_a_date_that_can_be_read_both_ways_is_asked_about(
    text: str, day_first: date, month_first: date
) -> None:
    both = heard(text)
    assert (both.when_date, both.date_alternatives) == (day_first, (month_first,))
    assert both.needs_clarification


@pytest.mark.parametrize("text", ["25/12", "13/11/2026", "5/5"])
def test_a_date_with_one_reading_is_not(text: str) -> None:
    assert not heard(text).needs_clarification
    assert heard(text).when_date is not None


# --- a yes is a yes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "is that the right price",
        "what a great idea is that yours",
        "okay but not with her",
        "yes but only if it is Tamar",
        "good question",
        "is it good",
        "fine, and my mother is good too",
        "I don't think that's right",
        "yes, no",
        "not great",
        "that would be too late",
    ],
)
def test_what_is_no_clear_yes_books_nothing(text: str) -> None:
    offer = datetime(2026, 11, 24, 15, 30, tzinfo=ZONE)
    answer = heard(text, asked=Asked.YES_NO, offered=(offer,)).answer
    assert answer is not Answer.AFFIRM


@pytest.mark.parametrize(
    "hour", ["five", "17:00", "quarter past three", "half three in the morning"]
)
def test_a_yes_to_another_hour_is_no_yes(hour: str) -> None:
    offer = datetime(2026, 11, 24, 15, 30, tzinfo=ZONE)
    found = heard(f"yes, {hour}", asked=Asked.YES_NO, offered=(offer,))
    assert found.answer is None
    assert found.corrects


# --- names ----------------------------------------------------------------------------------------


def test_the_callers_name_is_not_the_staffs() -> None:
    found = heard("my name is Tamar", staff=STAFF)
    assert (found.name, found.staff_id) == ("Tamar", None)
    assert heard("with Tamar", staff=STAFF).staff_id == "tamar"
    assert heard("not with Tamar", staff=STAFF).staff_id is None


@pytest.mark.parametrize("name", ["May Golan", "June Cohen", "Will Smith", "Mark March"])
def test_names_that_look_like_something_else(name: str) -> None:
    found = heard(f"my name is {name}")
    assert found.name is not None
    assert not found.says_when


@pytest.mark.parametrize("text", ["I want to cancel", "what was that", "tomorrow at five", "no"])
def test_what_is_no_name_is_not_taken_for_one(text: str) -> None:
    assert heard(text, asked=Asked.NAME).name is None


# --- any text -------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    """to past half quarter a the of from until between and or not no at on in week next last this
    monday tuesday may march december first second three five ten thirty 15 2026 10:30 noon hour
    days after before ago or later double oh hundred thousand eve weekend month one two""".split()
)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(words=st.lists(WORDS, max_size=14), asked=st.sampled_from(list(Asked)))
def test_no_row_of_words_breaks_the_grammar(words: list[str], asked: Asked) -> None:
    offered = (datetime(2026, 11, 24, 15, 30, tzinfo=ZONE), datetime(2026, 11, 25, 9, tzinfo=ZONE))
    found = heard(" ".join(words), asked=asked, offered=offered)
    if found.date_range is not None:
        assert found.date_range[0] <= found.date_range[1]
    assert found.choice is None or 1 <= found.choice <= 2 or found.choice == -1


def test_a_monologue_is_read_to_a_limit() -> None:
    assert len(tokens_of("tomorrow " * 500)) == MAX_TOKENS
    assert heard("well " * 40 + "tomorrow at five").when_date == date(2026, 11, 23)


def test_negated_wishes_are_none() -> None:
    assert heard("I don't want to cancel my appointment").intent is not Intent.CANCEL
    assert heard("I want to cancel my appointment").intent is Intent.CANCEL
