"""Integration tests judge what comes of something, never how long it took."""

from collections.abc import Iterator

import pytest

from dalpak.store import engines, unit_of_work
from dalpak.tools import spec

PATIENCE_S = 60.0


@pytest.fixture(autouse=True, scope="session")
def a_busy_machine_is_no_dead_database() -> Iterator[None]:
    """The limits that calls have keep a caller from waiting; here they would fail a test that fifty
    callers on one loop, or another program on the same core, make slow. A test of a limit sets it.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONNECT_S", "STATEMENT_S", "POOL_WAIT_S"):
            patch.setattr(engines, name, PATIENCE_S)
        patch.setattr(unit_of_work, "GATE_WAIT_S", PATIENCE_S)
        for name in ("READ_TIMEOUT_S", "WRITE_TIMEOUT_S"):
            patch.setattr(spec, name, PATIENCE_S)
        yield
