"""Two hundred turns with the providers as slow as they are said to be (`make latencies`).

Whole spoken bookings through the real clients; the simulators draw their latencies from the published medians and
95th percentiles (simulator/latency.py, openai_server.PUBLISHED say whose). Prints the marks of SPEC H2 beside the
bars of the GO/NO-GO table.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import uvloop
from figures import spread
from own_process import answer_of
from voiced import Providers, call, goal_of, product

TURNS = 200
AT_ONCE = 3
CALL_S = 240
FAMILIES = ("step_by_step", "one_sentence", "service_and_time")

MARKS = (
    ("STT_FIRST_PARTIAL_MS", "stt_first_partial_ms", 600, None),
    ("STT_FINAL_MS", "stt_final_ms", 900, None),
    ("AI_LATENCY_MS", "ai_latency_ms", 1_500, 1_800),
    ("TTS_READY_MS", "tts_ready_ms", 400, None),
    ("TTS_SEND lag ms", "tts_send_lag_ms", 1_000, 1_500),
    ("TOTAL_MS", "total_ms", 2_000, 2_500),
)
"""Name, field of a turn, bar of the median, bar of the 95th percentile (or of the median again)."""


async def one_call(seed: int, prompts: Path) -> dict[str, object]:
    goal = goal_of(FAMILIES[seed % len(FAMILIES)], seed)
    async with Providers.running(published=True, seed=seed) as providers:
        with tempfile.TemporaryDirectory() as folder:
            settings = providers.settings(Path(folder), prompt_cache_dir=prompts)
            async with product(settings, goal) as ext:
                outcome = await call(ext, goal, Random(seed))
    spoken = [turn for turn in outcome.turns if turn.said and turn.heard]
    return {
        "booked": len(outcome.booked),
        "end": str(outcome.end),
        "heard_ms": outcome.line.silence.answers_ms,
        "turns": [{field: getattr(turn, field) for _, field, *_ in MARKS} for turn in spoken],
    }


def in_own_process(seed: int, prompts: Path) -> dict[str, Any]:
    return answer_of(__file__, "--seed", str(seed), prompts=prompts, within_s=CALL_S)


def gather(turns: int, prompts: Path) -> list[dict[str, Any]]:
    """Calls until so many turns are there. The first one renders the prompts for all."""
    calls = [in_own_process(0, prompts)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        seed = 1
        while (have := sum(len(c["turns"]) for c in calls)) < turns:
            print(f"  {have} turns of {turns}, {len(calls)} calls", file=sys.stderr, flush=True)
            calls += pool.map(lambda s: in_own_process(s, prompts), range(seed, seed + AT_ONCE))
            seed += AT_ONCE
    return calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--seed", type=int, help="this one call, in this process, as JSON")
    parser.add_argument("--prompts", type=Path, help="where rendered prompts are kept")
    asked = parser.parse_args()
    if asked.seed is not None:
        print(json.dumps(uvloop.run(one_call(asked.seed, asked.prompts))))
        return
    with tempfile.TemporaryDirectory() as folder:
        calls = gather(asked.turns, asked.prompts or Path(folder))
    turns = [turn for c in calls for turn in c["turns"]]
    booked = sum(c["booked"] for c in calls)
    print(f"{len(turns)} turns of {len(calls)} calls, {booked} booked\n")
    print(
        "| mark | n | p50 | p95 | most | bar p50 | bar p95 | |\n|---|---|---|---|---|---|---|---|"
    )
    wrong = False
    for name, field, middle, tail in MARKS:
        f = spread(t[field] for t in turns if t[field] is not None)
        ok = f.n > 0 and (f.p50 or 0) <= middle and (f.p95 or 0) <= (tail or middle)
        wrong |= not ok
        cells = [name, f.n, f.p50, f.p95, f.most, middle, tail or middle, "ok" if ok else "NO"]
        print("| " + " | ".join(map(str, cells)) + " |")
    f = spread(ms for c in calls for ms in c["heard_ms"])
    print(f"| silence as heard (fillers count) | {f.n} | {f.p50} | {f.p95} | {f.most} | | | |")
    sys.exit(1 if wrong or booked != len(calls) else 0)


if __name__ == "__main__":
    main()
