"""What a tool is, and `run_tool`: the one way in. It checks, times, catches and records.

Whatever an agent sends, a tool call ends as `{"ok": true, …}` or `{"ok": false, "error", "reason",
…}`, with one trace row that holds no personal data. No business rule here.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dalpak.domain.records import TraceRecord
from dalpak.errors import DalpakError
from dalpak.ports.agent import Directive, ToolOutcome
from dalpak.tools.context import CallContext

MAX_ARGUMENTS = 16_384
"""Bytes of JSON; a model that sends more is not answering the question."""
MAX_REASON = 160

READ_TIMEOUT_S = 1.5
WRITE_TIMEOUT_S = 3.0
"""A claim takes milliseconds; this covers a busy database once, inside the caller's patience."""


class Args(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every tool's arguments: unknown keys and wrong types are refused."""


class NoArgs(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tool that is only called."""


class BadArguments(DalpakError):
    """Arguments of the right type that mean nothing: 31 February. `str()` is the reason, without
    PII."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One use case. `writes` means the database changes: never in a speculative turn, never cut
    short."""

    name: str
    about: str
    """For a model: when to call it, in one or two short English sentences."""
    args: type[Args]
    run: Callable[[CallContext, Any], Awaitable[ToolOutcome]]
    writes: bool = False
    private: frozenset[str] = field(default_factory=frozenset)
    """Arguments that hold personal data; a trace gets their shape only."""

    @property
    def timeout_s(self) -> float:
        return WRITE_TIMEOUT_S if self.writes else READ_TIMEOUT_S

    def schema(self) -> dict[str, Any]:
        """Strict JSON schema: every property required (null where optional), nothing else
        allowed."""
        whole = msgspec.json.schema(self.args)
        definition = _strict(whole, whole["$defs"])
        properties = definition["properties"]
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }


_NOT_IN_STRICT_SCHEMAS = frozenset({"default", "maxLength", "minLength", "maxItems", "minItems"})


def _strict(schema: Any, definitions: dict[str, Any]) -> Any:
    """Without keywords that strict schemas lack, and with every reference written out."""
    if isinstance(schema, list):
        return [_strict(v, definitions) for v in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _strict(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {
        k: _strict(v, definitions) for k, v in schema.items() if k not in _NOT_IN_STRICT_SCHEMAS
    }


def succeed(**data: object) -> ToolOutcome:
    """`{"ok": true, …}` with nothing to say; a tool that speaks makes its own ToolOutcome."""
    return ToolOutcome({"ok": True, **data})


def fail(
    error: str, reason: str, *, directive: Directive | None = None, **data: object
) -> ToolOutcome:
    """`{"ok": false, "error", "reason", …}`. Neither may hold personal data: both are traced."""
    return ToolOutcome({"ok": False, "error": error, "reason": reason, **data}, directive=directive)


async def run_tool(
    tool: Tool, ctx: CallContext, arguments: Mapping[str, object] | str | bytes
) -> ToolOutcome:
    """Run one call of a tool to its end. Never raises, except for cancellation."""
    began = ctx.clock.monotonic_ms()
    outcome = await _attempt(tool, ctx, arguments)
    record(ctx, tool.name, _shape(tool, arguments), outcome, ctx.clock.monotonic_ms() - began)
    return outcome


async def _attempt(
    tool: Tool, ctx: CallContext, arguments: Mapping[str, object] | str | bytes
) -> ToolOutcome:
    try:
        args = _read(tool.args, arguments)
    except BadArguments as bad:
        return fail("bad_arguments", str(bad))
    try:
        async with asyncio.timeout(tool.timeout_s):
            return await tool.run(ctx, args)
    except BadArguments as bad:
        return fail("bad_arguments", str(bad))
    except TimeoutError:
        return fail("timeout", f"no answer within {tool.timeout_s} s")
    except Exception as fault:
        return fail("internal", type(fault).__name__)


def _read(args: type[Args], arguments: Mapping[str, object] | str | bytes) -> Args:
    try:
        if isinstance(arguments, str | bytes):
            if len(arguments) > MAX_ARGUMENTS:
                raise BadArguments(f"more than {MAX_ARGUMENTS} bytes")
            arguments = msgspec.json.decode(arguments or b"{}")
        return msgspec.convert(arguments, args)
    except msgspec.ValidationError as bad:
        raise BadArguments(_reason(str(bad))) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadArguments("not JSON") from None


def _reason(message: str) -> str:
    """msgspec names types and our own fields, never values; but an unknown key may be anything."""
    if message.startswith("Object contains unknown field"):
        return "unknown argument"
    return message[:MAX_REASON]


def record(
    ctx: CallContext, tool: str, args: dict[str, object], outcome: ToolOutcome, latency_ms: int
) -> None:
    """Write the AgentTrace. A recorder that fails loses its row and nothing else."""
    reason = ""
    if not outcome.ok:
        reason = f"{outcome.data.get('error')}: {outcome.data.get('reason')}"
    try:
        ctx.record_trace(
            TraceRecord(
                call_id=ctx.call_id,
                turn=ctx.turn(),
                tool=tool,
                args=args,
                ok=outcome.ok,
                reason=reason,
                latency_ms=latency_ms,
                at=ctx.clock.now(),
            )
        )
    except Exception:
        return


_HARMLESS = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?)?"
    r"|\d\d:\d\d|(?!\w*\d{6})[A-Za-z_][A-Za-z0-9_]{0,39}",
    re.ASCII,
)
"""Dates, times and our own ids may be traced; anything else is only measured."""


def _shape(tool: Tool, arguments: Mapping[str, object] | str | bytes) -> dict[str, object]:
    if isinstance(arguments, str | bytes):
        size = len(arguments)
        try:
            decoded = msgspec.json.decode(arguments) if 0 < size <= MAX_ARGUMENTS else None
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            decoded = None
        if not isinstance(decoded, dict):
            return {"_": f"text({size})"}
        arguments = decoded
    known = set(tool.args.__struct_fields__) & set(arguments)
    shape = {k: _shape_of(arguments[k], private=k in tool.private) for k in sorted(known)}
    unknown = len(arguments) - len(known)
    return {**shape, "_unknown": unknown} if unknown else shape


def _shape_of(value: object, *, private: bool) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 10_000 and not private:
        return value
    if isinstance(value, str):
        harmless = not private and _HARMLESS.fullmatch(value)
        return value if harmless else f"text({len(value)})"
    return type(value).__name__
