"""Logging: where lines go, and that writing one harms nobody."""

import io
import sys
from collections.abc import Iterator

import pytest
import structlog

from dalpak.logs import configure_logging, get_logger

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def own_configuration() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_lines_go_to_standard_error_as_it_is_now(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    configure_logging(debug=False, fmt="json")
    log = get_logger("test")
    log.warning("one")
    monkeypatch.setattr(sys, "stderr", second)
    log.warning("two", phone="0501234567")
    assert "one" in first.getvalue()
    assert "two" not in first.getvalue()
    assert "two" in second.getvalue()
    assert "0501234567" not in second.getvalue()


def test_a_closed_standard_error_costs_a_line_and_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    monkeypatch.setattr(sys, "stderr", closed)
    configure_logging(debug=False, fmt="json")
    log = get_logger("test")
    closed.close()
    log.warning("nobody reads this")
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    log.warning("and this is read")
    assert "and this is read" in sys.stderr.getvalue()  # type: ignore[attr-defined]
