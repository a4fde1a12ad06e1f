"""Callers who come and go, for `soak.py`: so many at once, each for a minute or so, hanging up at any moment.

The callers are those of callers.py; what is theirs alone is that they leave, some of them without a word, and
that somebody else rings then. One JSON line comes out: what happened, not how fast it was.
"""

import argparse
import asyncio
import gc
import json
import sys
from collections import Counter
from contextlib import suppress
from random import Random

import uvloop
from callers import CLOCK, Caller, Heard, Town, Voice

STAYS_S = (15.0, 90.0)
"""How long a caller talks, evenly drawn."""
CUT_SHARE = 0.1
"""Of the callers: the network takes them, without a `stop` or a close frame."""
PAUSE_S = 1.0
"""Between one caller's end and the next one's ring."""


class Street(Town):
    def __init__(self, options: argparse.Namespace, voice: Voice, heard: Heard) -> None:
        super().__init__(options, voice, heard)
        self.done: Counter[str] = Counter()
        self._number = options.first

    async def day(self) -> dict[str, object]:
        o = self._options
        until = CLOCK.monotonic_ms() + round(o.seconds * 1000)
        metronome = asyncio.ensure_future(self._choir.sing())
        async with asyncio.TaskGroup() as group:
            for place in range(o.calls):
                group.create_task(self._place(place, until))
        metronome.cancel()
        heard = self._heard
        return {
            **self.done,
            "answers": len(heard.responses),
            "unanswered": heard.unanswered,
            "barge_ins": len(heard.barges),
            "errors": Counter(heard.errors),
        }

    async def _place(self, place: int, until: int) -> None:
        """One caller after the other, until the evening."""
        rng = Random(f"{self._options.first}:{place}")
        await CLOCK.sleep(place * self._options.ramp / self._options.calls)
        while (left_ms := until - CLOCK.monotonic_ms()) > 0:
            self._number += 1
            stays_s = min(rng.uniform(*STAYS_S), left_ms / 1000)
            await self.call(self._number, CLOCK.monotonic_ms() + round(stays_s * 1000))
            await CLOCK.sleep(PAUSE_S)

    async def person(self, caller: Caller, until_ms: int) -> None:
        cut = Random(f"cut:{caller.number}").random() < CUT_SHARE
        self.done["calls"] += 1
        with suppress(TimeoutError):
            async with asyncio.timeout((until_ms - CLOCK.monotonic_ms()) / 1000):
                await caller.talk(until_ms)
        self.done["ended by us" if caller.over.is_set() else "cut" if cut else "hung up"] += 1
        if cut:
            caller.vanish()
        else:
            caller.hang_up()
        self.callers.remove(caller)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="http://host:port")
    parser.add_argument("--public", required=True, help="the signed origin")
    parser.add_argument("--token", required=True, help="the Twilio auth token")
    parser.add_argument("--called", required=True, help="the number of the business")
    parser.add_argument("--calls", type=int, required=True, help="at once")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--ramp", type=float, default=10.0, help="seconds in which they arrive")
    parser.add_argument("--first", type=int, default=0, help="the number of the first caller")
    parser.set_defaults(floor=False)
    return parser.parse_args()


async def main() -> None:
    voice = await Voice.spoken()
    gc.collect()
    gc.freeze()
    json.dump(await Street(options(), voice, Heard()).day(), sys.stdout)


if __name__ == "__main__":
    uvloop.run(main())
