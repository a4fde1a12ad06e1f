"""`get_business_policy`: the business's row and what its prompt says, as one checked policy. Never
raises.

The row wins: it was checked when it was saved. A prompt only fills what the row leaves open, by
English lines such as `slot size: 20 minutes`, `open 24/7: yes`, `minimum notice: 2 hours`, `booking
window: 30 days`, `require phone: no`. A policy that cannot be read leaves the last good one in
force; with none, the business is closed, because nothing wrong may be offered.
"""

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from dalpak.domain.policy import Policy
from dalpak.errors import PolicyError
from dalpak.ports.store import PolicyRow

MAX_CACHED = 1_024
"""Businesses kept per process."""
MAX_PROMPT = 20_000
"""Characters of a prompt that are read for hints."""

_LINE = re.compile(r"^[\s*•-]*([A-Za-z0-9][A-Za-z0-9 _/-]{1,40}?)\s*[:=]\s*(\S.{0,60}?)\s*\.?$")
_AMOUNT = re.compile(
    r"(\d{1,6})\s*(minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)?", re.IGNORECASE
)
_MINUTES = {"m": 1, "h": 60, "d": 1_440, "w": 10_080}
_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def _minutes(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    return int(match[1]) * _MINUTES[(match[2] or "m")[0].lower()] if match else None


def _days(text: str) -> int | None:
    match = _AMOUNT.fullmatch(text)
    return int(match[1]) * _MINUTES[(match[2] or "d")[0].lower()] // 1_440 if match else None


def _yes_no(text: str) -> bool | None:
    return _WORDS.get(text.lower())


_HINTS: dict[str, tuple[str, Callable[[str], object | None]]] = {
    "slot_size": ("slot_size_min", _minutes),
    "slot_size_min": ("slot_size_min", _minutes),
    "open_24_7": ("allow_24_7", _yes_no),
    "allow_24_7": ("allow_24_7", _yes_no),
    "24_7": ("allow_24_7", _yes_no),
    "min_notice": ("min_notice_min", _minutes),
    "min_notice_min": ("min_notice_min", _minutes),
    "minimum_notice": ("min_notice_min", _minutes),
    "booking_window": ("booking_window_days", _days),
    "booking_window_days": ("booking_window_days", _days),
    "require_phone": ("require_phone_before_booking", _yes_no),
    "phone_required": ("require_phone_before_booking", _yes_no),
    "require_phone_before_booking": ("require_phone_before_booking", _yes_no),
}
"""What a prompt may say, by its key in lower case with `_` for blanks, slashes and hyphens."""


def hints_in(prompt: str) -> dict[str, object]:
    """Policy keys that a prompt sets; what is not understood, or not valid alone, is left out."""
    found: dict[str, object] = {}
    for line in prompt[:MAX_PROMPT].splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        known = _HINTS.get(re.sub(r"[ /_-]+", "_", match[1].lower()))
        value = known[1](match[2]) if known else None
        if known is None or value is None:
            continue
        try:
            Policy.from_json({known[0]: value})
        except PolicyError:
            continue
        found[known[0]] = value
    return found


@dataclass(frozen=True, slots=True)
class CachedPolicy:
    """What is in force for one version of a row and a prompt; `good` means it was read from them
    once."""

    version: int
    prompt: str
    timezone: str
    policy: Policy
    good: bool
    problem: str


class PolicyCache:
    """The policies in force, one per business, each for one version of its row and prompt."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, CachedPolicy] = OrderedDict()

    def problem(self, business_id: str) -> str:
        """Why the saved policy is not the one in force; empty when it is."""
        entry = self._entries.get(business_id)
        return entry.problem if entry else ""

    def get(self, business_id: str) -> CachedPolicy | None:
        entry = self._entries.get(business_id)
        if entry is not None:
            self._entries.move_to_end(business_id)
        return entry

    def put(self, business_id: str, entry: CachedPolicy) -> None:
        self._entries[business_id] = entry
        self._entries.move_to_end(business_id)
        if len(self._entries) > MAX_CACHED:
            self._entries.popitem(last=False)


def get_business_policy(
    business_id: str,
    business_prompt: str,
    *,
    row: PolicyRow,
    timezone: str,
    cache: PolicyCache,
) -> Policy:
    """The policy in force. Costs a dictionary look-up while row and prompt stay the same."""
    known = cache.get(business_id)
    asked = (row.version, business_prompt, timezone)
    if known is not None and (known.version, known.prompt, known.timezone) == asked:
        return known.policy
    try:
        merged = {"timezone": timezone, **hints_in(business_prompt), **row.raw}
        entry = CachedPolicy(*asked, Policy.from_json(merged), good=True, problem="")
    except PolicyError as refused:
        last = known.policy if known is not None and known.good else None
        entry = CachedPolicy(
            *asked, last or Policy(), good=last is not None, problem=f"policy refused: {refused}"
        )
    cache.put(business_id, entry)
    return entry.policy
