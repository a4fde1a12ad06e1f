"""What every registered language must do: one suite, run over each of them.

Complete (the same keys and slots everywhere), speakable (never a digit), and its own listener: what
it says of a time, it understands again as that time, for every slot of a year.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from language_words import WORDS, Words, has_digit, phrases_of, slots_of, written_of

from dalpak.domain.phones import parse_phone
from dalpak.language.base import (
    PUNCTUATION,
    Answer,
    Asked,
    HearingContext,
    Intent,
    Language,
    Named,
    PartOfDay,
    Preference,
    Spoken,
)
from dalpak.language.registry import LANGUAGES, language

pytestmark = pytest.mark.contract

ZONE = ZoneInfo("Asia/Jerusalem")
SUNDAY = datetime(2026, 11, 22, 10, 15, tzinfo=ZONE)
GRID_MIN = 15
FIRST_ANSWER_WORDS = 24
"""SPEC D4."""
WORKDAYS = ("sun", "mon", "tue", "wed", "thu")
OPEN = ((time(8), time(20)),)
HOURS: dict[str, tuple[tuple[time, time], ...]] = {
    **dict.fromkeys(WORKDAYS, OPEN),
    "fri": ((time(8), time(13)),),
    "sat": (),
}
EVERY_SLOT = [time(n // 60, n % 60) for n in range(0, 24 * 60, GRID_MIN)]
WORD_OF_MORNING = time(9, 30)

every_language = pytest.mark.parametrize("code", sorted(LANGUAGES))
same_every_run = settings(
    max_examples=400, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def words_of(code: str) -> tuple[Language, Words]:
    return language(code), WORDS[code]


def listening(**more: Any) -> HearingContext:
    return replace(HearingContext(now=SUNDAY, hours=HOURS), **more)


# --- complete ----------------------------------------------------------------------------------


def test_every_language_has_its_row_of_words() -> None:
    assert sorted(WORDS) == sorted(LANGUAGES)
    assert {code: lang.code for code, lang in LANGUAGES.items()} == {c: c for c in LANGUAGES}
    locales = [lang.locale for lang in LANGUAGES.values()]
    assert len(set(locales)) == len(locales)


@every_language
@pytest.mark.parametrize("table", [phrases_of, written_of])
def test_keys_and_slots_are_those_of_every_other_language(code: str, table: Any) -> None:
    mine = {key: slots_of(text) for key, text in table(code).items()}
    for other in LANGUAGES:
        assert mine == {key: slots_of(text) for key, text in table(other).items()}, other


@every_language
def test_every_phrase_is_filled_brief_and_without_digits(code: str) -> None:
    lang = language(code)
    for key, text in phrases_of(code).items():
        spoken = lang.phrase(key, **{name: Spoken("12") for name in slots_of(text)})
        assert spoken.text
        assert not has_digit(spoken), key
        assert "{" not in spoken.text, key
        assert len(text.split()) <= FIRST_ANSWER_WORDS, key


@every_language
def test_an_unknown_key_and_a_missing_slot_are_named(code: str) -> None:
    lang = language(code)
    with pytest.raises(KeyError, match="no_such_phrase"):
        lang.phrase("no_such_phrase")
    with pytest.raises(KeyError, match="when"):
        lang.phrase("booked", service=Spoken("x"))
    with pytest.raises(KeyError):
        lang.written("no_such_text")
    assert "12:30" in lang.written("confirmation_short", date="x", time="12:30")


@every_language
def test_the_first_answer_is_at_most_24_words(code: str) -> None:
    lang, words = words_of(code)
    for key in ("greeting", "greeting_keypad"):
        assert len(lang.phrase(key, business=Spoken(words.business)).text.split()) <= 24
    near, far = lang.speech.day(SUNDAY.date(), SUNDAY.date()), SUNDAY.date() + timedelta(9)
    for day in (near, lang.speech.day(far, SUNDAY.date())):
        clock = lang.speech.clock(time(15, 30))
        offer = lang.phrase("offer_day_two", day=day, first=clock, second=clock)
        assert len(offer.text.split()) <= FIRST_ANSWER_WORDS


# --- speakable ---------------------------------------------------------------------------------


@every_language
def test_prompts_hold_every_fixed_sentence_and_every_fragment(code: str) -> None:
    lang = language(code)
    prompts = lang.prompts()
    assert all(spoken.text.strip() and not has_digit(spoken) for spoken in prompts.values())
    assert len(prompts) < 800
    known = set(prompts.values())
    for key, text in phrases_of(code).items():
        if not slots_of(text):
            assert lang.phrase(key) in known, key
    for at in EVERY_SLOT:
        moment = datetime.combine(SUNDAY.date() + timedelta(at.hour), at, ZONE)
        for leaf in lang.speech.moment(moment, SUNDAY).leaves:
            assert leaf in known or leaf.text in PUNCTUATION, leaf.text
    for leaf in lang.speech.digits("0123456789").leaves:
        assert leaf in known or leaf.text in PUNCTUATION, leaf.text


@every_language
@same_every_run
@given(n=st.integers(0, 999_999), minutes=st.integers(1, 60 * 24 * 30), day=st.integers(-400, 800))
def test_no_digit_is_ever_spoken(code: str, n: int, minutes: int, day: int) -> None:
    speech = language(code).speech
    at = SUNDAY + timedelta(days=day, minutes=minutes)
    digits = str(n).zfill(9)
    said = (
        speech.number(n),
        speech.number(n, feminine=False),
        speech.money(n),
        speech.duration(minutes),
        speech.digits(digits),
        speech.day(at.date(), SUNDAY.date()),
        speech.clock(at.time()),
        speech.moment(at, SUNDAY),
    )
    assert not any(has_digit(spoken) for spoken in said)
    assert all(spoken.text for spoken in said)


@every_language
def test_numbers_days_and_durations_are_all_different(code: str) -> None:
    speech = language(code).speech
    for said in (
        [speech.number(n).text for n in range(2000)],
        [speech.money(n).text for n in range(300)],
        [speech.duration(n).text for n in range(1, 300)],
        [speech.clock(time(m // 60, m % 60)).text for m in range(24 * 60)],
        [speech.day(SUNDAY.date() + timedelta(n), SUNDAY.date()).text for n in range(800)],
    ):
        assert len(set(said)) == len(said)


@every_language
def test_a_list_names_everything_and_says_or_and_and_differently(code: str) -> None:
    speech = language(code).speech
    parts = [Spoken("aaa"), Spoken("bbb"), Spoken("ccc")]
    either, both = speech.listing(parts), speech.listing(parts, last="and")
    assert either.text != both.text
    assert all(part.text in either.text for part in parts)
    assert speech.listing(parts[:1]) == parts[0]


# --- its own listener --------------------------------------------------------------------------


@every_language
@pytest.mark.parametrize("asked", [Asked.WHEN, Asked.NOTHING])
def test_every_time_of_the_day_is_understood_again(code: str, asked: Asked) -> None:
    lang, context = language(code), listening(asked=asked)
    wrong = {}
    for minute in range(0, 24 * 60, 5):
        at = time(minute // 60, minute % 60)
        heard = lang.understand(lang.speech.clock(at).text, context)
        if heard.when_time != at or heard.needs_clarification:
            wrong[lang.speech.clock(at).text] = (at, heard.when_time)
    assert wrong == {}


@every_language
def test_every_day_of_a_year_is_understood_again(code: str) -> None:
    lang, context = language(code), listening(asked=Asked.WHEN)
    wrong = {}
    for ahead in range(366):
        day = SUNDAY.date() + timedelta(ahead)
        said = lang.speech.day(day, SUNDAY.date()).text
        heard = lang.understand(said, context)
        if heard.when_date != day or heard.needs_clarification:
            wrong[said] = (day, heard.when_date, heard.date_alternatives)
    assert wrong == {}


@st.composite
def slots(draw: st.DrawFn) -> tuple[datetime, datetime]:
    """(now, slot): any slot in opening hours of the year that begins on any day of three years."""
    today = date(2026, 1, 1) + timedelta(draw(st.integers(0, 3 * 365)))
    now = datetime.combine(today, time(draw(st.integers(0, 23)), 10), ZONE)
    day = today + timedelta(draw(st.integers(1, 365)))
    return now, datetime.combine(day, draw(st.sampled_from(EVERY_SLOT[32:80])), ZONE)


@every_language
@same_every_run
@given(case=slots())
def test_what_it_says_of_a_slot_it_understands_as_that_slot(
    code: str, case: tuple[datetime, datetime]
) -> None:
    now, slot = case
    lang = language(code)
    for asked in (Asked.WHEN, Asked.NOTHING):
        context = HearingContext(now=now, hours=HOURS, asked=asked)
        heard = lang.understand(lang.speech.moment(slot, now).text, context)
        assert (heard.when_date, heard.when_time) == (slot.date(), slot.time())
        assert not heard.needs_clarification


@every_language
def test_an_offer_is_chosen_by_place_by_hour_and_by_day(code: str) -> None:
    lang, words = words_of(code)
    at = [datetime(2026, 11, 24, 9, 0), datetime(2026, 11, 25, 15, 30), datetime(2026, 11, 29, 17)]
    offered = tuple(o.replace(tzinfo=ZONE) for o in at)
    context = listening(asked=Asked.CHOICE, offered=offered)
    today = SUNDAY.date()
    for place, slot in enumerate(offered, 1):
        for said in (
            lang.speech.moment(slot, SUNDAY),
            lang.speech.clock(slot.time()),
            lang.speech.day(slot.date(), today),
        ):
            assert lang.understand(said.text, context).choice == place, said.text
    assert lang.understand(words.first, context).choice == 1
    assert lang.understand(words.second, context).choice == 2
    assert lang.understand(words.last, context).choice in (3, -1)
    for said in (*words.no, *words.unsure, words.my_name.format(words.name)):
        assert lang.understand(said, context).choice is None, said


@every_language
@same_every_run
@given(rest=st.integers(0, 9_999_999), prefix=st.sampled_from(("050", "052", "053", "054", "058")))
def test_a_phone_number_read_back_is_understood_again(code: str, rest: int, prefix: str) -> None:
    number = f"{prefix}{rest:07d}"
    phone = parse_phone(number)
    if phone is None or not phone.plausible:
        return
    lang = language(code)
    said = lang.speech.digits(number).text
    for asked in (Asked.PHONE, Asked.NOTHING):
        heard = lang.understand(said, listening(asked=asked))
        assert (heard.phone, heard.phone_valid) == (number, True)
    assert not lang.understand(said, listening(asked=Asked.PHONE)).says_when


# --- callers -----------------------------------------------------------------------------------


@every_language
def test_answers(code: str) -> None:
    lang, words = words_of(code)
    offer = SUNDAY.replace(day=24, hour=15, minute=30)
    context = listening(asked=Asked.YES_NO, offered=(offer,))
    rows = (
        (Answer.AFFIRM, words.yes),
        (Answer.DENY, words.no),
        (Answer.UNSURE, words.unsure),
        (Answer.WAIT, words.wait),
    )
    for answer, sentences in rows:
        assert {s: lang.understand(s, context).answer for s in sentences} == dict.fromkeys(
            sentences, answer
        )
    for said in words.yes:
        repeated = lang.understand(f"{said}, {lang.speech.moment(offer, SUNDAY).text}", context)
        assert repeated.answer is Answer.AFFIRM, said


@every_language
def test_a_goodbye_takes_back_a_kind_word_and_not_a_yes(code: str) -> None:
    lang, words = words_of(code)
    offer = SUNDAY.replace(day=24, hour=15, minute=30)
    context = listening(asked=Asked.YES_NO, offered=(offer,))
    for said in words.yes_and_goodbye:
        assert lang.understand(said, context).answer is Answer.AFFIRM, said
    for said in words.kind_goodbyes:
        heard = lang.understand(said, context)
        assert heard.answer is not Answer.AFFIRM, said
        leaves = heard.intent is Intent.GOODBYE or heard.answer is Answer.DENY
        assert leaves or heard.needs_clarification, said


@every_language
def test_another_hour_is_never_a_yes(code: str) -> None:
    lang, words = words_of(code)
    offer = SUNDAY.replace(day=24, hour=15, minute=30)
    context = listening(asked=Asked.YES_NO, offered=(offer,))
    other = lang.speech.clock(time(17, 0)).text
    for said in (words.no_but.format(other), f"{words.yes[0]}, {other}"):
        heard = lang.understand(said, context)
        assert heard.answer is not Answer.AFFIRM, said
        assert heard.when_time == time(17), said


@every_language
def test_a_refused_day_is_excluded_and_not_wanted(code: str) -> None:
    lang, words = words_of(code)
    wednesday = date(2026, 11, 25)
    named = lang.speech.day(wednesday, SUNDAY.date()).leaves[0].text
    heard = lang.understand(words.not_day.format(named), listening(asked=Asked.WHEN))
    assert heard.when_date is None
    assert heard.excluded_dates == (wednesday,)
    assert heard.excluded_weekdays == ("wed",)


@every_language
def test_intents(code: str) -> None:
    lang, words = words_of(code)
    assert sorted(words.intents) == sorted(Intent)
    heard = {said: lang.understand(said, listening()).intent for said in words.intents.values()}
    assert heard == {said: intent for intent, said in words.intents.items()}


@every_language
def test_names_services_staff_and_the_rest(code: str) -> None:
    lang, words = words_of(code)
    context = listening(
        services=(Named("cut", words.service, (words.service_alias,)), Named("x", "qqq")),
        staff=(Named("m", words.staff), Named("y", "zzz")),
    )
    introduced = lang.understand(words.my_name.format(words.name), context)
    assert introduced.name == words.name
    for name in (words.name, words.other_name):
        assert lang.understand(name, replace(context, asked=Asked.NAME)).name == name
    assert lang.understand(words.service, context).service_ids == ("cut",)
    assert lang.understand(words.service_alias, context).service_ids == ("cut",)
    assert lang.understand(words.staff, context).staff_id == "m"
    assert lang.understand(words.own_number, replace(context, asked=Asked.PHONE)).own_number
    earliest = lang.understand(words.earliest, context)
    assert earliest.wants_earliest
    assert earliest.preference is Preference.EARLIEST


@every_language
def test_several_slots_of_one_sentence(code: str) -> None:
    lang, words = words_of(code)
    slot = SUNDAY.replace(day=26, hour=16, minute=30)
    said = ", ".join(
        (
            words.intents[Intent.BOOK],
            words.service,
            lang.speech.moment(slot, SUNDAY).text,
            words.my_name.format(words.name),
            lang.speech.digits("0542345678").text,
        )
    )
    heard = lang.understand(said, listening(services=(Named("cut", words.service),)))
    assert heard.intent is Intent.BOOK
    assert heard.service_ids == ("cut",)
    assert (heard.when_date, heard.when_time) == (slot.date(), slot.time())
    assert heard.name == words.name
    assert heard.phone == "0542345678"


@every_language
def test_no_day_and_no_hour_is_made_up(code: str) -> None:
    lang, words = words_of(code)
    sentences = (*words.says_nothing, *words.yes, *words.no, *words.wait, *words.hums, words.name)
    for said in sentences:
        for asked in (Asked.NOTHING, Asked.WHEN, Asked.YES_NO):
            heard = lang.understand(said, listening(asked=asked))
            assert not heard.says_when, said
            assert heard.time_candidates == (), said


@every_language
@same_every_run
@given(text=st.text(max_size=60), asked=st.sampled_from(list(Asked)))
def test_no_text_breaks_the_listener(code: str, text: str, asked: Asked) -> None:
    heard = language(code).understand(text, listening(asked=asked, offered=(SUNDAY,)))
    assert heard.text == text


@every_language
def test_parts_of_the_day_are_told_apart(code: str) -> None:
    lang = language(code)
    parts = {
        lang.understand(lang.speech.clock(at).text, listening()).part_of_day
        for at in (WORD_OF_MORNING, time(15, 30), time(18, 30), time(22, 30))
    }
    assert parts >= {PartOfDay.MORNING, PartOfDay.AFTERNOON, PartOfDay.EVENING, PartOfDay.NIGHT}


# --- guards ------------------------------------------------------------------------------------


def in_full(lang: Language, key: str, text: str) -> str:
    when = lang.speech.moment(SUNDAY.replace(day=24), SUNDAY)
    words = WORDS[lang.code]
    known = {"service": Spoken(words.service), "when": when, "name": Spoken(words.name)}
    slots = {name: known.get(name, when) for name in slots_of(text)}
    return lang.phrase(key, **slots).text


@every_language
def test_what_was_done_is_a_claim_and_a_question_is_none(code: str) -> None:
    lang, words = words_of(code)
    table = phrases_of(code)
    for key in ("booked", "rescheduled", "cancelled"):
        assert lang.claims_booking(in_full(lang, key, table[key])), key
    questions = {key: in_full(lang, key, text) for key, text in table.items() if text[-1] == "?"}
    assert len(questions) > 10
    assert [key for key, said in questions.items() if lang.claims_booking(said)] == []
    assert [said for said in words.claims if not lang.claims_booking(said)] == []
    assert [said for said in words.harmless if lang.claims_booking(said)] == []


@every_language
def test_hums_do_not_take_the_floor_and_words_do(code: str) -> None:
    lang, words = words_of(code)
    assert [said for said in words.hums if not lang.is_backchannel(said)] == []
    assert [said for said in words.not_hums if lang.is_backchannel(said)] == []
    assert not lang.is_backchannel("")
