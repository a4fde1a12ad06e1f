"""Several processes on one database: still one winner, one migration, one server."""

import subprocess
import sys
from pathlib import Path

import pytest
from store_kit import SALON

from dalpak.store.engines import acquire_process_lock, sqlite_path
from dalpak.store.migrate import HEAD, schema_version
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

HERE = Path(__file__).parent
SRC = HERE.parents[2] / "src"


def start(*arguments: str) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": f"{SRC}:{HERE}", "PATH": "/usr/bin:/bin"}
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


def result(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate("go\n", timeout=60)
    assert process.returncode == 0
    return out.strip()


async def test_two_processes_with_twenty_five_callers_each_one_wins(
    store: SqlStore, url: str
) -> None:
    contenders = [start(str(HERE / "contender.py"), url, name, "25") for name in ("a", "b")]
    for process in contenders:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in contenders:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sum(int(result(process)) for process in contenders) == 1
    async with store.reading(SALON) as db:
        (service, *_rest) = await db.services()
    assert service.id == "cut"


MIGRATE = """
import sys
from dalpak.store.migrate import migrate
print("ready", flush=True); sys.stdin.readline(); print(migrate(sys.argv[1]))
"""


def test_two_processes_migrate_one_after_the_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    processes = [start("-c", MIGRATE, url) for _ in range(2)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert sorted(result(p) for p in processes) == ["False", "True"]
    assert schema_version(url) == HEAD


LOCK = """
import sys
from pathlib import Path
from dalpak.store.engines import acquire_process_lock
lock = acquire_process_lock(Path(sys.argv[1]))
print("ready", flush=True); sys.stdin.readline()
"""


def test_a_server_that_died_leaves_no_lock(sqlite_url: str) -> None:
    path = sqlite_path(sqlite_url)
    assert path is not None
    server = start("-c", LOCK, str(path))
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    with pytest.raises(Exception, match=f"process {server.pid}"):
        acquire_process_lock(path)
    server.kill()
    server.communicate(timeout=10)
    acquire_process_lock(path).release()
