"""One agent per process: built once, under a lock, never per turn and never per call (SPEC B1).

The only module-level state of the agents. It is stateless itself: what a call remembers travels in
its `AgentState`. Nothing here knows the web app. An agent that cannot be built is replaced by the
built-in one: a missing key or library never takes the process down (SPEC A4).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.agents.fallback import Breaker, FallbackAgent, Warms
from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.logs import get_logger
from dalpak.ports.agent import Agent
from dalpak.ports.mishaps import Mishaps

OPS_AGENT: Agent | None = None
AGENT_LOCK = threading.Lock()
BUILDS = 0
"""How often an agent was built in this process; GO/NO-GO row 3 wants 1."""

OPENAI_ORIGIN = "https://api.openai.com/"
LEAST_TO_SPARE_MS = 300
"""Between our giving up on a model and the call's giving up on us: the built-in agent needs a part of it."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What an agent needs of the world and may not build itself; each part belongs to who made it."""

    http: Any = None
    """An `httpx2.AsyncClient` for the model's server."""
    breaker: Breaker | None = None
    retries: Any = None
    """A retry budget for the model's server: `openai_agent.Retries`."""
    mishaps: Mishaps | None = None
    """Told what the model failed at and the built-in agent did."""


def _builtin(_settings: Settings, _outside: Outside) -> Agent:
    return BuiltinAgent()


def _openai(settings: Settings, outside: Outside) -> Agent:
    """With the built-in agent behind it; and that alone where there is no key or no library."""
    log = get_logger(__name__)
    key = settings.openai_api_key.get_secret_value()
    if outside.http is None:
        log.warning("AGENT_DEGRADED", agent="openai", reason="no client for the model's server")
        return BuiltinAgent()
    if not key and settings.openai_base_url.startswith(OPENAI_ORIGIN):
        log.warning("AGENT_DEGRADED", agent="openai", reason="OPENAI_API_KEY is not set")
        return BuiltinAgent()
    try:
        from dalpak.agents.openai_build import build_openai_agent

        primary = build_openai_agent(settings, key, outside.http, outside.retries)
    except ImportError as missing:
        log.warning("AGENT_DEGRADED", agent="openai", reason=f"not installed: {missing.name}")
        return BuiltinAgent()
    within_ms = max(settings.reply_timeout_ms - LEAST_TO_SPARE_MS, settings.reply_timeout_ms // 2)
    return FallbackAgent(
        primary,
        BuiltinAgent(),
        first_output_s=within_ms / 1000,
        breaker=outside.breaker,
        mishaps=outside.mishaps,
    )


AGENTS: Mapping[str, Callable[[Settings, Outside], Agent]] = {
    "builtin": _builtin,
    "openai": _openai,
}
"""By the name that settings use. One line adds one."""


def get_ops_agent(settings: Settings, outside: Callable[[], Outside] = Outside) -> Agent:
    """The agent of this process. Raises ConfigError for a name that is not registered.

    `outside` is asked once, when the agent is built.
    """
    global OPS_AGENT, BUILDS
    with AGENT_LOCK:
        if OPS_AGENT is None:
            name = settings.agent_provider
            if name not in AGENTS:
                raise ConfigError("AGENT_PROVIDER", name, "one of " + ", ".join(sorted(AGENTS)))
            OPS_AGENT = AGENTS[name](settings, outside())
            BUILDS += 1
            get_logger(__name__).info("agent built", agent=OPS_AGENT.name, builds=BUILDS)
        return OPS_AGENT


def release_ops_agent() -> None:
    """What the agent was lent is being closed: a later start in this process builds its own."""
    global OPS_AGENT
    with AGENT_LOCK:
        OPS_AGENT = None


async def warm_up(agent: Agent) -> None:
    """Make the agent's first turn as quick as its tenth."""
    if isinstance(agent, Warms):
        await agent.warm_up()
