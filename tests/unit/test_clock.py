"""Clocks: whose moment they tell, and that they run."""

from datetime import UTC, datetime, timedelta

import pytest

from dalpak.clock import PinnedClock, SystemClock

pytestmark = pytest.mark.unit

MOMENT = datetime(2020, 2, 29, 8, tzinfo=UTC)


def test_a_pinned_clock_runs_from_its_moment_on() -> None:
    before = SystemClock().now()
    clock = PinnedClock(MOMENT)
    first, second = clock.now(), clock.now()
    passed = SystemClock().now() - before

    assert timedelta() <= first - MOMENT <= passed
    assert timedelta() <= second - first <= passed
