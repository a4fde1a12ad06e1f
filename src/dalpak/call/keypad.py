"""The keypad: keys become menu choices or numbers. `#` commits, `*` clears (SPEC C3).

Rule 1: a number is committed by `#` only. A caller who pauses is reminded, never cut short.
Rule 2: keys pressed while the agent thinks are kept in order and used when it has asked.
Rule 3: this machine never says what a number means.
"""

from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from dalpak.call.limits import Limits, Ms

KEYS = frozenset("0123456789*#")


class Mode(StrEnum):
    CHOICE = "choice"
    """Each key is an answer by itself."""
    NUMBER = "number"
    """WAITING_FOR_DTMF: keys gather until `#`."""


class KeyResult(StrEnum):
    KEPT = "kept"
    CLEARED = "cleared"
    EMPTY = "empty"
    """`#` without digits."""
    COMMITTED = "committed"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Pressed:
    result: KeyResult
    keys: str = ""


class Keypad:
    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.mode = Mode.CHOICE
        self._max_digits = limits.max_digits
        self._buffer = ""
        self._ahead: deque[str] = deque(maxlen=limits.keys_ahead)
        self.last_key_at: Ms | None = None

    @property
    def collecting(self) -> bool:
        return self.mode is Mode.NUMBER

    @property
    def digits_so_far(self) -> int:
        return len(self._buffer)

    def collect(self, max_digits: int) -> None:
        """Begin WAITING_FOR_DTMF with an empty buffer."""
        self.mode = Mode.NUMBER
        self._max_digits = min(max_digits, self._limits.max_digits)
        self._buffer = ""
        self.last_key_at = None

    def stop_collecting(self) -> None:
        self.mode = Mode.CHOICE
        self._buffer = ""

    def press(self, key: str, now: Ms) -> Pressed:
        self.last_key_at = now
        if key not in KEYS:
            return Pressed(KeyResult.IGNORED)
        if self.mode is Mode.CHOICE:
            return Pressed(KeyResult.COMMITTED, key)
        if key == "*":
            had = bool(self._buffer)
            self._buffer = ""
            return Pressed(KeyResult.CLEARED if had else KeyResult.IGNORED)
        if key == "#":
            if not self._buffer:
                return Pressed(KeyResult.EMPTY)
            number = self._buffer
            self.stop_collecting()
            return Pressed(KeyResult.COMMITTED, number)
        if len(self._buffer) < self._max_digits:
            self._buffer += key
        return Pressed(KeyResult.KEPT)

    # -- type-ahead ----------------------------------------------------------------------------------

    def keep(self, key: str) -> None:
        """The agent is thinking: use this key when it has asked."""
        if key in KEYS:
            self._ahead.append(key)

    def next_kept(self) -> str | None:
        return self._ahead.popleft() if self._ahead else None

    def forget_kept(self) -> None:
        self._ahead.clear()
