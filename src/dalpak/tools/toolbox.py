"""The tools of one call, bound to its context: what an agent is given. No rule here, only the way
in."""

import asyncio
import re
from collections.abc import Mapping
from typing import TypeGuard

from dalpak.domain.phones import parse_phone
from dalpak.ports.agent import ToolOutcome
from dalpak.tools.context import CallContext
from dalpak.tools.registry import TOOLS
from dalpak.tools.spec import Tool, fail, record, run_tool

_NAME = re.compile(r"[a-z_.]{1,40}")
"""What a trace may repeat of a name that no tool has."""


class BoundToolbox:
    """Implements ports.agent.Toolbox. Calls of one call run one after the other, in order."""

    def __init__(self, ctx: CallContext) -> None:
        self._ctx = ctx
        self._one_at_a_time = asyncio.Lock()
        if ctx.gate.phone is None and _can_be_written_to(ctx.caller_phone):
            ctx.gate.note_phone(ctx.caller_phone)

    def names(self) -> tuple[str, ...]:
        return tuple(TOOLS)

    def writes(self, name: str) -> bool:
        tool = TOOLS.get(name)
        return tool is not None and tool.writes

    def spec(self, name: str) -> Tool | None:
        """Schema and `writes` of a tool; None for an unknown name."""
        return TOOLS.get(name)

    async def call(self, name: str, arguments: Mapping[str, object] | str | bytes) -> ToolOutcome:
        tool = TOOLS.get(name)
        if tool is None:
            outcome = fail("unknown_tool", "no such tool")
            record(self._ctx, name if _NAME.fullmatch(name) else "?", {}, outcome, 0)
            return outcome
        async with self._one_at_a_time:
            return await run_tool(tool, self._ctx, arguments)


def _can_be_written_to(number: str | None) -> TypeGuard[str]:
    """A mobile, as far as we can tell; a landline would never get the confirmation."""
    if number is None:
        return False
    phone = parse_phone(number)
    return phone is None or phone.mobile
