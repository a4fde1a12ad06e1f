"""The first turn of a warm process has nothing left to do: no connection, no import, no client, no other prompt.

That is what "as quick as the tenth" means on any machine; how long it takes is in `make bench` (bench/startup.py).
"""

import json
from pathlib import Path
from typing import Any

import pytest
from tests import serving

pytestmark = pytest.mark.integration

PROGRAM = Path(__file__).parents[3] / "bench" / "first_turn.py"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a process of its own says of its first ten turns."""
    lines = serving.printed(str(PROGRAM), folder=tmp_path_factory.mktemp("first_turn"))
    return json.loads(lines[-1])


def test_the_first_turn_opens_builds_and_loads_nothing(found: Any) -> None:
    assert (found["connections"], found["clients"], found["modules"]) == (0, 0, [])


def test_all_turns_go_over_one_connection_with_one_prompt_and_one_agent(found: Any) -> None:
    assert found["requests"] == len(found["turns_ms"]) == 10
    assert (found["all_connections"], found["prompts"], found["agents_built"]) == (1, 1, 1)
