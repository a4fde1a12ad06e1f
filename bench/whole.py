"""The whole product under load, and the floor beside it: `make bench-calls`.

Simulated providers and callers share one core, the server has the other for itself. For each number of
calls a fresh server; then the same callers against `floor.py`, which only paces frames, so that every
figure is also a ratio. Prints a table, and writes the figures and a chart where asked.
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from chart import Line, Panel, svg

from dalpak.language.he.demo_salon import PHONE

HERE = Path(__file__).parent
PUBLIC, TOKEN = "https://voice.example.com", "bench"
RAMP_PER_CALL_S = 0.1
READY_S = 180.0
PROVIDERS = HERE / "providers.py"
ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Cores:
    """Core 0 for those who call and those who are called, the last core for the server."""

    server: int = (os.cpu_count() or 1) - 1
    others: int = 0


@dataclass(slots=True)
class Run:
    """One number of calls against one server."""

    calls: int
    heard: dict[str, Any]
    cpu_of_a_core: float
    """While it counted: 1.0 is a whole core."""
    idle_mb: float
    most_mb: float
    lag_ms: tuple[int, ...] = ()
    """How late the event loop was: p99.9 of the last minute, and the worst since the start."""

    @property
    def cpu_per_call(self) -> float:
        return self.cpu_of_a_core / self.calls

    @property
    def mb_per_call(self) -> float:
        return (self.most_mb - self.idle_mb) / self.calls

    def to_json(self) -> dict[str, Any]:
        own = {
            "cpu_of_a_core": self.cpu_of_a_core,
            "idle_mb": self.idle_mb,
            "most_mb": self.most_mb,
        }
        return {"calls": self.calls, **own, "loop_lag_ms": self.lag_ms, "heard": self.heard}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(
    command: list[str], core: int, env: Mapping[str, str], log: Path, cwd: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """On one core, ended with SIGTERM."""
    with log.open("ab") as out:
        child = subprocess.Popen(
            command, env={**os.environ, **env}, cwd=cwd, stdout=out, stderr=subprocess.STDOUT,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )  # fmt: skip
    try:
        yield child
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_for(url: str, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        if child.poll() is not None:
            break
        with suppress(OSError), urllib.request.urlopen(url, timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"did not start: {url}\n{log.read_text()[-3000:]}")


def wait_for_port(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_S
    while time.monotonic() < until and child.poll() is None:
        with suppress(OSError), socket.create_connection((ADDRESS, port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"did not start: port {port}\n{log.read_text()[-3000:]}")


# -- one run ---------------------------------------------------------------------------------------


def callers(
    folder: Path, cores: Cores, pid: int, calls: int, seconds: float, extra: list[str]
) -> Run:
    """Call the server from the other core, and look at its process meanwhile."""
    server, steady = psutil.Process(pid), folder / f"steady-{calls}"
    idle = server.memory_info().rss
    command = [
        sys.executable, str(HERE / "callers.py"), "--calls", str(calls), "--seconds", str(seconds),
        "--ramp", str(calls * RAMP_PER_CALL_S), "--signal", str(steady), *extra,
    ]  # fmt: skip
    with (folder / "callers.log").open("ab") as log:
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log,
            preexec_fn=lambda: os.sched_setaffinity(0, {cores.others}),
        )  # fmt: skip
        most = idle
        while not steady.exists() and child.poll() is None:
            most = max(most, server.memory_info().rss)
            time.sleep(0.1)
        began, cpu = time.monotonic(), sum(server.cpu_times()[:2])
        while time.monotonic() < began + seconds and child.poll() is None:
            most = max(most, server.memory_info().rss)
            time.sleep(0.25)
        took, used = time.monotonic() - began, sum(server.cpu_times()[:2]) - cpu
        out, _ = child.communicate(timeout=120)
    if child.returncode:
        raise SystemExit(f"the callers failed:\n{(folder / 'callers.log').read_text()[-3000:]}")
    return Run(calls, json.loads(out), used / took, idle / 2**20, most / 2**20)


def of_the_floor(folder: Path, cores: Cores, calls: int, seconds: float) -> Run:
    port, log = free_port(), folder / "floor.log"
    command = [sys.executable, str(HERE / "floor.py"), str(port)]
    with process(command, cores.server, {}, log, folder) as child:
        wait_for_port(port, child, log)
        server = ["--server", f"http://{ADDRESS}:{port}", "--floor"]
        return callers(folder, cores, child.pid, calls, seconds, server)


@contextmanager
def product(
    folder: Path, cores: Cores, calls: int, settings: Mapping[str, str]
) -> Iterator[tuple[int, str]]:
    """A fresh server for so many calls in a folder of its own: its process and its address. The voice's prompts
    are rendered once for all.
    """
    home = folder / f"product-{calls}"
    home.mkdir()
    port, log = free_port(), home / "server.log"
    env = {
        "DATA_DIR": str(home), "PORT": str(port), "LOG_FORMAT": "json",
        "PROMPT_CACHE_DIR": str(folder / "prompts"), "PUBLIC_BASE_URL": PUBLIC,
        "TWILIO_AUTH_TOKEN": TOKEN, "MAX_LIVE_CALLS": str(calls + 10),
        "MAX_PENDING_PER_IP": str(calls + 10), "MAX_PENDING_SOCKETS": str(calls + 10), **settings,
    }  # fmt: skip
    command = [sys.executable, "-m", "dalpak", "serve"]
    with process(command, cores.server, env, log, home) as child:
        url = f"http://{ADDRESS}:{port}"
        wait_for(f"{url}/readyz", child, log)
        wait_warm(log)
        yield child.pid, url


def of_the_product(
    folder: Path, cores: Cores, calls: int, seconds: float, settings: Mapping[str, str]
) -> Run:
    with product(folder, cores, calls, settings) as (pid, url):
        run = callers(folder, cores, pid, calls, seconds, reaching(url))
        told = metrics_of(url)
        run.lag_ms = tuple(round(told[name] * 1000) for name in LAGS)
        return run


def reaching(url: str) -> list[str]:
    """The options with which the callers find this server."""
    return ["--server", url, "--public", PUBLIC, "--token", TOKEN, "--called", PHONE]


def wait_warm(log: Path) -> None:
    """The prompts are in memory: what is measured is a server that has been up for a while."""
    until = time.monotonic() + READY_S
    while "prewarm took" not in log.read_text():
        if time.monotonic() > until:
            raise SystemExit(f"no prompts after {READY_S} s:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)


LAGS = ("dalpak_loop_lag_p999_seconds", "dalpak_loop_lag_worst_seconds")


def metrics_of(url: str) -> dict[str, float]:
    """What the server says of itself, by name with labels."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        lines = [line.split() for line in answer.read().decode().splitlines() if line[:1] != "#"]
    return {words[0]: float(words[-1]) for words in lines}


