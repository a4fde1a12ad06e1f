"""A model for tests of its agent: it answers what the test says, and remembers what it was asked.

In place of `openai_sdk.OpenAiModel`, so that no SDK is needed and time may be virtual.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from desk_call import DeskCall

from dalpak.agents.openai_agent import OpenAiAgent, Patience
from dalpak.agents.openai_models import UNKNOWN, Capabilities
from dalpak.agents.openai_prompt import Message
from dalpak.agents.openai_sdk import ArgumentPiece, Heard, ToolBegun, ToolWritten
from dalpak.call.inputs import Said
from dalpak.clock import SystemClock
from dalpak.ports.agent import AgentOutput, Say

CLOCK = SystemClock()
PATIENCE = Patience(first_token_s=1.5, stall_s=1.0, answer_s=8.0)
Step = Heard | float | Exception
"""A number is a pause in seconds."""


def tool(name: str, arguments: str = "{}") -> list[Step]:
    """A whole tool call, as it streams."""
    return [ToolBegun(name), ArgumentPiece(arguments), ToolWritten(name, arguments)]


def say(text: str, asks: str = "nothing") -> list[Step]:
    return tool("say", f'{{"text": "{text}", "asks": "{asks}"}}')


@dataclass
class ScriptedModel:
    """`answers` are given in order, one for each request; asked once more, it fails the test."""

    answers: list[list[Step]] = field(default_factory=list)
    caps: Capabilities = UNKNOWN
    asked: list[tuple[str, list[Message], str]] = field(default_factory=list)
    closed: int = 0

    def ask(self, instructions: str, messages: Sequence[Message], key: str) -> "_Run":
        self.asked.append((instructions, list(messages), key))
        return _Run(self, self.answers.pop(0))

    @property
    def prompts(self) -> str:
        """Everything that was ever sent."""
        return "\n".join(
            text for rules, told, _ in self.asked for text in (rules, *(m["content"] for m in told))
        )


class _Run:
    def __init__(self, model: ScriptedModel, steps: list[Step]) -> None:
        self._model, self._steps = model, steps

    async def hear(self) -> Heard | None:
        while self._steps:
            step = self._steps.pop(0)
            if isinstance(step, Exception):
                raise step
            if not isinstance(step, float | int):
                return step
            await CLOCK.sleep(step)
        return None

    async def close(self, *, gently: bool) -> None:
        self._model.closed += 1


@dataclass
class ModelCall(DeskCall):
    """A call of the model's agent."""

    model: ScriptedModel = field(default_factory=ScriptedModel)

    def __post_init__(self) -> None:
        self.agent = OpenAiAgent(self.model, PATIENCE)  # type: ignore[arg-type]

    async def begin(self) -> Self:
        await self.opened()
        return self

    async def hears(
        self, text: str, *answer: Step, heard: str | None = None, **said: object
    ) -> list[AgentOutput]:
        """One turn: the caller's words, what the model answers to them, and what came out."""
        if answer:
            self.model.answers.append(list(answer))
        return await self.does(Said(text=text, **said), heard)  # type: ignore[arg-type]


def texts(out: Sequence[AgentOutput]) -> list[str]:
    return [o.spoken.text if isinstance(o, Say) else type(o.directive).__name__ for o in out]
