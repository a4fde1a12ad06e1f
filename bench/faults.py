"""What a caller hears when a provider or the line fails: one whole call per fault (`make provider-faults`).

Each row of the failure catalogue (A: hearing, B: the model, C: the voice and the line) is a call of its own, in a
process of its own, through the real clients on the wire; the fault strikes in its middle. The call must live, nobody
may wait longer than 3 s for a sound, and what the row says must be true afterwards. Exit code 1 when a row is not so.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain, pairwise
from pathlib import Path
from random import Random
from typing import Any

import interrupter
import stopped_reader
import uvloop
from own_process import DiedError, answer_of
from voiced import Found, Outcome, Providers, VoicedLine, call, goal_of, product

from dalpak.call.mulaw import FRAME_BYTES, encode
from dalpak.domain.records import CallEnd
from dalpak.language.he import HEBREW
from dalpak.simulator.evals.goals import Goal, Question, Twist
from dalpak.simulator.google_faults import GoogleFault
from dalpak.simulator.openai_server import Fault
from dalpak.simulator.openai_wire import Answer, Call, Request, answer

DEAD_AIR_MS = 3_000
AT_ONCE = 3
"""Rows at one time: each is a process that mostly waits."""
ROW_S = 240
FAMILY = "step_by_step"
EARLIEST = "as_early_as_can_be"
"""Whoever takes the first hour there is can answer any menu."""

Prepare = Callable[[Providers, Goal], None]
Ended = Outcome[VoicedLine]
Holds = Callable[[Ended], bool]


def books(o: Ended) -> bool:
    return len(o.booked) == 1


def never_twice(o: Ended) -> bool:
    return len(o.booked) <= 1


async def spoken_call(row: "Row", prompts: Path) -> Found:
    goal = row.goal()
    async with Providers.running() as providers:
        with tempfile.TemporaryDirectory() as folder:
            settings = providers.settings(
                Path(folder), prompt_cache_dir=prompts, **dict(row.settings)
            )
            async with product(settings, goal) as ext:
                row.prepare(providers, goal)
                outcome = await call(ext, goal, Random(5), row.spoil)
    return Found.of(outcome, holds=row.holds(outcome))


@dataclass(frozen=True, slots=True)
class Row:
    """`after` is the catalogue's "must be true after", beside living and not being silent."""

    id: str
    fault: str
    after: str
    holds: Holds
    prepare: Prepare = lambda _providers, _goal: None
    spoil: Callable[[VoicedLine], None] = lambda _line: None
    twist: tuple[Question, Twist] | None = None
    settings: tuple[tuple[str, object], ...] = ()
    family: str = FAMILY
    play: Callable[["Row", Path], Awaitable[Found]] = spoken_call

    def goal(self) -> Goal:
        return replace(goal_of(self.family, 3), twists=(self.twist,) if self.twist else ())


def stt(fault: GoogleFault, *, streams: int = 1, after_ms: int = 400) -> Prepare:
    """The streams that hear the caller's first sentences."""
    return lambda p, _goal: p.google.speech.troubles.order(
        fault, streams=streams, after_ms=after_ms
    )


def tts(fault: GoogleFault, *, streams: int = 2, after_ms: int = 0) -> Prepare:
    return lambda p, _goal: p.google.tts.troubles.order(fault, streams=streams, after_ms=after_ms)


def tts_each(*faults: GoogleFault) -> Prepare:
    """One stream each."""

    def prepare(p: Providers, _goal: Goal) -> None:
        for fault in faults:
            p.google.tts.troubles.order(fault)

    return prepare


def model(*faults: Fault) -> Prepare:
    """Of the first answers, in order."""

    def prepare(p: Providers, _goal: Goal) -> None:
        p.model.faults = list(faults)

    return prepare


def mind(*first: Answer) -> Prepare:
    """A model that answers so, and then as it should."""

    def prepare(p: Providers, _goal: Goal) -> None:
        good, left = p.model.mind, list(first)
        p.model.mind = lambda request: left.pop(0) if left else good(request)

    return prepare


def always(*items: Answer) -> Prepare:
    """A model that never learns: the same answers in turn."""

    def prepare(p: Providers, _goal: Goal) -> None:
        count = iter(range(1_000_000))
        p.model.mind = lambda _request: items[next(count) % len(items)]

    return prepare


