"""Which approved template stands for a kind of message, and how a value must look to fill it.

The approved words themselves are at the provider. What the values are is decided by the flow.
"""

from collections.abc import Mapping

VALUE_CHARS = 700
"""Of one value. Meta's limit is for the whole body, 1,024 with the approved words."""


def template_for(table: Mapping[str, str], kind: str, language: str) -> str:
    """The operator's entry for the kind in this language, else for the kind, else nothing."""
    return table.get(f"{kind}.{language}") or table.get(kind) or ""


def template_values(values: tuple[str, ...], text: str) -> list[str]:
    """The values in order; a message without any has one, its whole text."""
    return [template_value(v) for v in values or (text,)]


def template_value(text: str) -> str:
    """As providers take one: a single line, never empty, not longer than its share."""
    line = " ".join(text.split())
    if len(line) > VALUE_CHARS:
        line = line[: VALUE_CHARS - 1] + "…"
    return line or "-"
