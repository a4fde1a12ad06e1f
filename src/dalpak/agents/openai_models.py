"""What each model takes, as a literal table: a parameter that a model refuses costs the caller a whole turn.

From the providers' documents and from others' reports; where nobody knows, the safe side. A server that still refuses
one is believed: the parameter is dropped for the rest of the process. No client here, no request.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

TEMPERATURE = 0.2
"""SPEC B3."""
OUTPUT_TOKENS_MAX = 200
"""SPEC B3, D4."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    temperature: bool = True
    effort: str | None = None
    """The least reasoning it offers, sent always: without it gpt-6 thinks for seconds. None: not a reasoning model."""
    verbosity: bool = False
    strict: bool = True
    """Strict tool schemas."""
    parallel_flag: bool = True
    """Takes `parallel_tool_calls`."""
    cache_key: bool = False
    """Takes `prompt_cache_key`."""
    late_system: bool = False
    """Takes a system message behind the conversation; others get the state of the call with the caller's words."""
    completion_tokens: bool = False
    """On Chat Completions the limit is called `max_completion_tokens`."""

    def without(self, parameter: str) -> "Capabilities | None":
        """With this parameter dropped; None when it is not one that can be."""
        dropped = self
        for prefix, changes in _DROPS.items():
            if parameter.startswith(prefix):
                dropped = replace(self, **changes)
        return dropped if dropped != self else None


_DROPS: Mapping[str, Mapping[str, Any]] = {
    "temperature": {"temperature": False},
    "reasoning": {"effort": None},
    "verbosity": {"verbosity": False},
    "text": {"verbosity": False},
    "tools": {"strict": False},
    "parallel_tool_calls": {"parallel_flag": False},
    "prompt_cache_key": {"cache_key": False},
    "max_tokens": {"completion_tokens": True},
    "max_completion_tokens": {"completion_tokens": False},
}
"""By the beginning of the parameter's name, as the server's error names it."""

_GPT = Capabilities(cache_key=True, late_system=True)
_GPT_5 = replace(_GPT, temperature=False, effort="none", verbosity=True, completion_tokens=True)

MODELS: Mapping[str, Capabilities] = {
    "gpt-6-astra": replace(_GPT_5, effort="low"),  # has no effort "none"
    "gpt-6": _GPT_5,  # whether it takes a temperature is not known
    "gpt-5.6-luna": replace(_GPT_5, temperature=True),
    "gpt-5-": replace(_GPT_5, effort="minimal"),  # the first generation: before "none"
    "gpt-5": _GPT_5,
    "gpt-4.1": _GPT,
    "gpt-4o": _GPT,
}
"""By the beginning of the model's name; the first that fits."""

UNKNOWN = Capabilities()
"""Somebody's own server: what Chat Completions has always had."""


def capabilities(model: str) -> Capabilities:
    return next((caps for prefix, caps in MODELS.items() if model.startswith(prefix)), UNKNOWN)
