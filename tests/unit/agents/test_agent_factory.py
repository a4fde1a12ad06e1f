"""One agent per process (SPEC B1)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dalpak.agents import agent_factory
from dalpak.config import Settings
from dalpak.errors import ConfigError

pytestmark = pytest.mark.unit


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type, call-arg]


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent_factory, "OPS_AGENT", None)
    monkeypatch.setattr(agent_factory, "BUILDS", 0)


def test_however_many_ask_it_is_built_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        agents = list(pool.map(lambda _: agent_factory.get_ops_agent(settings()), range(64)))
    assert len({id(agent) for agent in agents}) == 1
    assert agents[0] is agent_factory.OPS_AGENT
    assert agent_factory.BUILDS == 1


def test_an_unknown_name_says_what_there_is_and_builds_nothing() -> None:
    with pytest.raises(ConfigError, match="AGENT_PROVIDER: expected one of builtin, got 'acme'"):
        agent_factory.get_ops_agent(settings(agent_provider="acme"))
    assert agent_factory.BUILDS == 0
