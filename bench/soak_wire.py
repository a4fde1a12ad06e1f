"""Minutes of real calls on the wire against a real server process, and what they left in it: part of `make soak`.

The server, the simulated providers and the carrier are those of whole.py. First a short wave fills pools and
caches; what the idle server has after it is what it must come back to. A late frame does not matter here.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from series import Sample, plot, slope, table
from whole import HERE, Cores, metrics_of, product, providers, reaching

EVERY_S = 10.0
WAVE_S = 90.0
SETTLE_S = 60.0
"""Longer than providers' pooled connections are kept when nobody uses them."""
MANY = 1_000_000
"""Numbers of the callers of the wave and of the soak are apart."""
BAR_MB = 1.0
"""RSS that 1,000 calls may leave behind."""
PATIENCE_S = 120.0
POOLS = {"tasks": 0, "live": 0, "sockets": 10, "fds": 45}
"""What may be more than before: kept connections to the model, and SQLite's fifteen readers of two files each, which
are opened when they are first needed. What a call leaked would be hundreds."""
MOST_LAG_MS = 1_000
"""As admission by lag is not what is looked at, and the machine may be busy with something else."""

TOLD = (
    "dalpak_calls_ended_total", "dalpak_faults_contained_total", "dalpak_records_lost_total",
    "dalpak_provider_failures_total",
)  # fmt: skip
NEVER = ("dalpak_tasks_abandoned_total", 'dalpak_calls_ended_total{reason="internal_error"}')


def look(server: psutil.Process, url: str, began: float) -> Sample:
    told = metrics_of(url)
    calls = sum(n for name, n in told.items() if name.startswith("dalpak_calls_total"))
    with server.oneshot():
        return Sample(
            calls=round(calls),
            at_s=time.monotonic() - began,
            live=round(told["dalpak_live_calls"]),
            rss_mb=server.memory_info().rss / 2**20,
            fds=server.num_fds(),
            sockets=len(server.net_connections(kind="inet")),
            threads=server.num_threads(),
            tasks=round(told["dalpak_tasks"]),
        )


def crowd(url: str, calls: int, seconds: float, first: int, log: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, str(HERE / "soak_callers.py"), *reaching(url), "--calls", str(calls),
        "--seconds", str(seconds), "--first", str(first),
    ]  # fmt: skip
    with log.open("ab") as out:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=out)


def done(child: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    out, _ = child.communicate(timeout=PATIENCE_S)
    if child.returncode:
        raise SystemExit(f"the callers failed:\n{log.read_text()[-3000:]}")
    found: dict[str, Any] = json.loads(out)
    return found


def settle(server: psutil.Process, url: str, began: float) -> Sample:
    """The server when nobody has called for a while."""
    time.sleep(SETTLE_S)
    return look(server, url, began)


def soak(calls: int, minutes: float) -> tuple[list[Sample], list[str]]:
    """The samples, and what is not as it must be."""
    samples: list[Sample] = []
    cores = Cores()
    settings = {"MAX_LOOP_LAG_MS": str(MOST_LAG_MS)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "callers.log"
        with (
            providers(folder, cores, "simulated") as found,
            product(folder, cores, calls, found | settings) as (pid, url),
        ):
            server, began = psutil.Process(pid), time.monotonic()
            done(crowd(url, calls, WAVE_S, 0, log), log)
            before = settle(server, url, began)
            child = crowd(url, calls, minutes * 60, MANY, log)
            while child.poll() is None:
                time.sleep(EVERY_S)
                samples.append(look(server, url, began))
                tell(samples[-1])
            what = done(child, log)
            after = settle(server, url, began)
            told = metrics_of(url)
    report(calls, [before, *samples, after], what)
    return samples, complaints(samples, before, after, told, what)


def tell(sample: Sample) -> None:
    if sys.stderr.isatty():
        print(f"\r{sample.calls:>6} calls  {sample.rss_mb:7.1f} MB", end="", file=sys.stderr)


def report(calls: int, samples: list[Sample], what: dict[str, Any]) -> None:
    print(f"{calls} calls at a time over Twilio's protocol, through the real clients\n")
    print(table(samples))
    print("\nResident memory:")
    print(plot([(s.calls, s.rss_mb) for s in samples], "MB"))
    errors = what.pop("errors")
    print("\n" + ", ".join(f"{name} {n:,}" for name, n in what.items()))
    for error, n in errors.items():
        print(f"  {n} x {error}")


def complaints(
    samples: list[Sample],
    before: Sample,
    after: Sample,
    told: dict[str, float],
    what: dict[str, Any],
) -> list[str]:
    found = []
    grown = slope(samples)
    verdict = "ok" if grown < BAR_MB else "OVER"
    print(f"\nmemory: {grown:+.2f} MB for 1,000 calls (< {BAR_MB}: {verdict}); ", end="")
    print(f"idle before {before.rss_mb:.1f} MB, after {after.rss_mb:.1f} MB")
    if verdict != "ok":
        found.append(f"memory grows by {grown:.2f} MB for 1,000 calls")
    for name, room in POOLS.items():
        was, is_now = getattr(before, name), getattr(after, name)
        print(f"{name}: {was} before, {is_now} after (pools may take {room})")
        if is_now > was + room:
            found.append(f"{is_now - was} {name} left behind")
    for name, n in told.items():
        if name.startswith(TOLD) and n:
            print(f"{name} {n:.0f}")
    found += [f"{name} is {told[name]:.0f}" for name in NEVER if told.get(name, 0)]
    if not what.get("answers"):
        found.append("nobody was answered")
    return found
