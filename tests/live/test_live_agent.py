"""The contract of an agent, held by the real model behind OPENAI_BASE_URL: `make live`. Some thousand tokens.

A model is free to lead the talk: only what must hold with every agent is asked of it, not the order of one dialogue.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import test_agent as contract
from live_stage import MODEL, suite

from dalpak.agents.agent_factory import warm_up
from dalpak.clock import SystemClock
from dalpak.ports.agent import Agent
from dalpak.services import registry

pytestmark = pytest.mark.live

Test = Callable[[contract.Make], Awaitable[None]]


@asynccontextmanager
async def model() -> AsyncIterator[Agent]:
    """Alone and warm: with the built-in agent behind it, a model that never answers would hold too."""
    from dalpak.agents.openai_build import build_openai_agent

    settings = MODEL.settings(agent_provider="openai")
    client = registry.model_client(settings, SystemClock())
    assert client is not None
    try:
        agent = build_openai_agent(
            settings, settings.openai_api_key.get_secret_value(), client.client
        )
        await warm_up(agent)
        yield agent
    finally:
        await client.aclose()


@pytest.mark.parametrize("name", ["openai"])
@pytest.mark.parametrize("test", suite(contract, "make", without=frozenset()))
async def test_the_real_model_keeps_the_contract(name: str, test: Test) -> None:
    MODEL.settings()
    await test(model)
