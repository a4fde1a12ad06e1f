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
    with pytest.raises(
        ConfigError, match="AGENT_PROVIDER: expected one of builtin, openai, got 'acme'"
    ):
        agent_factory.get_ops_agent(settings(agent_provider="acme"))
    assert agent_factory.BUILDS == 0


# -- the model's agent -----------------------------------------------------------------------------


def test_without_a_key_the_builtin_agent_answers() -> None:
    asked = settings(agent_provider="openai")
    agent = agent_factory.get_ops_agent(asked, lambda: agent_factory.Outside(http=object()))
    assert agent.name == "builtin"


def test_without_a_client_too() -> None:
    asked = settings(agent_provider="openai", openai_api_key="k")
    assert agent_factory.get_ops_agent(asked).name == "builtin"


def test_with_both_the_model_comes_first_and_the_builtin_agent_behind_it() -> None:
    httpx2 = pytest.importorskip("httpx2")
    asked = settings(agent_provider="openai", openai_api_key="k")
    agent = agent_factory.get_ops_agent(
        asked, lambda: agent_factory.Outside(http=httpx2.AsyncClient())
    )
    assert agent.name == "openai+builtin"


def test_a_server_of_ones_own_needs_no_key() -> None:
    httpx2 = pytest.importorskip("httpx2")
    asked = settings(agent_provider="openai", openai_base_url="http://127.0.0.1:11434/v1")
    agent = agent_factory.get_ops_agent(
        asked, lambda: agent_factory.Outside(http=httpx2.AsyncClient())
    )
    assert agent.name == "openai+builtin"


def test_what_it_was_lent_is_asked_for_once_and_given_back() -> None:
    asked: list[int] = []

    def outside() -> agent_factory.Outside:
        asked.append(1)
        return agent_factory.Outside()

    for _ in range(3):
        agent_factory.get_ops_agent(settings(), outside)
    assert len(asked) == 1
    agent_factory.release_ops_agent()
    assert agent_factory.OPS_AGENT is None
