"""Every fault of a call ends in its supervisor."""

import asyncio

import pytest

from dalpak.clock import SystemClock
from dalpak.runtime.supervise import Supervisor

pytestmark = pytest.mark.unit


async def _boom() -> None:
    raise ValueError("boom")


async def test_a_fault_is_counted_and_told_but_never_raised() -> None:
    owner, told = Supervisor("call"), []
    await owner.spawn(_boom(), name="part", on_fault=told.append)
    assert owner.faults == 1
    assert [str(fault) for fault in told] == ["boom"]


async def test_a_fault_in_the_teller_is_contained_too() -> None:
    owner = Supervisor("call")

    def worse(_fault: Exception) -> None:
        raise KeyError("worse")

    await owner.spawn(_boom(), name="part", on_fault=worse)
    assert owner.faults == 2


async def test_guard_returns_the_value_or_none() -> None:
    owner = Supervisor("call")
    assert owner.guard("sum", lambda a, b: a + b, 2, 3) == 5
    assert owner.guard("part", lambda: 1 / 0) is None
    assert owner.faults == 1


async def test_nothing_runs_after_close() -> None:
    owner, running = Supervisor("call"), asyncio.Event()
    task = owner.spawn(running.wait(), name="waits for ever")
    await SystemClock().sleep(0)
    assert owner.running == 1
    await owner.aclose()
    assert task.cancelled()
    assert (owner.running, owner.abandoned) == (0, 0)
