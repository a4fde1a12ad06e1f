"""The adapter between the language port and the vocabulary of the phrase files."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dalpak.language.base import (
    Answer,
    Asked,
    HearingContext,
    Intent,
    PartOfDay,
    Preference,
    Understood,
)
from dalpak.language.meaning import context_of, hours_of, meaning

pytestmark = pytest.mark.unit

ZONE = "Asia/Jerusalem"
NOW = datetime(2026, 11, 22, 10, 15, tzinfo=ZoneInfo(ZONE))


def here(**more: Any) -> HearingContext:
    return HearingContext(now=NOW, **more)


def test_nothing_understood_is_an_empty_meaning() -> None:
    assert meaning(Understood("?"), here()) == {}


def test_everything_has_its_key() -> None:
    u = Understood(
        "…",
        intent=Intent.BOOK,
        when_date=date(2026, 12, 4),
        date_alternatives=(date(2026, 11, 27),),
        date_range=(date(2026, 12, 1), date(2026, 12, 5)),
        when_time=time(15, 30),
        time_candidates=(time(3, 30), time(15, 30)),
        window=(time(15), None),
        part_of_day=PartOfDay.NOON,
        choice=-1,
        name="Dana",
        phone="0544567890",
        phone_valid=True,
        own_number=True,
        excluded_weekdays=("fri",),
        preference=Preference.LATER,
        shift_days=7,
        party_size=2,
        service_heard="cut",
        staff_heard="Moshe",
    )
    offered = (NOW, NOW, NOW)
    assert meaning(u, here(offered=offered)) == {
        "intent": "book",
        "date": "2026-12-04",
        "alternatives": ["2026-11-27"],
        "date_range": ["2026-12-01", "2026-12-05"],
        "time": "15:30",
        "time_candidates": ["03:30", "15:30"],
        "window": ["15:00", None],
        "part_of_day": "noon",
        "chosen_index": 2,
        "name": "Dana",
        "phone": "0544567890",
        "phone_valid": True,
        "phone_source": "caller_id",
        "exclude_weekdays": ["fri"],
        "preference": "later",
        "shift_days": 7,
        "party_size": 2,
        "service": "cut",
        "staff": "Moshe",
        "utc": "2026-12-04T13:30:00Z",
    }


def test_intent_goes_before_the_answer() -> None:
    assert meaning(Understood("", answer=Answer.DENY), here()) == {"intent": "deny"}
    both = Understood("", answer=Answer.DENY, intent=Intent.CANCEL)
    assert meaning(both, here()) == {"intent": "cancel"}


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        (date(2027, 3, 26), time(10), {"utc": "2027-03-26T07:00:00Z"}),
        (date(2027, 3, 26), time(2, 30), {"invalid": "nonexistent_local_time"}),
        (
            date(2027, 10, 31),
            time(1, 30),
            {"utc": "2027-10-30T22:30:00Z", "ambiguous_local_time": True},
        ),
    ],
)
def test_instants_around_the_clock_changes(day: date, at: time, expected: dict[str, Any]) -> None:
    got = meaning(Understood("", when_date=day, when_time=at), here())
    assert {k: v for k, v in got.items() if k not in ("date", "time")} == expected


def test_hours_of_a_table() -> None:
    table = {
        "sun-thu": ["08:00", "20:00"],
        "fri": [["08:00", "10:00"], ["11:00", "24:00"]],
        "sat": None,
    }
    hours = hours_of(table)
    assert hours["wed"] == ((time(8), time(20)),)
    assert hours["fri"] == ((time(8), time(10)), (time(11), time(0)))
    assert hours["sat"] == ()


@pytest.mark.parametrize(
    "table", [{"sunday": ["08:00", "20:00"]}, {"sun": "08:00"}, {"sun": ["8", "x"]}]
)
def test_wrong_hours_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        hours_of(table)


def test_context_of_a_case() -> None:
    case = {
        "ref": "2027-03-25T12:00:00+02:00",
        "context": {"asked": "choose", "offered": ["2027-03-26T10:00"]},
        "hours": {"sun-sat": ["00:00", "24:00"]},
    }
    context = context_of(case, now=NOW, timezone=ZONE)
    assert context.asked is Asked.CHOICE
    assert context.now.isoformat() == "2027-03-25T12:00:00+02:00"
    assert context.offered[0].isoformat() == "2027-03-26T10:00:00+03:00"
    assert context.hours["sat"] == ((time(0), time(0)),)
    assert context_of({}, now=NOW, timezone=ZONE).now == NOW
