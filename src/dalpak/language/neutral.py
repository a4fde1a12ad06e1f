"""The parts of a language that know no language: days, weeks, readings of an hour, telephone plans.

One door to them for every language but Hebrew, which was the first and still houses them. Nothing
is defined here, and nothing that compares words may be added.
"""

from dalpak.language.he.hearing.calendar_math import (
    MAX_DAYS_AHEAD,
    WEEKDAYS,
    add_months,
    add_months_to,
    last_weekday,
    make,
    month_end,
    next_day_and_month,
    next_day_of_month,
    next_month,
    next_weekday,
    nth_weekday,
    week_start,
    weekday_from,
    weekday_of,
)
from dalpak.language.he.hearing.choices import read_choice
from dalpak.language.he.hearing.combine import When
from dalpak.language.he.hearing.durations import Duration
from dalpak.language.he.hearing.hebrew_calendar import Holiday, next_feast, next_holiday
from dalpak.language.he.hearing.leaving import Parting, on_leaving
from dalpak.language.he.hearing.merge import merge_days
from dalpak.language.he.hearing.nodes import (
    Body,
    Clock,
    Day,
    Impossible,
    Match,
    Moment,
    Node,
    Part,
    Pick,
    Range,
    Recipe,
    Window,
)
from dalpak.language.he.hearing.phones import fits_plan, is_valid, national
from dalpak.language.he.hearing.polarity import Axis, Value, axis_of
from dalpak.language.he.hearing.proposed import as_proposed
from dalpak.language.he.hearing.resolve import start_time, window_times
from dalpak.language.he.templates import Template

__all__ = [
    "MAX_DAYS_AHEAD",
    "WEEKDAYS",
    "Axis",
    "Body",
    "Clock",
    "Day",
    "Duration",
    "Holiday",
    "Impossible",
    "Match",
    "Moment",
    "Node",
    "Part",
    "Parting",
    "Pick",
    "Range",
    "Recipe",
    "Template",
    "Value",
    "When",
    "Window",
    "add_months",
    "add_months_to",
    "as_proposed",
    "axis_of",
    "fits_plan",
    "is_valid",
    "last_weekday",
    "make",
    "merge_days",
    "month_end",
    "national",
    "next_day_and_month",
    "next_day_of_month",
    "next_feast",
    "next_holiday",
    "next_month",
    "next_weekday",
    "nth_weekday",
    "on_leaving",
    "read_choice",
    "start_time",
    "week_start",
    "weekday_from",
    "weekday_of",
    "window_times",
]
