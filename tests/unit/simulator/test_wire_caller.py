"""The errands of simulated callers: spread over days and times, and no real person's number."""

import pytest

from dalpak.domain.phones import parse_phone
from dalpak.simulator.wire_caller import DAYS_USED, PHONES, errand

pytestmark = pytest.mark.unit

PEOPLE = 4 * DAYS_USED


def test_the_first_caller_takes_the_second_day_and_the_first_time() -> None:
    assert errand(0).keys == ("2", "1", "0559000000#", "1")
    assert errand(7, first_phone=5).keys == ("3", "4", "0559000012#", "1")


def test_later_days_are_further_pages_of_the_menu() -> None:
    assert errand(8).keys[0] == "91"
    assert errand(20).keys[0] == "991"


def test_as_many_callers_as_there_are_places_want_different_ones() -> None:
    wanted = {errand(n).keys[:2] for n in range(PEOPLE)}

    assert len(wanted) == PEOPLE
    assert errand(PEOPLE).keys[:2] == errand(0).keys[:2]


def test_numbers_can_be_keyed_are_different_and_belong_to_nobody() -> None:
    numbers = [errand(n, first_phone=PHONES - 10).phone for n in range(1000)]
    parsed = [parse_phone(number) for number in numbers]

    assert len(set(numbers)) == 1000
    assert all(p is not None and p.mobile and not p.plausible for p in parsed)
