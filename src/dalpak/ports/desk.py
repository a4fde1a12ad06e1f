"""The desk port: what one live call needs of the business it reached. Built when the call begins, gone when it ends."""

from collections.abc import Callable
from typing import Protocol

from dalpak.call.inputs import Said
from dalpak.call.prompts import Prompts
from dalpak.domain.records import Business, CallRecord, TraceRecord
from dalpak.language.base import Language
from dalpak.ports.agent import Toolbox


class CallDesk(Protocol):
    """The tools and the gate of one call, bound to its tenant and caller."""

    tools: Toolbox
    language: Language
    business: Business
    hints: tuple[str, ...]
    """Words the STT should expect: services, staff, days."""

    def prompts(self, *, ears: bool) -> Prompts:
        """What the call itself says; without ears the greeting asks nothing."""
        ...

    def turn_began(self, number: int, said: Said, *, ears: bool) -> None:
        """The caller's own words or keys: the only thing that can be a consent."""
        ...

    def draft_began(self, number: int, *, ears: bool) -> None:
        """The turn that is likely to come is being answered ahead. Its words are no consent before `turn_began`."""
        ...

    def read_back_heard(self, tag: str) -> None:
        """The read-back with this nonce was played and its mark came back."""
        ...

    def state(self) -> dict[str, object]:
        """JSON for the checkpoint."""
        ...

    def restore(self, state: dict[str, object]) -> None:
        """Back to what `state` gave: what a dropped draft did here never was."""
        ...


class DeskFactory(Protocol):
    async def __call__(
        self, record: CallRecord, on_trace: Callable[[TraceRecord], None]
    ) -> CallDesk:
        """Reads the business; `record.checkpoint` restores the gate. `on_trace` never blocks."""
        ...