# -- all of them -----------------------------------------------------------------------------------


@contextmanager
def providers(folder: Path, cores: Cores, wanted: str) -> Iterator[dict[str, str]]:
    """The settings with which the server finds them."""
    if wanted == "none":
        yield {}
        return
    log, settings = folder / "providers.log", folder / "providers.json"
    command = [sys.executable, str(PROVIDERS), "--settings", str(settings)]
    with process(command, cores.others, {}, log, folder) as child:
        until = time.monotonic() + READY_S
        while not settings.exists():
            if child.poll() is not None or time.monotonic() > until:
                raise SystemExit(f"the providers did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)
        yield json.loads(settings.read_text())


HEADS = (
    "calls", "server", "response p50/p95", "beyond providers p50/p95", "greeting p50/p95",
    "barge-in p50/p95", "jitter p95/p99", "late", "underruns", "while arriving",
    "% of a core a call", "MB a call", "loop lag p99.9/worst",
)  # fmt: skip


def pair(
    heard: Mapping[str, Any], name: str, low: str = "p50", high: str = "p95", less: float = 0
) -> str:
    values = heard[name]
    if not values["n"]:
        return "-"
    return f"{values[low] - less:.0f} / {values[high] - less:.0f}"


def row(name: str, run: Run, first: Run, floor_ms: float) -> list[str]:
    """Memory of a call is what it adds to the first."""
    heard = run.heard
    extra = (run.most_mb - first.most_mb) / (run.calls - first.calls) if run is not first else None
    return [
        str(run.calls), name, pair(heard, "response_ms"), pair(heard, "response_ms", less=floor_ms),
        pair(heard, "greeting_ms"), pair(heard, "barge_in_ms"), pair(heard, "jitter_ms", "p95", "p99"),
        f"{heard['late_frames']} of {heard['frames']}", str(heard["underruns"]),
        str(heard["underruns_while_arriving"]), f"{run.cpu_per_call:.2%}",
        "-" if extra is None else f"{extra:.2f}", " / ".join(map(str, run.lag_ms)) or "-",
    ]  # fmt: skip


def picture(ours: list[Run], floors: list[Run]) -> str:
    def line(name: str, runs: list[Run], value: Any) -> Line:
        return Line(name, [(r.calls, v) for r in runs if (v := value(r)) is not None])

    return svg(
        [
            Panel("Response", "ms", [
                line("p50", ours, lambda r: r.heard["response_ms"]["p50"]),
                line("p95", ours, lambda r: r.heard["response_ms"]["p95"]),
            ]),
            Panel("CPU of one call", "% of a core", [
                line("dalpak", ours, lambda r: r.cpu_per_call * 100),
                line("floor", floors, lambda r: r.cpu_per_call * 100),
            ], bar=0.8),
            Panel("Jitter p99", "ms", [
                line("dalpak", ours, lambda r: r.heard["jitter_ms"]["p99"]),
                line("floor", floors, lambda r: r.heard["jitter_ms"]["p99"]),
            ]),
        ]
    )  # fmt: skip


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", default="1,25,50,100,150", help="how many at once, in turn")
    parser.add_argument("--seconds", type=float, default=30, help="that count, of each run")
    parser.add_argument("--providers", choices=["simulated", "none"], default="simulated")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a setting"
    )
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--svg", type=Path, help="write the chart there")
    return parser.parse_args()


def main() -> None:
    asked, cores = options(), Cores()
    numbers = [int(n) for n in asked.calls.split(",")]
    ours: list[Run] = []
    floors: list[Run] = []
    print("| " + " | ".join(HEADS) + " |\n" + "|---" * len(HEADS) + "|", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with providers(folder, cores, asked.providers) as found:
            floor_ms = float(found.pop("FLOOR_MS", 0))
            settings = found | dict(pair.split("=", 1) for pair in asked.set)
            for calls in numbers:
                run = of_the_product(folder, cores, calls, asked.seconds, settings)
                ours.append(run)
                print("| " + " | ".join(row("dalpak", run, ours[0], floor_ms)) + " |", flush=True)
        for calls in numbers:
            run = of_the_floor(folder, cores, calls, min(asked.seconds, 10))
            floors.append(run)
            print("| " + " | ".join(row("floor", run, floors[0], 0)) + " |", flush=True)
    if asked.json:
        data = {"dalpak": [r.to_json() for r in ours], "floor": [r.to_json() for r in floors]}
        asked.json.write_text(json.dumps(data, indent=1))
    if asked.svg:
        asked.svg.write_text(picture(ours, floors))


if __name__ == "__main__":
    main()
