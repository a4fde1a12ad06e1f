"""Rules that hold for any text: total, deterministic, and bound to what the context says."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hearing_cases import DEV, OWN, cases, context, context_for, hear
from hypothesis import given
from hypothesis import strategies as st

from dalpak.language.base import Answer, Asked, Intent, Named, PartOfDay, Preference
from dalpak.language.he.hearing import understand
from dalpak.language.he.hearing.normalise import MAX_TOKENS, tokens_of

pytestmark = pytest.mark.unit

ALL = [*cases(DEV), *cases(OWN)]
WORDS = sorted({word for case in ALL for word in case["text"].split()})
CONTEXTS = [
    context(),
    context(Asked.WHEN),
    context(Asked.CHOICE, "2026-11-24T10:00", "2026-11-24T15:30"),
    context(Asked.YES_NO, "2026-11-24T15:30"),
    context(Asked.NAME),
    context(Asked.PHONE),
    context(Asked.SERVICE),
]


@given(words=st.lists(st.sampled_from(WORDS), max_size=12), where=st.sampled_from(CONTEXTS))
def test_any_words_in_any_order_are_understood_the_same_twice(
    words: list[str], where: object
) -> None:
    text = " ".join(words)
    first = understand(text, where)  # type: ignore[arg-type]
    assert first == understand(text, where)  # type: ignore[arg-type]
    assert first.text == text
    if first.choice is not None:
        assert first.choice == -1 or 1 <= first.choice <= 2
    if first.date_range is not None:
        assert first.date_range[0] <= first.date_range[1]


@given(text=st.text(max_size=60), where=st.sampled_from(CONTEXTS))
def test_any_text_at_all_is_survived(text: str, where: object) -> None:
    assert understand(text, where).text == text  # type: ignore[arg-type]


@given(
    text=st.text(alphabet="אבגדהוזחטיכלמנסעפצקרשת0123456789:/.-,'\" ", max_size=40),
    where=st.sampled_from(CONTEXTS),
)
def test_letters_and_digits_in_any_mixture_are_survived(text: str, where: object) -> None:
    assert understand(text, where).text == text  # type: ignore[arg-type]


@pytest.mark.parametrize("case", ALL[::7], ids=lambda c: c["id"])
def test_niqqud_and_final_punctuation_change_nothing(case: dict[str, str]) -> None:
    where = context_for(case)
    pointed = case["text"].replace("ש", "ש\u05c1").replace("ב", "ב\u05bc")
    plain = understand(case["text"], where)
    assert replace(understand(pointed, where), text="", name=None) == replace(
        plain, text="", name=None
    )
    assert replace(understand(case["text"] + ".", where), text="") == replace(plain, text="")


def test_a_monologue_is_cut() -> None:
    text = "מחר " * 500
    assert len(tokens_of(text)) == MAX_TOKENS
    assert hear(text).when_date == date(2026, 11, 23)


def test_monstrous_numbers_are_survived() -> None:
    for text in (
        "בעוד 9999 שנים",
        "בעוד 9999 חודשים",
        "לפני 9999 ימים",
        "31/12/9999",
        "בעוד אלף שנה",
    ):
        assert hear(text).when_time is None


# --- opening hours -----------------------------------------------------------------------------


def test_hour_falls_inside_the_hours_of_the_day() -> None:
    late = {"sun-sat": ["16:00", "23:00"]}
    heard = understand("מחר בתשע", context(hours=late))
    assert heard.when_time == time(21)
    early = {"sun-thu": ["06:00", "14:00"]}
    assert understand("מחר בשבע", context(hours=early)).when_time == time(7)


def test_two_readings_inside_the_hours_are_asked_about() -> None:
    heard = understand("מחר בשמונה", context(hours={"sun-sat": ["07:00", "22:00"]}))
    assert heard.when_time is None
    assert heard.time_candidates == (time(8), time(20))
    assert heard.needs_clarification


def test_always_open_means_waking_hours() -> None:
    heard = understand("מחר בשלוש", context(hours={"sun-sat": ["00:00", "24:00"]}))
    assert heard.when_time == time(15)


def test_today_drops_what_is_past() -> None:
    assert hear("היום בתשע").when_time == time(21)
    assert hear("היום באחת עשרה").when_time == time(11)


def test_offered_hour_wins_over_opening_hours() -> None:
    heard = hear("בשבע", Asked.CHOICE, "2026-11-24T07:00", "2026-11-24T10:00")
    assert heard.when_time == time(7)
    assert heard.choice == 1


def test_in_24_hours_is_absolute_and_in_a_week_is_wall_time() -> None:
    summer = context(ref="2027-03-25T12:00:00+02:00")
    assert understand("בעוד 24 שעות", summer).when_time == time(13)
    assert understand("בעוד שבוע", summer).when_date == date(2027, 4, 1)


# --- services, staff, people -------------------------------------------------------------------

SERVICES = (
    Named("cut", "תספורת", ("שיער",)),
    Named("beard", "עיצוב זקן", ("זקן",)),
    Named("colour", "צבע לשיער", ("צבע",)),
)
STAFF = (Named("s1", "שני"), Named("s2", "משה", ("מוישה",)))
SALON = context(services=SERVICES, staff=STAFF)


def test_services_of_the_business_by_name_and_alias() -> None:
    heard = understand("תור לתספורת וזקן מחר", SALON)
    assert heard.service_ids == ("cut", "beard")
    assert heard.when_date == date(2026, 11, 23)
    assert understand("צבע בבקשה", replace(SALON, asked=Asked.SERVICE)).service_ids == ("colour",)
    assert understand("תור לפדיקור", SALON).service_ids == ()
    assert understand("תור לפדיקור", SALON).service_heard == "פדיקור"


def test_member_of_staff_whose_name_is_a_weekday() -> None:
    heard = understand("תור אצל שני ביום שלישי בעשר", SALON)
    assert heard.staff_id == "s1"
    assert heard.when_date == date(2026, 11, 24)
    assert understand("ביום שני", SALON).staff_id is None
    assert understand("אצל מוישה", SALON).staff_id == "s2"


def test_anyone_and_unknown_staff() -> None:
    assert understand("לא משנה לי אצל מי", SALON).any_staff
    stranger = understand("תור אצל גבריאל מחר", SALON)
    assert (stranger.staff_id, stranger.staff_heard) == (None, "גבריאל")


def test_several_slots_in_one_sentence() -> None:
    heard = understand(
        "שלום קוראים לי דנה כהן ואני רוצה תור לתספורת אצל משה ביום רביעי אחרי ארבע "
        "המספר שלי אפס חמש ארבע ארבע חמש שש שבע שמונה תשע אפס",
        SALON,
    )
    assert heard.intent is Intent.BOOK
    assert heard.name == "דנה כהן"
    assert heard.service_ids == ("cut",)
    assert heard.staff_id == "s2"
    assert heard.when_date == date(2026, 11, 25)
    assert heard.window == (time(16), None)
    assert (heard.phone, heard.phone_valid) == ("0544567890", True)


@pytest.mark.parametrize(
    ("text", "preference"),
    [
        ("משהו יותר מוקדם", Preference.EARLIER),
        ("קצת יותר מאוחר", Preference.LATER),
        ("הכי מוקדם שיש", Preference.EARLIEST),
        ("כמה שיותר מאוחר", Preference.LATEST),
    ],
)
def test_preferences(text: str, preference: Preference) -> None:
    heard = hear(text)
    assert heard.preference is preference
    assert heard.wants_earliest == (preference is Preference.EARLIEST)


# --- choosing ----------------------------------------------------------------------------------

TWO_DAYS = ("2026-11-24T10:00", "2026-11-25T15:30")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("הראשון", 1),
        ("השנייה", 2),
        ("האחרון", -1),
        ("ביום רביעי", 2),
        ("בעשר", 1),
        ("אחר הצהריים", 2),
        ("המוקדם", 1),
        ("לא הראשון השני", 2),
        ("השלישי", None),
        ("ארבע", None),
        ("לא", None),
        ("ביום חמישי", None),
    ],
)
def test_choice_is_made_only_when_one_offer_fits(text: str, choice: int | None) -> None:
    assert hear(text, Asked.CHOICE, *TWO_DAYS).choice == choice


def test_day_that_two_offers_share_chooses_neither() -> None:
    heard = hear("ביום שלישי", Asked.CHOICE, "2026-11-24T10:00", "2026-11-24T15:30")
    assert heard.choice is None
    assert heard.when_date == date(2026, 11, 24)


def test_offers_are_chosen_by_time_not_by_order_of_offering() -> None:
    heard = hear("המוקדם", Asked.CHOICE, "2026-11-25T15:30", "2026-11-24T10:00")
    assert heard.choice == 2


def test_answer_and_part_of_day_of_a_refusal() -> None:
    heard = hear("לא מתאים לי בבוקר", Asked.CHOICE, *TWO_DAYS)
    assert heard.answer is Answer.DENY
    assert heard.excluded_parts == (PartOfDay.MORNING,)
    assert heard.choice is None


def test_now_is_read_from_the_context_only() -> None:
    where = replace(context(), now=datetime.fromisoformat("2030-01-01T09:00:00+02:00"))
    assert understand("מחר", where).when_date == date(2030, 1, 2)
