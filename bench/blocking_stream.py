"""What one blocking gRPC stream does to 20 ms pacing, on eventlet and on asyncio.

The evidence of docs/adr/0002. To run it:

    python3 bench/blocking_stream.py --setup

makes the throw-away environment .venv-bench from requirements/bench.txt if it is missing, and
measures. One process stands for a phone server. It sends a frame every 20 ms on an absolute
schedule (a write into a pipe stands for the socket), and reads one gRPC stream as a recogniser's
client does: audio goes up every 20 ms, a result comes back every `--every` ms of it. The recogniser
is a process of its own. Every case is a fresh process that is ended when its time is over, because
not all of them would end by themselves.

The schedule begins 0.5 s before the stream does. A frame never sent counts as late by the time from
its due instant to the end of the run: a hang cannot look good by sending nothing.
"""

import argparse
import asyncio
import os
import platform
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-bench"
LOCK = ROOT / "requirements" / "bench.txt"

FRAME_S = 0.020
STREAM_STARTS_S = 0.5
AUDIO = bytes(160)  # 20 ms of mu-law at 8 kHz
LEAD_S = 0.200  # what dalpak sends ahead: a frame later than this is a gap in what the caller hears
METHOD = "/bench.Recogniser/Listen"
REPORT = struct.Struct(
    "<cd"
)  # b"f" frame sent, or b"r" result heard; seconds by the monotonic clock

CASES = {
    "eventlet-alone": "eventlet, no stream",
    "eventlet-green": "eventlet, stream read in a green thread",
    "eventlet-tpool": "eventlet, stream read in a real thread (tpool)",
    "eventlet-unpatched": "eventlet with threads left unpatched, stream read in a thread",
    "asyncio-alone": "asyncio, no stream",
    "asyncio-aio": "asyncio, stream read with grpc.aio",
    "asyncio-thread": "asyncio, blocking stream read in a thread",
}


# -- the recogniser --------------------------------------------------------------------------


async def recogniser(every_s: float) -> None:
    """Answers each stream with a result per `every_s` of audio. Prints its port, then serves."""
    import grpc

    async def listen(requests: Any, _context: Any) -> Any:
        heard = 0
        async for _ in requests:
            heard += 1
            if heard % round(every_s / FRAME_S) == 0:
                yield b"result"

    handler = grpc.stream_stream_rpc_method_handler(listen)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("bench.Recogniser", {"Listen": handler}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(port, flush=True)
    await server.wait_for_termination()


# -- the phone server under test -------------------------------------------------------------


def report(kind: bytes) -> None:
    os.write(1, REPORT.pack(kind, time.monotonic()))


def blocking_stream(target: str, sleep: Callable[[float], None]) -> None:
    """As in every recogniser's sample code: a request generator, and `for result in results`."""
    import grpc

    def requests() -> Iterator[bytes]:
        due = time.monotonic()
        while True:
            yield AUDIO
            due += FRAME_S
            sleep(max(0.0, due - time.monotonic()))

    channel = grpc.insecure_channel(target)
    for _ in channel.stream_stream(METHOD)(requests()):
        report(b"r")


def pace(started: float, sleep: Callable[[float], None]) -> None:
    sent = 0
    while True:
        sleep(max(0.0, started + sent * FRAME_S - time.monotonic()))
        report(b"f")
        sent += 1


def on_eventlet(case: str, target: str, started: float) -> None:
    import eventlet

    # gunicorn's eventlet worker patches everything; leaving threads out was never open to it.
    eventlet.monkey_patch(thread=case != "eventlet-unpatched")
    from eventlet import patcher, tpool

    real_sleep = patcher.original("time").sleep

    eventlet.spawn(pace, started, eventlet.sleep)
    eventlet.sleep(max(0.0, started + STREAM_STARTS_S - time.monotonic()))
    if case == "eventlet-green":
        eventlet.spawn(blocking_stream, target, eventlet.sleep)
    elif case == "eventlet-tpool":
        eventlet.spawn(tpool.execute, blocking_stream, target, real_sleep)
    elif case == "eventlet-unpatched":
        reader = threading.Thread(target=blocking_stream, args=(target, real_sleep), daemon=True)
        reader.start()
    while True:
        eventlet.sleep(60)


async def on_asyncio(case: str, target: str, started: float) -> None:
    async def pace_frames() -> None:
        sent = 0
        while True:
            await asyncio.sleep(max(0.0, started + sent * FRAME_S - time.monotonic()))
            report(b"f")
            sent += 1

    async def stream() -> None:
        import grpc

        async def requests() -> Any:
            due = time.monotonic()
            while True:
                yield AUDIO
                due += FRAME_S
                await asyncio.sleep(max(0.0, due - time.monotonic()))

        async with grpc.aio.insecure_channel(target) as channel:
            async for _ in channel.stream_stream(METHOD)(requests()):
                report(b"r")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(pace_frames())
        await asyncio.sleep(max(0.0, started + STREAM_STARTS_S - time.monotonic()))
        if case == "asyncio-aio":
            tasks.create_task(stream())
        elif case == "asyncio-thread":
            tasks.create_task(asyncio.to_thread(blocking_stream, target, time.sleep))


# -- measuring -------------------------------------------------------------------------------


def measure(case: str, target: str, seconds: float) -> tuple[list[float], int, int]:
    """Lateness of every frame due in the run, in seconds; frames really sent; results heard."""
    # Importing takes its time, so the schedule starts a little later, on the clock both share.
    started = time.monotonic() + 2.0
    command = [
        sys.executable,
        __file__,
        "--case",
        case,
        "--target",
        target,
        "--started",
        repr(started),
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        time.sleep(max(0.0, started + seconds - time.monotonic()))
    finally:
        process.kill()
    told = process.stdout.read()
    process.wait()
    events = [
        REPORT.unpack_from(told, at) for at in range(0, len(told) - REPORT.size + 1, REPORT.size)
    ]
    sent = [at for kind, at in events if kind == b"f"]
    end = started + seconds
    late = [
        (sent[number] if number < len(sent) else end) - (started + number * FRAME_S)
        for number in range(int(seconds / FRAME_S))
    ]
    return late, min(len(sent), len(late)), sum(kind == b"r" for kind, _ in events)


def row(case: str, late: list[float], sent: int, results: int) -> str:
    ordered = sorted(late)
    at = [
        1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))]
        for part in (0.50, 0.95, 0.99)
    ]
    audible = 100 * sum(lateness > LEAD_S for lateness in late) / len(late)
    return (
        f"| {CASES[case]} | {sent} of {len(late)} | {at[0]:.1f} | {at[1]:.1f} | {at[2]:.1f} "
        f"| {1000 * ordered[-1]:.1f} | {audible:.1f} % | {results} |"
    )


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def versions() -> str:
    from importlib.metadata import version

    return f"eventlet {version('eventlet')}, grpcio {version('grpcio')}"


