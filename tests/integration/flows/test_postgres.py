"""The same flows on PostgreSQL: the same transaction, the same takeover.

Skipped where its server is not installed.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from flow_office import Office

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A cluster of our own, reached by a socket in its own directory. It refuses to be root."""
    initdb, pg_ctl = shutil.which("initdb"), shutil.which("pg_ctl")
    if initdb is None or pg_ctl is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    pytest.importorskip("asyncpg")
    home = Path(tempfile.mkdtemp(prefix="dalpak-flows-pg-"))
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        os.chown(home, account.pw_uid, account.pw_gid)
        as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def run(*command: object) -> None:
        words = [str(word) for word in command]
        subprocess.run(
            words, cwd=home, stdout=subprocess.DEVNULL, timeout=60, check=True, **as_user
        )

    data = home / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
    try:
        run(initdb, "-D", data, "-U", "dalpak", "-A", "trust", "-N", "-E", "UTF8", "--no-locale")
        run(pg_ctl, "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://dalpak@/postgres?host={home}"
        finally:
            run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)


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
