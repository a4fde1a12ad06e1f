"""A business's rules of writing: read, refused with the field named, written back."""

from typing import Any

import pytest
from hypothesis import given
from messaging_rules import RULES

from dalpak.domain.messaging import MessagingRules, ReminderRule, rules_of
from dalpak.errors import PolicyError

pytestmark = pytest.mark.unit


@given(RULES)
def test_rules_survive_being_written(raw: dict[str, Any]) -> None:
    rules = MessagingRules.from_json(raw)
    assert MessagingRules.from_json(rules.to_json()) == rules
    assert rules.to_json().items() >= raw.items()


def test_a_business_that_said_nothing() -> None:
    rules = MessagingRules.from_json({})
    assert rules == MessagingRules()
    assert [rule.name for rule in rules.reminders] == ["1d1800", "3h"]


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({"quiet_shabat": True}, "quiet_shabat"),
        ({"consent_required": 1}, "consent_required"),
        ({"waitlist_hold_min": 4}, "waitlist_hold_min"),
        ({"waitlist_hold_min": True}, "waitlist_hold_min"),
        ({"quiet_hours": ["21:00"]}, "quiet_hours"),
        ({"quiet_hours": ["21:00", "21:00"]}, "quiet_hours"),
        ({"rest_from": "25:00"}, "rest_from"),
        ({"most_per_hour": 0}, "most_per_hour"),
        ({"most_per_call": 51}, "most_per_call"),
        ({"keep_days": 0}, "keep_days"),
        ({"channels": "outbox"}, "channels"),
        ({"channels": ["outbox", "outbox"]}, "channels"),
        ({"channels": ["two words"]}, "channels[0]"),
        ({"summary_to": "everybody"}, "summary_to"),
        ({"reminders": [{"hours_before": 0}]}, "reminders[0].hours_before"),
        ({"reminders": [{"days_before": 1, "at": "8"}]}, "reminders[0].at"),
        ({"reminders": [{"hours_before": 2}, {"weeks": 1}]}, "reminders[1]"),
        ({"reminders": [{"hours_before": 2}, {"hours_before": 2}]}, "reminders"),
    ],
)
def test_a_bad_field_is_named(raw: dict[str, Any], field: str) -> None:
    with pytest.raises(PolicyError) as refused:
        MessagingRules.from_json(raw)
    assert refused.value.field == field


def test_a_row_that_no_longer_reads_falls_back() -> None:
    assert rules_of({"of_a_later_release": 1}) == MessagingRules()
    assert rules_of({"reminders": []}).reminders == ()
    assert ReminderRule(hours_before=3).name == "3h"
