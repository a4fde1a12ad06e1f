"""Rules for every test: it says what kind it is, and it never leaves this machine."""

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

CATEGORIES = {"unit", "sim", "contract", "integration", "browser", "live"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One category for each test; live ones run only when asked for by name."""
    astray = [
        item.nodeid
        for item in items
        if len(CATEGORIES & {mark.name for mark in item.iter_markers()}) != 1
    ]
    if astray:
        listing = "\n  ".join(astray[:20])
        raise pytest.UsageError(f"mark each with one of {sorted(CATEGORIES)}:\n  {listing}")
    if "live" not in config.option.markexpr:
        skip = pytest.mark.skip(reason="needs provider accounts: -m live")
        for item in items:
            if item.get_closest_marker("live"):
                item.add_marker(skip)


def is_here(address: Any) -> bool:
    """Whether an address is this machine: a Unix socket, localhost or a loopback number."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def loopback_only() -> Iterator[None]:
    """No test may spend anybody's money or need a network: connecting elsewhere fails at once."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def guarded(real: Any) -> Any:
        def call(self: socket.socket, address: Any) -> Any:
            if not is_here(address):
                raise PermissionError(f"a test tried to reach {address!r}")
            return real(self, address)

        return call

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        yield
