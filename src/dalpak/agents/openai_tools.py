"""The tools as a model sees them: generated from the registry, under names that the wire takes, plus `say`.

Left out is what code knows better: the overview stands in the prompt, and the nonce of a read-back is filled in from
the call's own state. No tool is run here.
"""

import json
from dataclasses import dataclass
from typing import Any

from dalpak.agents.dialogue import Waiting
from dalpak.agents.prompts import receptionist as words
from dalpak.tools.registry import TOOLS
from dalpak.tools.spec import MAX_ARGUMENTS, Tool

SAY = "say"
IN_THE_PROMPT = frozenset({"business.overview"})
BY_CODE = frozenset({"messages.ask", "messages.note", "messages.promise"})
"""Consent to messages is asked, noted and acted on without a model."""
NOT_SHOWN = IN_THE_PROMPT | BY_CODE
FILLED_IN = frozenset({"nonce"})
"""Copying thirty random letters is slow and goes wrong; the gate wants more than the nonce anyway."""

ASKS: dict[str, Waiting] = {
    "nothing": Waiting.NOTHING,
    "when": Waiting.WHEN,
    "service": Waiting.SERVICE,
    "name": Waiting.NAME,
}
"""What free words may ask for; every other question is the system's own."""


@dataclass(frozen=True, slots=True)
class ModelTool:
    name: str
    """As the model calls it."""
    about: str
    schema: dict[str, Any]
    """Strict JSON schema of its arguments."""


def wire_name(tool: str) -> str:
    """`calendar.find_slots` -> `calendar_find_slots`: names on the wire have no dots."""
    return tool.replace(".", "_")


def model_tools() -> tuple[ModelTool, ...]:
    """In a fixed order: they are the beginning of the prefix that is cached."""
    return (_say(), *(_shown(tool) for tool in TOOLS.values() if tool.name not in NOT_SHOWN))


def our_names() -> dict[str, str]:
    """From the name on the wire to our own; `say` is not one of our tools."""
    return {wire_name(name): name for name in TOOLS if name not in NOT_SHOWN}


def arguments_of(text: str) -> dict[str, object] | None:
    """What a model wrote as arguments, without what it left open; None when it is not a JSON object."""
    if len(text) > MAX_ARGUMENTS:
        return None
    try:
        read = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    return {key: value for key, value in read.items() if value is not None}


def _say() -> ModelTool:
    properties = {
        "text": {"type": "string", "description": words.SAY_TEXT},
        "asks": {"type": "string", "enum": list(ASKS), "description": words.SAY_ASKS},
    }
    return ModelTool(
        SAY,
        words.SAY,
        {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        },
    )


def _shown(tool: Tool) -> ModelTool:
    schema = tool.schema()
    properties = {k: v for k, v in schema["properties"].items() if k not in FILLED_IN}
    return ModelTool(
        wire_name(tool.name),
        tool.about,
        {**schema, "properties": properties, "required": list(properties)},
    )
