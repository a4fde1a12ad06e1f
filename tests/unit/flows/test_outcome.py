"""A step's failure becomes a value without a word of what failed."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.errors import ProviderError
from dalpak.flows.desk import Poison
from dalpak.flows.runner import outcome

pytestmark = pytest.mark.unit


async def raising(fault: Exception) -> None:
    raise fault


async def test_a_result_is_kept() -> None:
    async def work() -> dict[str, str]:
        return {"id": "msg_1"}

    assert await outcome("s", work, 1.0) == {"value": {"id": "msg_1"}}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Poison("no_such_call"), {"code": "no_such_call", "cause": "poison"}),
        (
            ProviderError("http_503", retry_after_s=120.0),
            {"code": "http_503", "cause": "provider", "retry_after_s": 120.0},
        ),
        (
            ProviderError("refused", retryable=False),
            {"code": "refused", "cause": "poison", "retry_after_s": 0.0},
        ),
        (KeyError("x"), {"code": "KeyError", "cause": "fault"}),
    ],
)
async def test_causes(fault: Exception, expected: dict[str, object]) -> None:
    assert await outcome("s", lambda: raising(fault), 1.0) == expected


@given(st.text(min_size=12), st.sampled_from([ValueError, OSError, RuntimeError, UnicodeError]))
def test_what_an_exception_says_is_not_repeated(text: str, kind: type[Exception]) -> None:
    found = asyncio.run(outcome("s", lambda: raising(kind(text)), 1.0))

    assert found == {"code": kind.__name__, "cause": "fault"}


async def test_a_step_that_hangs_is_a_fault() -> None:
    async def hang() -> None:
        await asyncio.Event().wait()

    found = await outcome("s", hang, 0.001)

    assert found == {"code": "TimeoutError", "cause": "fault"}


async def test_stopping_is_not_a_failure_of_the_step() -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await outcome("s", cancelled, 1.0)
