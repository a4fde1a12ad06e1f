"""The product as a customer runs it: `dalpak serve` in a process of its own, on a loopback port, in an empty folder."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

START_S = 180.0
"""The first start of all renders every prompt of the voice."""
PROMPTS = Path(__file__).parent.parent / ".pytest_cache" / "prompts"
"""Rendered once for all servers of all test runs."""
STOP_S = 60.0
ANSWER_S = 30.0
PORTS = range(20_000, 32_768)
"""Below those that Linux gives to whoever connects: one that was free a moment ago stays free."""
KEPT = ("PATH", "HOME", "LANG", "TZ")
TOKEN = "the-auth-token"
PUBLIC = "https://voice.example.com"


def free_port() -> int:
    """For a server that must know its port before it starts. Drawn, so that two runs of the tests seldom meet."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("a hundred ports, and none is free")


def environment(folder: Path, port: int, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of this machine's own settings but what finds programs."""
    mine = os.environ  # noqa: TID251 - a child process needs one
    kept = {name: mine[name] for name in KEPT if name in mine}
    return kept | {
        "PYTHONPATH": str(Path(__file__).parent.parent / "src"),
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "LOG_FORMAT": "json",
        "PROMPT_CACHE_DIR": str(PROMPTS),
        "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN,
        # A server on a busy machine refuses callers to spare those it has; here it is to take them all.
        "MAX_LOOP_LAG_MS": "1000",
        **(extra or {}),
    }


def printed(*arguments: str, folder: Path, extra: Mapping[str, str] | None = None) -> list[str]:
    """The lines that a Python program prints, run in this folder as the product is."""
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment(folder, 8080, extra),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    folder: Path
    log: Path
    env: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def db_url(self) -> str:
        return f"sqlite+aiosqlite:///{self.folder / 'dalpak.db'}"

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait_ready(self) -> None:
        """Ask until it answers; its own end, or no answer in START_S, is a failure that shows its log."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=ANSWER_S) as answer:
                    if answer.status == 200:
                        return
            except (URLError, OSError):
                select_nothing(0.05)
        raise AssertionError(f"the server did not start:\n{self.text()}")

    def stop(self) -> int:
        """SIGTERM, and its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(STOP_S)


def select_nothing(seconds: float) -> None:
    """Give the other process the core for a moment between two questions."""
    import select

    select.select([], [], [], seconds)


def start(folder: Path, *, port: int = 0, extra: Mapping[str, str] | None = None) -> Server:
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    env = environment(folder, port, extra)
    log = folder / "server.log"
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "dalpak", "serve"],
            env=env,
            cwd=folder,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    return Server(process, port, folder, log, env)


@contextmanager
def running(
    folder: Path, *, port: int = 0, extra: Mapping[str, str] | None = None
) -> Iterator[Server]:
    server = start(folder, port=port, extra=extra)
    try:
        server.wait_ready()
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
