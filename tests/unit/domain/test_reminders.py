"""When a reminder is due: never in quiet time, never too late, once for each rule and start."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.domain.messaging import MessagingRules, ReminderRule
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.reminders import (
    JUST_TOLD,
    LEAST_LEAD,
    due_at,
    due_reminder,
    horizon,
    quiet_since,
    quiet_until,
)

pytestmark = pytest.mark.unit

ZONE = ZoneInfo("Asia/Jerusalem")
DAY_BEFORE, HOURS = ReminderRule(days_before=1), ReminderRule(hours_before=3)
REST = MessagingRules(quiet_shabbat=True, quiet_holidays=True)
NONE = MessagingRules(quiet_hours=None)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
RULES = st.builds(
    MessagingRules,
    quiet_hours=st.none()
    | st.tuples(st.integers(0, 1439), st.integers(0, 1439)).filter(lambda e: e[0] != e[1]),
    quiet_shabbat=st.booleans(),
    quiet_holidays=st.booleans(),
    reminders=st.just((DAY_BEFORE, HOURS)),
)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 29)


def visit(start: datetime, *, booked: datetime, status: AppointmentStatus) -> Appointment:
    return Appointment(
        "a", "b", "r", "s", start, start + timedelta(minutes=30), status, None, None, "n", "+1",
        None, booked, updated_at=booked,
    )  # fmt: skip


def test_the_day_before_is_a_wall_time() -> None:
    assert due_at(DAY_BEFORE, at(SUNDAY, 10), NONE, ZONE) == at(SATURDAY, 18)
    # The night of the clock change has 25 hours.
    autumn = date(2026, 10, 25)
    assert due_at(DAY_BEFORE, at(autumn, 10), NONE, ZONE) == at(date(2026, 10, 24), 18)
    assert due_at(HOURS, at(SUNDAY, 10), NONE, ZONE) == at(SUNDAY, 7)


def test_after_the_night_or_before_it() -> None:
    rules = MessagingRules()
    assert due_at(HOURS, at(SUNDAY, 10), rules, ZONE) == at(SUNDAY, 8)
    assert due_at(HOURS, at(SUNDAY, 8, 30), rules, ZONE) == at(SATURDAY, 20, 59)


def test_shabbat_is_kept_by_those_who_say_so() -> None:
    start = at(SUNDAY, 8, 0)
    assert due_at(DAY_BEFORE, start, NONE, ZONE) == at(SATURDAY, 18)
    # Rest until nine in the evening, then the night: before Friday's candle lighting.
    assert due_at(DAY_BEFORE, start, REST, ZONE) == at(FRIDAY, 14, 59)
    assert due_at(DAY_BEFORE, at(SUNDAY, 10), REST, ZONE) == at(SUNDAY, 8)


def test_two_days_of_rosh_hashana_and_shabbat_are_one_stretch() -> None:
    # 2028: Thursday and Friday, with Shabbat after them.
    eve, shabbat = date(2028, 9, 20), date(2028, 9, 23)
    noon = at(date(2028, 9, 22), 12)
    assert quiet_since(REST, ZONE, noon) == at(eve, 15)
    assert quiet_until(REST, ZONE, noon) == at(shabbat + timedelta(days=1), 8)


@given(RULES, INSTANTS)
def test_quiet_time_ends_where_it_is_not_quiet(rules: MessagingRules, now: datetime) -> None:
    end, since = quiet_until(rules, ZONE, now), quiet_since(rules, ZONE, now)
    assert (end is None) == (since is None)
    if end is None or since is None:
        return
    assert since <= now < end
    everlasting = end - now > timedelta(days=7)
    assert everlasting or quiet_until(rules, ZONE, end) is None


@given(RULES, INSTANTS, st.sampled_from([DAY_BEFORE, HOURS]))
def test_a_reminder_is_due_in_time_and_never_in_quiet_time(
    rules: MessagingRules, start: datetime, rule: ReminderRule
) -> None:
    due = due_at(rule, start, rules, ZONE)
    if due is None:
        return
    assert due <= start - LEAST_LEAD
    assert quiet_until(rules, ZONE, due) is None
    assert start - due <= horizon(rules)


@given(RULES, INSTANTS, st.floats(0, 10 * 86400), st.floats(0, 12 * 86400))
def test_what_is_sent_now_may_be_sent_now(
    rules: MessagingRules, start: datetime, booked_s: float, now_s: float
) -> None:
    booked = start - timedelta(seconds=booked_s)
    now = start - timedelta(seconds=now_s)
    row = visit(start, booked=booked, status=AppointmentStatus.BOOKED)
    found = due_reminder(row, rules, ZONE, now)
    if found is None:
        return
    assert booked + JUST_TOLD < found.at <= now <= start - LEAST_LEAD
    assert quiet_until(rules, ZONE, now) is None


@pytest.mark.parametrize("status", [s for s in AppointmentStatus if s != "booked"])
def test_only_a_visit_that_stands_is_reminded(status: AppointmentStatus) -> None:
    booked = at(FRIDAY, 8)
    row = visit(at(SUNDAY, 10), booked=booked, status=status)
    assert due_reminder(row, NONE, ZONE, at(SUNDAY, 8)) is None


def test_who_just_booked_has_just_been_told() -> None:
    start = at(SUNDAY, 10)
    late = visit(start, booked=at(SUNDAY, 6, 45), status=AppointmentStatus.BOOKED)
    assert due_reminder(late, NONE, ZONE, at(SUNDAY, 8)) is None
    early = visit(start, booked=at(SUNDAY, 6, 15), status=AppointmentStatus.BOOKED)
    due = due_reminder(early, NONE, ZONE, at(SUNDAY, 8))
    assert due is not None
    assert due.rule == "3h"


def test_after_an_outage_the_last_reminder_counts() -> None:
    row = visit(at(SUNDAY, 10), booked=at(FRIDAY, 8), status=AppointmentStatus.BOOKED)
    due = due_reminder(row, NONE, ZONE, at(SUNDAY, 8))
    assert due is not None
    assert due.rule == "3h"
    assert due_reminder(row, NONE, ZONE, at(SUNDAY, 9, 30)) is None
