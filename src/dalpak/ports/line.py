"""The line port: the wire to the caller. Nothing here blocks; the session hears of trouble as inputs."""

from typing import Protocol


class Line(Protocol):
    transport: str
    may_come_back: bool
    """True when a lost line may be re-attached to the same call (Twilio's <Connect action>)."""

    def send_frame(self, payload: bytes) -> None:
        """20 ms of 8 kHz mu-law."""
        ...

    def send_mark(self, name: str) -> None:
        """Comes back as MarkPlayed when everything sent before it was played."""
        ...

    def clear(self) -> None:
        """Forget what was sent and not yet played."""
        ...

    def show(self, kind: str, data: dict[str, object]) -> None:
        """Tell a screen what happens (transcript, trace, latency). A telephone ignores it."""
        ...

    def transfer(self, to: str) -> None: ...

    def hang_up(self, reason: str) -> None: ...
