"""The form of the rules of writing: what it shows comes back as it was, and a fault finds its field."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from messaging_rules import RULES

from dalpak.domain.messaging import MessagingRules, faults_in
from dalpak.errors import PolicyError
from dalpak.web.console.rules_form import Fields, fields_of, given_of, place_of, raw_of
from dalpak.web.console.rules_words import expected_of, label_of

pytestmark = pytest.mark.unit

NAMES = tuple(fields_of(MessagingRules()))


@given(RULES)
@example({"reminders": [{"days_before": 1, "at": "24:00"}]})
def test_what_is_shown_comes_back_as_it_was(raw: dict[str, Any]) -> None:
    rules = MessagingRules.from_json(raw)
    assert MessagingRules.from_json(raw_of(fields_of(rules))) == rules


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=12), st.text(max_size=80)))
def test_whatever_is_sent_is_saved_or_told_at_a_field_of_the_form(form: dict[str, str]) -> None:
    fields = given_of({**fields_of(MessagingRules()), **form})
    raw = raw_of(fields)
    faults = faults_in(raw)
    for fault in faults:
        assert place_of(fault, fields) in {*NAMES}
        assert label_of(fault.field)
        assert expected_of(fault.field)
    if not faults:
        MessagingRules.from_json(raw)


def changed(**values: str) -> Fields:
    """The usual rules, and what somebody typed; `_` stands for the dot."""
    return fields_of(MessagingRules()) | {k.replace("__", "."): v for k, v in values.items()}


@pytest.mark.parametrize(
    ("typed", "place", "label", "expected"),
    [
        ({"keep_days": "לנצח"}, "keep_days", "ימי שמירה", "מספר שלם בין 1 ל־3650"),
        ({"most_per_hour": "0"}, "most_per_hour", "הודעות בשעה למספר אחד", "מספר שלם בין 1 ל־20"),
        ({"quiet_from": "08:00"}, "quiet_from", "שעות השקט", "שתי שעות שונות"),
        ({"rest_to": "מחר"}, "rest_to", "שעת סיום המנוחה", "שעה, למשל 21:00"),
        ({"channels__0": "outbox", "channels__2": "outbox"}, "channels.0", "ערוצי השליחה",
         "כל ערוץ פעם אחת"),
        ({"reminders__0__kind": "", "reminders__1__number": "99"}, "reminders.1.number",
         "תזכורת 1, שעות לפני", "מספר שלם בין 1 ל־72"),
        ({"reminders__0__at": "25:00"}, "reminders.0.at", "תזכורת 1, שעה", "שעה, למשל 18:00"),
        ({"reminders__2__kind": "hours_before", "reminders__2__number": "3"},
         "reminders.0.number", "תזכורות", "תזכורות ששונות זו מזו"),
        ({"reminders__3__kind": "weeks"}, "reminders.3.number", "תזכורת 3", "ששונות"),
    ],
)  # fmt: skip
def test_a_fault_names_its_field_and_what_was_expected(
    typed: dict[str, str], place: str, label: str, expected: str
) -> None:
    fields = changed(**typed)
    (fault,) = faults_in(raw_of(fields))
    assert place_of(fault, fields) == place
    assert label_of(fault.field) == label
    assert expected in expected_of(fault.field)


def test_every_fault_is_told_at_once() -> None:
    raw = raw_of(changed(keep_days="", most_per_call="many", rest_from="noon"))
    assert [fault.field for fault in faults_in(raw)] == ["most_per_call", "keep_days", "rest_from"]
    with pytest.raises(PolicyError):
        MessagingRules.from_json(raw)


def test_an_hour_may_be_written_short() -> None:
    raw = raw_of(changed(quiet_to="7:30", quiet="1"))
    assert MessagingRules.from_json(raw).quiet_hours == (21 * 60, 7 * 60 + 30)
