"""A PostgreSQL server of our own, reached by a socket in its own directory, gone when it is left."""

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
    """The folder of the server's programs; Debian keeps them out of PATH. None: not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return homes[-1].parent if homes else None


@contextmanager
def postgres_server(*, fsync: bool = False) -> Iterator[str]:
    """The URL of a fresh cluster. It refuses to be root, so it is nobody's then."""
    folder = programs()
    if folder is None:
        raise RuntimeError("PostgreSQL's server programs are not installed")
    home = Path(tempfile.mkdtemp(prefix="dalpak-pg-"))
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
    options = f"-c listen_addresses='' -c unix_socket_directories={home}"
    options += "" if fsync else " -c fsync=off"
    pg_ctl = folder / "pg_ctl"
    try:
        user = ("-U", "dalpak", "-A", "trust", "-N", "-E", "UTF8", "--no-locale")
        run(folder / "initdb", "-D", data, *user)
        run(pg_ctl, "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql+asyncpg://dalpak@/postgres?host={home}"
        finally:
            run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home)
