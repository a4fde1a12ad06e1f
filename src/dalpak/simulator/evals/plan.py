"""Which conversations make up a run, and what they must come to (reliability.md 4.2)."""

from collections.abc import Sequence

from dalpak.simulator.evals.conversation import TRIALS, Job

CONVERSATIONS = 3_000
"""With none of 3,000 gone wrong, fewer than 0.1 % do (rule of three, 95 %)."""
NOISES = (0.0, 0.05, 0.10, 0.20)
SEED = 1

SUCCESS = {0.0: 0.99, 0.05: 0.97, 0.10: 0.95, 0.20: 0.88}
"""Least task success (Q1, Q2), by the share of misheard words."""
PASS_4 = 0.97
SELF_CORRECTION = 0.98
TURNS_MEDIAN, TURNS_P90 = 6, 9
REPROMPT_RATE = 0.05


def jobs_of(families: Sequence[str], count: int, noise: float, seed: int) -> list[Job]:
    """`count` conversations: whole tasks, dealt out to the families in turn."""
    tasks = -(-count // TRIALS)
    jobs = [
        Job(families[task % len(families)], task // len(families) * TRIALS + trial, noise, seed)
        for task in range(tasks)
        for trial in range(TRIALS)
    ]
    return jobs[:count]
