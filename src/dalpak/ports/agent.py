"""The agent port: one turn of the caller in, actions out.

An agent chooses; the code speaks the facts. Three agents keep this contract: built-in, OpenAI, fallback.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from dalpak.call.inputs import CollectDigits, Directive, Said, SayGoodbye, TransferTo
from dalpak.language.base import Asked, Language, Spoken

__all__ = [
    "Agent",
    "AgentOutput",
    "AgentState",
    "AgentTurn",
    "CollectDigits",
    "Direct",
    "Directive",
    "Said",
    "Say",
    "SayGoodbye",
    "ToolOutcome",
    "Toolbox",
    "TransferTo",
]


@dataclass(frozen=True, slots=True)
class ToolOutcome:
    """What a tool gave back. `data` is JSON for a model: {"ok": true, …} | {"ok": false, "error", "reason", …}.

    `say` is the fact in words, made by code from committed rows; an agent passes it on unchanged.
    `directive` is a request to the call itself.
    """

    data: dict[str, object]
    say: Spoken | None = None
    say_tag: str | None = None
    """Set on a read-back: the nonce that counts as heard once its mark was played."""
    directive: Directive | None = None

    @property
    def ok(self) -> bool:
        return self.data.get("ok") is True


class Toolbox(Protocol):
    """The tools of one call, bound to its tenant, caller and gate. The schema a model sees has none of these."""

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        """Never raises: a fault becomes {"ok": false, "error": "internal", "reason": …}."""
        ...

    def names(self) -> tuple[str, ...]: ...

    def writes(self, name: str) -> bool:
        """True when the tool changes something: then it is never cut, and never speculated."""
        ...


@dataclass(frozen=True, slots=True)
class Say:
    """A clause or sentence to speak now. `tag` is carried to the mark that says it was heard."""

    spoken: Spoken
    tag: str | None = None
    free_text: bool = False
    """True when a model wrote it: then it passes the guard before anybody hears it."""


@dataclass(frozen=True, slots=True)
class Direct:
    directive: Directive


AgentOutput = Say | Direct


@dataclass(frozen=True, slots=True)
class AgentTurn:
    """Everything an agent may know in one turn."""

    number: int
    said: Said
    tools: Toolbox
    language: Language
    state: "AgentState"
    ears: bool
    """False when the caller cannot be understood by voice: keypad menus only."""
    caller_phone: str | None
    """The caller's own number if the carrier vouched for it."""
    heard: str | None = None
    """The words of the last answer that the caller really heard; None when nobody knows."""


class AgentState:
    """What an agent remembers between the turns of one call; JSON, so that it can be checkpointed."""

    def __init__(self, data: dict[str, object] | None = None) -> None:
        self.data: dict[str, object] = data or {}
        self.asked: Asked = Asked(str(self.data.get("asked", Asked.NOTHING)))

    def to_json(self) -> dict[str, object]:
        return {**self.data, "asked": str(self.asked)}


class Agent(Protocol):
    name: str

    def reply(self, turn: AgentTurn) -> AsyncIterator[AgentOutput]: ...
