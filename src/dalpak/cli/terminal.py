"""A line that is a terminal: shown words out, typed words and keys in. Marks come back at once: shown is heard."""

from collections.abc import Callable

from dalpak.call.inputs import Input, MarkPlayed


class TerminalLine:
    transport = "terminal"
    may_come_back = False

    def __init__(self, show: Callable[[str, dict[str, object]], None]) -> None:
        self._show = show
        self.hear: Callable[[Input], None] = lambda _what: None
        """Set to the session's door once there is one."""

    def send_frame(self, payload: bytes) -> None:
        """A terminal has no ear."""

    def send_mark(self, name: str) -> None:
        self.hear(MarkPlayed(name))

    def clear(self) -> None:
        """What was shown was read."""

    def show(self, kind: str, data: dict[str, object]) -> None:
        self._show(kind, data)

    def transfer(self, to: str) -> None:
        self._show("transfer", {"to": to})

    def hang_up(self, reason: str) -> None:
        self._show("ended", {"reason": reason})
