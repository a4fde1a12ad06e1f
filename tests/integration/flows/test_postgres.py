"""The same flows on PostgreSQL: the same transaction, the same takeover.

Skipped where its server is not installed.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from flow_desk import confirmed_at_once
from flow_office import Office
from tests.postgres_server import postgres_server, programs

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    if programs() is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    pytest.importorskip("asyncpg")
    with postgres_server() as url:
        yield url


@pytest.fixture
async def office(tmp_path: Path, postgres_url: str) -> AsyncIterator[Office]:
    office = Office(tmp_path, postgres_url)
    await office.open()
    yield office
    await office.aclose()
    await office.sql("DROP SCHEMA IF EXISTS dbos CASCADE")
    await office.sql("DROP SCHEMA public CASCADE")
    await office.sql("CREATE SCHEMA public")


async def test_a_booking_is_confirmed(office: Office) -> None:
    await office.hire().start()
    await office.call()
    await office.book()
    await office.end_call()

    messages = await office.settled(2)

    assert {m.kind for m in messages} == {"confirmation", "call_summary"}
    assert {m.state for m in messages} == {"recorded"}


async def test_a_rolled_back_transaction_leaves_nothing(office: Office) -> None:
    await office.hire().prepare()
    await office.call()

    with pytest.raises(ZeroDivisionError):
        await office.fail_to_end_call()
    assert await office.flows() == []

    await office.end_call()
    assert await office.flows() == ["summarise_call:call.ended:call_1"]


async def test_flows_of_a_dead_process_are_taken_over(office: Office) -> None:
    await office.hire().prepare()
    await office.call()
    await office.end_call()
    await office.sql("UPDATE workflow_status SET status = 'PENDING', executor_id = 'ghost'")
    await office.hire().start()

    (message,) = await office.settled(1)

    assert message.state == "recorded"


async def test_flows_at_once_share_one_limit(office: Office) -> None:
    await office.call()
    await confirmed_at_once(office, messages=8)
