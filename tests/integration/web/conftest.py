"""The web edge for its tests: a running server with scripted conversations behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from edge_harness import Edge, running_edge, settings_for


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    async with running_edge(settings_for(tmp_path)) as running:
        yield running
