"""The tasks of an adapter: their faults reach somebody, and closing never waits for ever."""

import asyncio

import pytest
from structlog.testing import capture_logs

from dalpak.clock import run_virtual
from dalpak.services.tasks import CLOSE_S, Tasks

pytestmark = pytest.mark.unit


async def wrong() -> None:
    raise ZeroDivisionError


def test_a_fault_goes_to_who_asked_for_it_or_else_to_the_log() -> None:
    async def main() -> list[BaseException]:
        tasks, told = Tasks("acme"), []
        tasks.spawn(wrong(), name="reader", on_fault=told.append)
        tasks.spawn(wrong(), name="writer")
        tasks.spawn(asyncio.Event().wait(), name="cancelled").cancel()
        await asyncio.wait({tasks.spawn(asyncio.Event().wait(), name="last")}, timeout=0.1)
        assert tasks.running == 1
        await tasks.aclose()
        return told

    with capture_logs() as logs:
        told = run_virtual(main())
    assert [type(fault) for fault in told] == [ZeroDivisionError]
    assert [(line["event"], line["owner"], line["part"]) for line in logs] == [
        ("adapter_fault", "acme", "writer")
    ]


def test_closing_ends_what_can_be_ended_and_tells_of_the_rest() -> None:
    async def stubborn(go: asyncio.Event) -> None:
        while not go.is_set():
            try:
                await go.wait()
            except asyncio.CancelledError:
                continue

    async def main() -> float:
        loop, go, tasks = asyncio.get_running_loop(), asyncio.Event(), Tasks("acme")
        quick = tasks.spawn(asyncio.Event().wait(), name="quick")
        left = tasks.spawn(stubborn(go), name="stubborn")
        await asyncio.wait({left}, timeout=0.1)
        began = loop.time()
        await tasks.aclose()
        took = loop.time() - began
        assert quick.cancelled()
        assert not left.done()
        go.set()
        await left
        return took

    with capture_logs() as logs:
        assert run_virtual(main()) == pytest.approx(CLOSE_S)
    assert [(line["event"], line["count"]) for line in logs] == [("tasks_abandoned", 1)]
