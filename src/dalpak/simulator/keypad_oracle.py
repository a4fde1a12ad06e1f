"""What a keypad must do, written a second time and as plainly as possible: the rule that the core's keypad is held to.

Every number committed by `#` reaches exactly one turn, digit for digit; no key is used twice, lost or invented.
"""

from collections import deque

from dalpak.call.inputs import CollectDigits

KEYS = frozenset("0123456789*#")


class KeypadOracle:
    """Told of keys and of what surrounds them; `expected` are the keys of the turns that must have begun."""

    def __init__(self, max_digits: int, ahead: int) -> None:
        self._most, self._ahead_most = max_digits, ahead
        self._limit = max_digits
        self._digits: str | None = None
        self._ahead: deque[str] = deque(maxlen=ahead)
        self.expected: list[str] = []

    @property
    def collecting(self) -> bool:
        return self._digits is not None

    def collect(self, directive: CollectDigits) -> None:
        self._digits, self._limit = "", min(directive.max_digits, self._most)

    def words_committed(self) -> None:
        self._digits = None

    def key(self, key: str, *, thinking: bool) -> None:
        if key not in KEYS:
            return
        self._ahead.append(key)
        if not thinking:
            self.may_use_kept()

    def may_use_kept(self) -> None:
        """The agent has asked: keys typed ahead are used, until one of them begins a turn."""
        while self._ahead and not self.expected:
            self._use(self._ahead.popleft())

    def forget(self) -> None:
        self._ahead.clear()
        self._digits = None

    def _use(self, key: str) -> None:
        if self._digits is None:
            self.expected.append(key)
        elif key == "*":
            self._digits = ""
        elif key == "#":
            if self._digits:
                self.expected.append(self._digits)
                self._digits = None
        else:
            self._digits = (self._digits + key)[: self._limit]
