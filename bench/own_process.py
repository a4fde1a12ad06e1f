"""One call of a table in a process of its own, as JSON: the agent is one per process, and so is each call here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class DiedError(Exception):
    """The process ended without an answer; its last word is the message."""


def answer_of(script: str, *asked: str, prompts: Path, within_s: int) -> dict[str, Any]:
    """What `script`, called with `asked`, prints last. `prompts` is where all of them keep what was rendered."""
    command = [sys.executable, script, *asked, "--prompts", str(prompts)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=within_s, check=False
        )
    except subprocess.TimeoutExpired:
        raise DiedError(f"no answer within {within_s} s") from None
    if done.returncode:
        raise DiedError((done.stderr.strip().splitlines() or ["no word"])[-1])
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
