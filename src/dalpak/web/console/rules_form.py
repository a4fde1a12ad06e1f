"""A business's rules of writing as the fields of a form, and back. Pure.

What a rule may be is checked in `domain/messaging.py`; the words of the page are in its template and
in `rules_words.py`.
"""

import re
from collections.abc import Mapping

from dalpak.domain.messaging import MAX_REMINDERS, MessagingRules, ReminderRule
from dalpak.domain.walltime import clock_text
from dalpak.errors import PolicyError

Fields = dict[str, str]
"""By name, as a browser sends them; a box that is not ticked is not there."""

LEAST_CHANNELS = 3
"""Places for messengers, one after the other; more where more are saved."""
TICKED = "1"
BOXES = ("quiet_shabbat", "quiet_holidays", "waitlist_offers")
NUMBERS = ("waitlist_hold_min", "most_per_hour", "most_per_call", "most_to_others", "keep_days")
CLOCKS = ("rest_from", "rest_to")
USUAL_QUIET = (21 * 60, 8 * 60)
"""What stands beside the box while a business has no quiet hours."""
USUAL_REMINDER_AT = 18 * 60
LONGEST = 64
"""Characters of one field; a longer one is nobody's typing."""

_SHORT_CLOCK = re.compile(r"\d:\d\d", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)


def fields_of(rules: MessagingRules) -> Fields:
    """What the form shows."""
    quiet = rules.quiet_hours or USUAL_QUIET
    fields = {
        "summary_to": rules.summary_to,
        "consent_required": TICKED if rules.consent_required else "",
        "quiet_from": clock_text(quiet[0]),
        "quiet_to": clock_text(quiet[1]),
    }
    if rules.quiet_hours is not None:
        fields["quiet"] = TICKED
    fields |= {name: str(getattr(rules, name)) for name in NUMBERS}
    fields |= {name: clock_text(getattr(rules, name)) for name in CLOCKS}
    fields |= {name: TICKED for name in BOXES if getattr(rules, name)}
    for n in range(max(LEAST_CHANNELS, len(rules.channels))):
        fields[f"channels.{n}"] = rules.channels[n] if n < len(rules.channels) else ""
    for n in range(MAX_REMINDERS):
        known = rules.reminders[n] if n < len(rules.reminders) else None
        fields |= _reminder_fields(f"reminders.{n}", known)
    return fields


def _reminder_fields(name: str, rule: ReminderRule | None) -> Fields:
    kind = number = at = ""
    if rule is not None and rule.days_before is not None:
        kind, number, at = "days_before", str(rule.days_before), clock_text(rule.at)
    elif rule is not None:
        kind, number = "hours_before", str(rule.hours_before)
    return {f"{name}.kind": kind, f"{name}.number": number, f"{name}.at": at}


def given_of(form: Mapping[str, object]) -> Fields:
    """What was filled in, each value bounded and without the blanks around it."""
    return {str(name): str(value).strip()[:LONGEST] for name, value in form.items()}


def raw_of(fields: Fields) -> dict[str, object]:
    """The rules as JSON, unchecked: a number that is none is passed on as it was written."""
    raw: dict[str, object] = {
        "channels": [fields[name] for name in _numbered(fields, "channels") if fields[name]],
        "summary_to": fields.get("summary_to", ""),
        "consent_required": fields.get("consent_required") == TICKED,
        "reminders": [_reminder(fields, row) for row in _rows(fields)],
        "quiet_hours": None,
    }
    if fields.get("quiet") == TICKED:
        raw["quiet_hours"] = [_clock(fields, "quiet_from"), _clock(fields, "quiet_to")]
    raw |= {name: fields.get(name) == TICKED for name in BOXES}
    raw |= {name: _number(fields, name) for name in NUMBERS}
    raw |= {name: _clock(fields, name) for name in CLOCKS}
    return raw


def place_of(fault: PolicyError, fields: Fields) -> str:
    """The name of the form's field that a fault is about."""
    head, _, rest = fault.field.partition("]")
    key, _, index = head.partition("[")
    match key:
        case "channels":
            return "channels.0"
        case "quiet_hours":
            return "quiet_from"
        case "reminders":
            # Rows that are left out are no reminders: the third row may be the second one.
            row = _rows(fields)[int(index or 0)]
            return f"reminders.{row}.at" if rest == ".at" else f"reminders.{row}.number"
        case _:
            return key


def _numbered(fields: Fields, name: str) -> list[str]:
    found = (re.fullmatch(rf"{name}\.(\d)", field, re.ASCII) for field in fields)
    return [match[0] for match in sorted(filter(None, found), key=lambda m: int(m[1]))]


def _rows(fields: Fields) -> list[int]:
    """Rows in which a reminder stands."""
    return [n for n in range(MAX_REMINDERS) if fields.get(f"reminders.{n}.kind")]


def _reminder(fields: Fields, row: int) -> dict[str, object]:
    name = f"reminders.{row}"
    kind = fields[f"{name}.kind"]
    rule = {kind: _number(fields, f"{name}.number")}
    if kind == "days_before":
        at = _clock(fields, f"{name}.at")
        return {**rule, "at": at or clock_text(USUAL_REMINDER_AT)}
    return rule


def _number(fields: Fields, name: str) -> object:
    text = fields.get(name, "")
    return int(text) if _WHOLE.fullmatch(text) else text


def _clock(fields: Fields, name: str) -> str:
    """`8:00` is what people write."""
    text = fields.get(name, "")
    return f"0{text}" if _SHORT_CLOCK.fullmatch(text) else text
