"""A PostgreSQL server for a measurement: a fresh cluster in a folder of its own, gone afterwards.

Its settings are the defaults, so that a commit costs what it costs: written through to the disk.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def programs() -> Path | None:
    """Where initdb and pg_ctl are; None when the server is not installed."""
    found = shutil.which("initdb")
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    initdb = Path(found) if found else (homes[-1] if homes else None)
    return initdb.parent if initdb else None


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The URL of a server that listens on a socket in `folder` only. It refuses to be root."""
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}

    def run(*command: str | Path) -> None:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60, **as_user)

    where = programs()
    assert where is not None
    data = folder / "data"
    run(where / "initdb", "-D", data, "-U", "dalpak", "-A", "trust", "--no-locale", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder}"
    run(where / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+asyncpg://dalpak@/postgres?host={folder}"
    finally:
        run(where / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Short, because a socket's path may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="dalpak-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
