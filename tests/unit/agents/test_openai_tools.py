"""What a model is shown of the tools, and what it takes: nothing of tenant, call or caller; strict; readable."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dalpak.agents.openai_models import MODELS, UNKNOWN, Capabilities, capabilities
from dalpak.agents.openai_tools import (
    NOT_SHOWN,
    SAY,
    arguments_of,
    model_tools,
    our_names,
    wire_name,
)
from dalpak.tools.registry import TOOLS

pytestmark = pytest.mark.unit

SECRETS = ("business", "tenant", "call_id", "caller", "nonce", "holder", "session")


def test_every_tool_is_shown_but_the_overview_and_consent() -> None:
    shown = {tool.name for tool in model_tools()}
    assert {
        "business.overview",
        "messages.ask",
        "messages.note",
        "messages.promise",
    } == NOT_SHOWN
    assert shown == {SAY} | {wire_name(t) for t in TOOLS if t not in NOT_SHOWN}
    assert {wire_name(ours): ours for ours in TOOLS if ours not in NOT_SHOWN} == our_names()


@pytest.mark.parametrize("tool", model_tools(), ids=lambda tool: tool.name)
def test_schemas_are_strict_and_tell_no_identity(tool: object) -> None:
    schema, name = tool.schema, tool.name  # type: ignore[attr-defined]
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
    assert schema["additionalProperties"] is False
    assert schema["required"] == list(schema["properties"])
    assert not [p for p in schema["properties"] for secret in SECRETS if secret in p]
    assert not re.search(r"\$ref|\$defs|default", str(schema))
    assert tool.about  # type: ignore[attr-defined]


def test_the_order_of_the_tools_never_changes() -> None:
    """They are the beginning of what a provider caches."""
    assert model_tools() == model_tools()
    assert model_tools()[0].name == SAY


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text(max_size=5)))
def test_what_a_model_left_open_is_left_out(written: dict[str, object]) -> None:
    import json

    assert arguments_of(json.dumps(written)) == {k: v for k, v in written.items() if v is not None}


@pytest.mark.parametrize(
    "garbage", ["{", "[]", "null", "5", "\x00", '"x"', "[" * 5_000, "x" * 20_000]
)
def test_what_is_no_object_is_nothing(garbage: str) -> None:
    assert arguments_of(garbage) is None


def test_no_arguments_at_all_are_none_given() -> None:
    assert arguments_of("") == {}


@pytest.mark.parametrize(
    ("model", "temperature", "effort"),
    [
        ("gpt-5.6-luna", True, "none"),
        ("gpt-5.6-luna-2026-07-01", True, "none"),
        ("gpt-6-luna", False, "none"),
        ("gpt-6-astra", False, "low"),
        ("gpt-5-mini", False, "minimal"),
        ("gpt-4.1-mini", True, None),
        ("qwen3:8b", True, None),
    ],
)
def test_what_models_take(model: str, temperature: bool, effort: str | None) -> None:
    caps = capabilities(model)
    assert (caps.temperature, caps.effort) == (temperature, effort)


def test_an_unknown_server_gets_what_chat_completions_always_had() -> None:
    assert capabilities("somebodys-own") is UNKNOWN
    assert not UNKNOWN.cache_key
    assert not UNKNOWN.verbosity
    assert UNKNOWN.effort is None


@pytest.mark.parametrize("caps", [UNKNOWN, *MODELS.values()])
@pytest.mark.parametrize(
    "parameter",
    [
        "temperature",
        "reasoning.effort",
        "verbosity",
        "tools[0].strict",
        "prompt_cache_key",
        "model",
    ],
)
def test_a_refused_parameter_is_dropped_once(caps: Capabilities, parameter: str) -> None:
    """Dropping ends: a server that refuses everything is not asked for ever."""
    less = caps.without(parameter)
    assert less != caps
    if less is not None:
        assert less.without(parameter) is None
