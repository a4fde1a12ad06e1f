"""What the parts on the hot path cost, alone: `make bench`.

Each row is the work of one unit (a frame, a step, a day), measured in rounds on this machine; the
median round counts and the best one tells how noisy it was. The last column is what that is of one
core for one live call. Providers and sockets are not in these figures: for them there are `dalpak
simulate` and `dalpak check`. What a booking costs the database comes in a table of its own (claim.py).
"""

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import arrival
import claim
import startup

from dalpak.call.effects import Effect
from dalpak.call.inputs import Input
from dalpak.call.limits import Limits, Ms
from dalpak.call.machine import Call
from dalpak.domain.policy import Policy
from dalpak.domain.records import Busy, Resource
from dalpak.domain.slots import free_slots
from dalpak.simulator.caller import is_backchannel
from dalpak.simulator.one_call import PROMPTS, World
from dalpak.telephony.twilio import encode_media, parse

ROUNDS = 7
FRAMES = 20_000
FRAMES_A_SECOND = 50
CALL_SEEDS = range(40)
DAYS = 200


@dataclass(frozen=True, slots=True)
class Row:
    what: str
    unit: str
    median_us: float
    best_us: float
    of_a_core: float | None


def measure(what: str, unit: str, work: Callable[[], int], a_second: float | None = None) -> Row:
    """`work` returns how many units it did; `a_second` is how many one live call does."""
    work()
    costs = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        units = work()
        costs.append((time.perf_counter() - began) / units * 1e6)
    median = statistics.median(costs)
    return Row(what, unit, median, min(costs), a_second and median * a_second / 1e6)


def frames_in() -> int:
    frame = (
        '{"event":"media","sequenceNumber":"7","media":{"track":"inbound","chunk":"5",'
        f'"timestamp":"100","payload":"{"f39/" * 53}fw=="}},"streamSid":"MZ{"0" * 32}"}}'
    )
    for _ in range(FRAMES):
        parse(frame)
    return FRAMES


def frames_out() -> int:
    payload, sid = bytes(range(160)), "MZ" + "0" * 32
    for _ in range(FRAMES):
        encode_media(sid, payload)
    return FRAMES


Recorded = tuple[Limits, list[tuple[Input, Ms]]]


class RecordingCall(Call):
    inputs: list[tuple[Input, Ms]]

    def handle(self, what: Input, now: Ms) -> list[Effect]:
        if not self.started:
            self.inputs = []
        self.inputs.append((what, now))
        return super().handle(what, now)


def recorded_calls() -> list[Recorded]:
    """The inputs of simulated calls, so that the core is measured without its simulated world."""
    calls: list[Recorded] = []
    for seed in CALL_SEEDS:
        world = World(seed, make_call=RecordingCall)
        world.run()
        assert isinstance(world.call, RecordingCall)
        calls.append((world.limits, world.call.inputs))
    return calls


def steps(calls: list[Recorded]) -> int:
    done = 0
    for limits, inputs in calls:
        call = Call(limits, PROMPTS, is_backchannel)
        for what, now in inputs:
            call.handle(what, now)
            call.deadline()
        done += len(inputs)
    return done


def days() -> int:
    """A Tuesday from nine to seven in steps of a quarter of an hour, every other hour taken."""
    policy = Policy(opening_hours={"tue": ((9 * 60, 19 * 60),)})
    now, hour = datetime(2026, 11, 23, 9, tzinfo=UTC), timedelta(hours=1)
    nine = datetime(2026, 12, 1, 7, tzinfo=UTC)
    chairs = [Resource(id=name, name=name) for name in ("a", "b")]
    busy = [
        Busy(f"{chair.id}{n}", chair.id, 0, at, at + hour, at, at + hour)
        for chair in chairs
        for n in range(0, 10, 2)
        for at in [nine + n * hour]
    ]
    for _ in range(DAYS):
        assert free_slots(policy, None, date(2026, 12, 1), busy, now, resources=chairs)
    return DAYS


def main() -> None:
    calls = recorded_calls()
    seconds = sum(inputs[-1][1] for _, inputs in calls) / 1000
    steps_a_second = sum(len(inputs) for _, inputs in calls) / seconds
    rows = [
        measure("Twilio frame in, parsed", "frame", frames_in, FRAMES_A_SECOND),
        measure("Twilio frame out, encoded", "frame", frames_out, FRAMES_A_SECOND),
        measure("call core, with its deadline", "step", lambda: steps(calls), steps_a_second),
        measure("free slots of a day, two chairs", "day", days),
    ]
    python = platform.python_version()
    print(f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {python}\n")
    print("| what | per | median us | best us | of a core, one call |\n|---|---|---|---|---|")
    for row in rows:
        share = "" if row.of_a_core is None else f"{row.of_a_core:.3%}"
        print(f"| {row.what} | {row.unit} | {row.median_us:.2f} | {row.best_us:.2f} | {share} |")
    startup.main()
    arrival.main()
    print()
    claim.main()


if __name__ == "__main__":
    main()
