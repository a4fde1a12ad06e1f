"""Reading a policy: what is refused, by which name; and which hours a date has."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.domain.policy import HolidayRule, Policy, windows_on
from dalpak.domain.walltime import WEEKDAYS
from dalpak.errors import PolicyError

pytestmark = pytest.mark.unit

GOOD = {
    "timezone": "Asia/Jerusalem",
    "allow_24_7": False,
    "slot_size_min": 20,
    "opening_hours_json": {
        "sun": [["09:00", "13:00"], ["12:00", "14:00"], ["16:00", "24:00"]],
        "fri": [["08:00", "13:00"]],
        "sat": [],
    },
    "exceptions": {"2026-12-01": [], "12-25": [["10:00", "12:00"]], "02-29": []},
    "holidays": {"rest_days": "closed", "eves": "short", "erev_pesach": "closed"},
    "short_day_hours_json": [["08:00", "12:00"]],
    "min_notice_min": 120,
    "booking_window_days": 30,
    "require_phone_before_booking": False,
    "per_day_cap": None,
    "capacity": 2,
    "grid_anchor": "clock",
}


def test_it_reads_the_operators_words() -> None:
    policy = Policy.from_json(GOOD)
    assert policy.opening_hours["sun"] == ((540, 840), (960, 1440))
    assert policy.holidays["yom_kippur"] is HolidayRule.CLOSED
    assert policy.holidays["erev_sukkot"] is HolidayRule.SHORT
    assert policy.holidays["erev_pesach"] is HolidayRule.CLOSED
    assert (policy.slot_size_min, policy.min_notice_min, policy.capacity) == (20, 120, 2)


def test_what_is_written_reads_the_same() -> None:
    policy = Policy.from_json(GOOD)
    assert Policy.from_json(policy.to_json()) == policy
    assert Policy.from_json({}) == Policy()
    assert Policy.from_json(Policy().to_json()) == Policy()


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("opening_hours_json.sun[0]", {"opening_hours_json": {"sun": [["08:00", "07:00"]]}}),
        ("opening_hours_json.sun[1]", {"opening_hours_json": {"sun": [["08:00", "09:00"], 5]}}),
        ("opening_hours_json.sun[0]", {"opening_hours_json": {"sun": [["8:00", "09:00"]]}}),
        ("opening_hours_json.sun[0]", {"opening_hours_json": {"sun": [["08:00", "24:01"]]}}),
        ("opening_hours_json.sun[0]", {"opening_hours_json": {"sun": [["08:00"]]}}),
        ("opening_hours_json.sun", {"opening_hours_json": {"sun": "08:00-09:00"}}),
        ("opening_hours_json.sunday", {"opening_hours_json": {"sunday": []}}),
        ("opening_hours_json", {"opening_hours_json": []}),
        ("exceptions.2026-02-30", {"exceptions": {"2026-02-30": []}}),
        ("exceptions.1-1", {"exceptions": {"1-1": []}}),
        ("exceptions.12-25[0]", {"exceptions": {"12-25": [["10:00", "10:00"]]}}),
        ("holidays.xmas", {"holidays": {"xmas": "closed"}}),
        ("holidays.purim", {"holidays": {"purim": "open"}}),
        ("slot_size_min", {"slot_size_min": 0}),
        ("slot_size_min", {"slot_size_min": True}),
        ("slot_size_min", {"slot_size_min": 15.0}),
        ("min_notice_min", {"min_notice_min": -1}),
        ("booking_window_days", {"booking_window_days": "60"}),
        ("booking_window_days", {"booking_window_days": None}),
        ("capacity", {"capacity": 0}),
        ("allow_24_7", {"allow_24_7": 1}),
        ("grid_anchor", {"grid_anchor": "noon"}),
        ("timezone", {"timezone": "Jerusalem"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": None}),
        ("slot_size", {"slot_size": 15}),
    ],
)
def test_a_bad_policy_names_its_field(field: str, bad: dict[str, object]) -> None:
    with pytest.raises(PolicyError) as refused:
        Policy.from_json(bad)
    assert refused.value.field == field
    assert refused.value.expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "junk"]), json_values, max_size=4))
def test_nothing_but_a_policy_error_ever_comes_out(raw: dict[str, object]) -> None:
    try:
        policy, blamed = Policy.from_json(raw), ""
    except PolicyError as refused:
        policy, blamed = Policy(), refused.field
    assert not blamed or any(blamed.startswith(key) for key in raw)
    assert Policy.from_json(policy.to_json()) == policy


def test_exception_by_date_beats_recurring_beats_weekday() -> None:
    policy = Policy.from_json(
        {
            "opening_hours_json": {d: [["09:00", "17:00"]] for d in WEEKDAYS},
            "exceptions": {"12-25": [], "2026-12-25": [["10:00", "11:00"]]},
        }
    )
    assert windows_on(policy, date(2026, 12, 24)) == ((540, 1020),)
    assert windows_on(policy, date(2027, 12, 25)) == ()
    assert windows_on(policy, date(2026, 12, 25)) == ((600, 660),)


def test_open_around_the_clock_still_closes_on_its_exceptions() -> None:
    policy = Policy.from_json({"allow_24_7": True, "exceptions": {"2026-12-25": []}})
    assert windows_on(policy, date(2026, 12, 24)) == ((0, 1440),)
    assert windows_on(policy, date(2026, 12, 25)) == ()


YOM_KIPPUR, EREV_YOM_KIPPUR, EREV_SUKKOT = (
    date(2026, 9, 21),
    date(2026, 9, 20),
    date(2026, 9, 25),
)


def test_holidays_close_or_shorten_and_never_open() -> None:
    policy = Policy.from_json(GOOD)
    assert windows_on(policy, EREV_YOM_KIPPUR) == ((540, 720),)
    assert windows_on(policy, EREV_SUKKOT) == ((480, 720),)
    every_day = replace(policy, opening_hours=dict.fromkeys(WEEKDAYS, ((540, 1020),)))
    assert windows_on(every_day, YOM_KIPPUR) == ()
    assert windows_on(replace(every_day, holidays={}), YOM_KIPPUR) == ((540, 1020),)
    never = replace(policy, opening_hours={}, holidays={"yom_kippur": HolidayRule.SHORT})
    assert windows_on(never, YOM_KIPPUR) == ()
    dated = replace(every_day, exceptions={"2026-09-21": ((600, 660),)})
    assert windows_on(dated, YOM_KIPPUR) == ((600, 660),)
