"""When a failed flow runs again, and when it does not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.flows.desk import Poison, StepFailed, id_of
from dalpak.flows.retries import FlowLimits, retry_wait_s

pytestmark = pytest.mark.unit

LIMITS = FlowLimits()
PROVIDER = StepFailed("send", "http_503", "provider")
FAULT = StepFailed("send", "OSError", "fault")


def waits(failure: Exception) -> list[float]:
    found: list[float] = []
    while (wait_s := retry_wait_s(failure, len(found) + 1, LIMITS)) is not None:
        found.append(wait_s)
    return found


def test_a_provider_may_be_down_for_a_day() -> None:
    assert 24 * 3600 <= sum(waits(PROVIDER)) <= 25 * 3600


@pytest.mark.parametrize("failure", [FAULT, ValueError("outside of any step")])
def test_a_fault_of_ours_is_given_a_minute(failure: Exception) -> None:
    assert 30 <= sum(waits(failure)) <= 120


@pytest.mark.parametrize("failure", [Poison("no_such_call"), StepFailed("send", "x", "poison")])
def test_poison_is_never_retried(failure: Exception) -> None:
    assert waits(failure) == []


def wishing(seconds: float) -> StepFailed:
    return StepFailed("send", "rate_limited", "provider", seconds)


def test_a_providers_wish_is_heeded_up_to_an_hour() -> None:
    assert retry_wait_s(wishing(120.0), 1, LIMITS) == 120.0
    assert retry_wait_s(wishing(7200.0), 1, LIMITS) == 3600.0
    assert retry_wait_s(wishing(1.0), 5, LIMITS) == retry_wait_s(PROVIDER, 5, LIMITS) == 32.0
    assert retry_wait_s(wishing(1.0), LIMITS.provider_attempts, LIMITS) is None


@given(st.floats(0, 1e12), st.integers(1, 152))
def test_a_wish_never_makes_the_next_try_sooner_nor_endlessly_late(
    wish_s: float, failed: int
) -> None:
    ours, wished = (
        retry_wait_s(PROVIDER, failed, LIMITS),
        retry_wait_s(wishing(wish_s), failed, LIMITS),
    )
    assert ours is not None
    assert wished is not None
    assert ours <= wished <= max(ours, LIMITS.longest_wish_s)


@given(
    st.sampled_from([PROVIDER, FAULT]),
    st.integers(1, 10_000),
    st.floats(0.01, 60),
    st.floats(1, 9e3),
)
def test_waits_grow_and_stay_bounded(
    failure: Exception, attempt: int, first_s: float, longest_s: float
) -> None:
    limits = FlowLimits(
        first_retry_s=first_s,
        longest_retry_s=longest_s,
        provider_attempts=20_000,
        fault_attempts=20_000,
    )
    now = retry_wait_s(failure, attempt, limits)
    then = retry_wait_s(failure, attempt + 1, limits)
    assert now is not None
    assert then is not None
    assert 0 < now <= then <= longest_s


@given(st.dictionaries(st.text(max_size=20), st.none() | st.integers() | st.text()))
def test_a_payload_gives_an_id_or_poison(payload: Any) -> None:
    for name in [*payload, "call_id"]:
        value = payload.get(name)
        if isinstance(value, str) and value:
            assert id_of(payload, name) == value
        else:
            with pytest.raises(Poison, match="no_"):
                id_of(payload, name)
