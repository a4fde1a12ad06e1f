"""All plays that the selected tests are about, performed once and together."""

from typing import Any

import pytest
from product_stage import Play, perform


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[Play, Any]:
    functions = [getattr(item, "function", None) for item in request.session.items]
    plays = dict.fromkeys(f.play for f in functions if hasattr(f, "play"))
    return perform(plays, tmp_path_factory.mktemp("product"))


@pytest.fixture
def outcome(request: pytest.FixtureRequest, outcomes: dict[Play, Any]) -> Any:
    """What this test's play brought back; its own failure is the test's."""
    found = outcomes[request.function.play]
    if isinstance(found, BaseException):
        raise found
    return found