def twice() -> Prepare:
    """Every write is called twice in one answer."""

    def prepare(p: Providers, _goal: Goal) -> None:
        good = p.model.mind

        def doubled(request: Request) -> Answer:
            given = good(request)
            return Answer(given.items * 2)

        p.model.mind = doubled

    return prepare


def mute(line: VoicedLine) -> None:
    line.mute_after = 2


def noisy(line: VoicedLine) -> None:
    """A hum with clicks, quieter than a voice."""
    dice = Random(9)
    line.noise = [
        encode(
            b"".join(
                dice.randrange(-250, 250).to_bytes(2, "little", signed=True)
                for _ in range(FRAME_BYTES)
            )
        )
        for _ in range(50)
    ]


def no_marks(line: VoicedLine) -> None:
    line.loses_marks = True


def said_once(o: Ended) -> bool:
    """No sentence of the caller became two turns."""
    said = [t.said for t in o.turns if t.said]
    return books(o) and all(a != b for a, b in pairwise(said))


def no_claim(o: Ended) -> bool:
    """ "It is booked" was heard only where a row says so."""
    claims = sum(HEBREW.claims_booking(text) for text in o.line.texts)
    return claims <= len(o.booked) <= 1


GARBAGE = [
    Answer((Call("calendar_find_slots", text),))
    for text in ("{", '{"date": "2026-02-31"}', '{"date": 5}', '{"date": "1999-01-01"}')
] + [answer(Call("no_such_tool", {}))]
CLAIM = "קבעתי לך תור, נתראה"  # what a model may never say by itself
CLAIMS = answer(Call("say", {"text": CLAIM, "asks": "nothing"}))
LOOK = answer(Call("calendar_find_slots", {"date": None, "date_to": None, "time": None,
                                           "window_from": None, "window_to": None, "part_of_day": None}))  # fmt: skip

ROWS = (
    Row("A1", "stream ends at its limit", "no word lost", books, stt(GoogleFault.LIMIT)),
    Row("A2", "connection reset in mid-word", "replayed, books", books, stt(GoogleFault.RESET)),
    Row("A3", "takes audio, says nothing", "watchdog, books", books, stt(GoogleFault.SILENT, streams=2)),
    Row("A4", "finals 3 s late", "late finals answer nothing newer", said_once, stt(GoogleFault.SLOW, streams=3)),
    Row("A5", "partials, never a final", "one turn each, books", said_once, stt(GoogleFault.NO_FINAL, streams=4)),
    Row("A6", "5,000 characters of babble", "capped, books", books, stt(GoogleFault.BABBLE, streams=2)),
    Row("A6b", "empty results", "books", books, stt(GoogleFault.EMPTY, streams=2)),
    Row("A7", "quota exceeded for good", "books by keypad", books, stt(GoogleFault.QUOTA, streams=99, after_ms=0),
        family=EARLIEST),
    Row("A7b", "unauthenticated", "books by keypad", books, stt(GoogleFault.UNAUTHENTICATED, streams=99, after_ms=0),
        family=EARLIEST),
    Row("A8", "caller's audio stops", "asked, then a goodbye",
        lambda o: o.end in {CallEnd.AGENT, CallEnd.CARRIER} and not o.booked, spoil=mute),
    Row("A9", "noise on the line", "no false turn, books", said_once, spoil=noisy),
    Row("B1", "no first token", "embedded agent, books", books, model(Fault.SILENT, Fault.SILENT)),
    Row("B2", "a stream without anything useful", "embedded agent, books", books, model(*[Fault.NOTHING_USEFUL] * 2)),
    Row("B3", "stalls in mid-sentence", "books", books, model(*[Fault.STALL] * 2)),
    Row("B4", "never ends", "cut, books", books, model(*[Fault.ENDLESS] * 2)),
    Row("B5", "429 for good", "embedded agent, books", books, model(*[Fault.HTTP_429] * 99)),
    Row("B5b", "500, 503, connection refused", "books", books,
        model(Fault.HTTP_500, Fault.HTTP_503, Fault.REFUSED, Fault.RESET, Fault.HALF)),
    Row("B5c", "garbage on the stream", "books", books, model(Fault.GARBAGE, Fault.STRANGE)),
    Row("B6", "garbage arguments, unknown tool", "an error is data, books", books, mind(*GARBAGE)),
    Row("B7", "the same tool for ever", "the call goes on", never_twice, always(LOOK)),
    Row("B8", "claims a booking", "blocked before it is heard", no_claim, always(CLAIMS, LOOK)),
    Row("B9", "every call twice", "one booking", books, twice()),
    Row("B10", "the caller changes its mind", "the new time only", books, twist=(Question.CONFIRM, Twist.PLAIN_NO)),
    Row("B11", "prompt injection", "goes on, books", books, twist=(Question.NAME, Twist.INJECT)),
    Row("C1", "no first audio", "the bank speaks, books", books, tts(GoogleFault.SILENT, streams=4)),
    Row("C2", "audio breaks off", "books", books, tts(GoogleFault.RESET, streams=3, after_ms=300)),
    Row("C3", "wrong format, header, MP3", "never noise, books", books,
        tts_each(GoogleFault.WRONG_FORMAT, GoogleFault.WRONG_HEADER, GoogleFault.COMPRESSED)),
    Row("C4", "faster than real time", "lead within 400 ms", lambda o: books(o) and o.line.pace.lead_max <= 400),
    Row("C5", "slower than real time", "books", books, tts(GoogleFault.SLOW, streams=3)),
    Row("C6", "marks never come back", "state moves by the clock", never_twice, spoil=no_marks),
    Row("C7", "caller speaks over us", "stops at once, books what was said", books,
        play=lambda row, prompts: interrupter.play(row.goal(), prompts)),
    Row("C8", "far end stops reading", "a dead peer, and only it", books,
        play=lambda _row, prompts: stopped_reader.play(prompts)),
)  # fmt: skip


