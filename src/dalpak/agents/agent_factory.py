"""One agent per process: built once, under a lock, never per turn and never per call (SPEC B1).

The only module-level state of the agents. It is stateless itself: what a call remembers travels in
its `AgentState`. Nothing here knows the web app.
"""

import threading
from collections.abc import Callable, Mapping

from dalpak.agents.builtin_agent import BuiltinAgent
from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.logs import get_logger
from dalpak.ports.agent import Agent

OPS_AGENT: Agent | None = None
AGENT_LOCK = threading.Lock()
BUILDS = 0
"""How often an agent was built in this process; GO/NO-GO row 3 wants 1."""


def _builtin(_settings: Settings) -> Agent:
    return BuiltinAgent()


AGENTS: Mapping[str, Callable[[Settings], Agent]] = {
    "builtin": _builtin,
}
"""By the name that settings use. One line adds one."""


def get_ops_agent(settings: Settings) -> Agent:
    """The agent of this process. Raises ConfigError for a name that is not registered."""
    global OPS_AGENT, BUILDS
    with AGENT_LOCK:
        if OPS_AGENT is None:
            name = settings.agent_provider
            if name not in AGENTS:
                raise ConfigError("AGENT_PROVIDER", name, "one of " + ", ".join(sorted(AGENTS)))
            OPS_AGENT = AGENTS[name](settings)
            BUILDS += 1
            get_logger(__name__).info("agent built", agent=OPS_AGENT.name, builds=BUILDS)
        return OPS_AGENT
