"""The rules that hold in every simulated call: one sentence each, and the numbers in them. How they are watched is in
`invariants.py`.
"""

from typing import assert_never

from dalpak.call.effects import Ending
from dalpak.call.limits import Ms

RULES = {
    "no_raise": "The core never raises, whatever comes in whatever order.",
    "moves": "The phase moves only along its table.",
    "future": "After a step the next deadline lies in the future: no instant lasts for ever.",
    "awake": "A call that goes on always has a deadline: nothing can leave it asleep.",
    "one_end": "HangUp comes exactly once, and nothing comes after it.",
    "reason": "A call ends only for a reason that really happened (I1).",
    "numbers": "Turns are numbered one by one, and at most one is open.",
    "records": "Every turn is recorded exactly once, in order, and before the end.",
    "marks": "A latency mark is taken at most once per turn and is never negative.",
    "one_turn": "One utterance opens one turn, however often its words come.",
    "words": "What the caller said reaches a turn.",
    "ahead": "What is answered before the caller has finished is heard only if it becomes the turn, whole and once.",
    "drafted": "A draft becomes the turn only when the caller has said exactly the words it answers.",
    "old_sound": "No frame of a speech that was cancelled, talked over or overtaken by a turn is sent.",
    "no_gap": "A sentence is sent frame by frame; when it goes on after a pause, no frame unheard is skipped.",
    "lead": "Never more sound than the lead waits at the far end.",
    "pace": "A sentence whose audio is there does not stutter, not even when the loop stalls for less than the lead.",
    "yield": "When a voice has lasted 60 ms over ours, the far end is empty at once.",
    "overlap": "No sentence begins while the caller is speaking.",
    "dead_air": "While it is our turn, the caller never hears 3 s of nothing (I2).",
    "silence": "Nobody is left in silence: somebody makes a sound every 21 s.",
    "keys": "Every number committed by # reaches exactly one turn, digit for digit, and no key is invented or lost.",
    "heard": "Words count as heard only when they were really played.",
    "read_back": "A read-back counts as heard only when it was played, but for its last syllables.",
    "write": "A tool that writes is never cancelled by the caller or a watchdog before its limit.",
    "watchdog": "A reply that stays away is given up: no turn is open for 6 s without a sign of it (a write: 8.5 s).",
    "goodbye": "When we hang up of our own accord, all that we sent has been played.",
    "bounds": "Never more than two sentences are being made, and no more audio is kept than the buffer allows.",
}

DEAD_AIR_MS: Ms = 3_000
DEAD_AIR_SEVERAL_MS: Ms = 4_000
"""The same where several kinds of fault come together."""
SILENCE_MS: Ms = 21_000
WORDS_MS: Ms = 6_000
"""A final this long before the end must have reached a turn."""
NO_SIGN_MS: Ms = 6_000
NO_SIGN_OF_WRITE_MS: Ms = 8_500
STALL_HEARD_MS: Ms = 180
"""A shorter stall than this must not be audible."""


def really_happened(reason: Ending, happened: set[str], told: set[str], too_long: bool) -> bool:
    """Whether a call may have ended for this reason: by the inputs, effects and directives that there were, and by what
    was said last."""
    match reason:
        case Ending.CALLER:
            return "CallerHungUp" in happened
        case Ending.CARRIER:
            return "LineLost" in happened
        case Ending.TRANSFERRED:
            return {"TransferTo", "TransferCall"} <= happened
        case Ending.DRAINED:
            return "DrainRequested" in happened
        case Ending.MAX_DURATION:
            return too_long
        case Ending.AGENT:
            return "SayGoodbye" in happened or bool(told & {"give up", "idle goodbye"})
        case _:
            assert_never(reason)


class BrokenRuleError(AssertionError):
    """`rule` is a key of RULES."""

    def __init__(self, rule: str, what: str) -> None:
        super().__init__(f"{rule}: {what} [{RULES[rule]}]")
        self.rule = rule