async def played(row: Row, prompts: Path) -> dict[str, object]:
    found = await row.play(row, prompts)
    lives = found.lives and found.dead_air_ms <= DEAD_AIR_MS
    return {"ok": lives and found.holds, **asdict(found)}


def in_own_process(row: Row, prompts: Path) -> dict[str, Any]:
    """The row's name and what was found."""
    named = {"id": row.id, "fault": row.fault, "after": row.after}
    try:
        return named | answer_of(__file__, "--row", row.id, prompts=prompts, within_s=ROW_S)
    except DiedError as died:
        return named | {"end": str(died), "ok": False}


def table(results: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    print(
        "| row | fault | dead air ms | booked | ended | must be true after | |\n|---|---|---|---|---|---|---|"
    )
    found = []
    for r in results:
        found.append(r)
        cells = [
            r["id"],
            r["fault"],
            r.get("dead_air_ms", "-"),
            r.get("booked", "-"),
            r["end"],
            r["after"] + (f": {r['figures']}" if r.get("figures") else ""),
        ]
        print("| " + " | ".join(map(str, cells)) + f" | {'ok' if r['ok'] else 'NO'} |", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--row", help="this one, in this process, as JSON")
    parser.add_argument("--only", default="", help="ids, comma-separated")
    parser.add_argument("--prompts", type=Path, help="where rendered prompts are kept")
    asked = parser.parse_args()
    if asked.row:
        (row,) = (r for r in ROWS if r.id == asked.row)
        print(json.dumps(uvloop.run(played(row, asked.prompts)), ensure_ascii=False))
        return
    wanted = [r for r in ROWS if not asked.only or r.id in asked.only.split(",")]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        prompts = asked.prompts or Path(folder)
        first = in_own_process(wanted[0], prompts)  # renders the prompts for all
        rest = pool.map(lambda row: in_own_process(row, prompts), wanted[1:])
        found = table(chain([first], rest))
    wrong = [r for r in found if not r["ok"]]
    for row in wrong:
        told = "".join(f"\n  {said}\n    -> {heard}" for said, heard in row.get("heard", ()))
        print(f"\n{row['id']} as it went:{told}")
    longest = max((r.get("dead_air_ms", 0) for r in found), default=0)
    print(f"\n{len(found) - len(wrong)} of {len(found)} rows hold; longest dead air {longest} ms")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