def compare(seconds: float, every_ms: int, cases: list[str]) -> None:
    print(
        f"{machine()}; {versions()}; {seconds:.0f} s each, a result every {every_ms} ms of audio\n"
    )
    print("| case | frames sent | late p50 ms | p95 | p99 | max | late > lead | results heard |")
    print("|---|---|---|---|---|---|---|---|")
    for case in cases:
        server = subprocess.Popen(
            [sys.executable, __file__, "--case", "recogniser", "--every", str(every_ms)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert server.stdout is not None
        try:
            target = f"127.0.0.1:{int(server.stdout.readline())}"
            print(row(case, *measure(case, target, seconds)), flush=True)
        finally:
            server.kill()
            server.wait()


def set_up() -> None:
    """Makes the throw-away environment if it is not there, and carries on in it."""
    python = VENV / "bin" / "python"
    if not python.exists():
        print(f"making {VENV.name} from {LOCK.relative_to(ROOT)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "-r",
            str(LOCK),
        ]
        subprocess.run(install, check=True)
    arguments = [argument for argument in sys.argv[1:] if argument != "--setup"]
    os.execv(python, [str(python), __file__, *arguments])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--setup", action="store_true", help="make .venv-bench first if it is missing"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each run")
    parser.add_argument("--every", type=int, default=200, help="ms of audio per result")
    parser.add_argument(
        "--only", choices=CASES, action="append", help="only this case (repeatable)"
    )
    parser.add_argument("--case", choices=[*CASES, "recogniser"], help=argparse.SUPPRESS)
    parser.add_argument("--target", default="", help=argparse.SUPPRESS)
    parser.add_argument("--started", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.setup:
        set_up()
    elif options.case == "recogniser":
        asyncio.run(recogniser(options.every / 1000))
    elif options.case and options.case.startswith("eventlet"):
        on_eventlet(options.case, options.target, options.started)
    elif options.case:
        asyncio.run(on_asyncio(options.case, options.target, options.started))
    else:
        compare(options.seconds, options.every, options.only or list(CASES))


if __name__ == "__main__":
    main()
