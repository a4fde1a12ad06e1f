"""Rules for every test: it says what kind it is, and it never leaves this machine."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# How long an example takes, to run or to draw, says how busy the machine is; timing belongs in `make bench`.
hypothesis.settings.register_profile(
    "dalpak", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("dalpak")

# Modules that help the tests beside them are imported by their own name, which no two share.
HELPERS = {
    str(path.parent)
    for path in Path(__file__).parent.rglob("*.py")
    if not path.name.startswith(("test_", "conftest"))
}
sys.path[:0] = sorted(HELPERS)

DATA = Path(__file__).parent.parent / "data"

# In the order they run: what is quick to tell comes first. The browser comes last also because its
# driver keeps a loop running in the main thread, where no other test could then run one.
CATEGORIES = ("unit", "contract", "sim", "integration", "browser", "live")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="only the tests that draw worlds by seed, as many as can be",
    )


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """True when hours are cheap: a test that draws worlds by seed draws its long list then."""
    return bool(request.config.getoption("--long"))


def categories(item: pytest.Item) -> list[str]:
    marks = {mark.name for mark in item.iter_markers()}
    return [category for category in CATEGORIES if category in marks]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """One category for each test; live ones run only when asked for by name."""
    astray = [item.nodeid for item in items if len(categories(item)) != 1]
    if astray:
        listing = "\n  ".join(astray[:20])
        raise pytest.UsageError(f"mark each with one of {', '.join(CATEGORIES)}:\n  {listing}")
    if config.option.long:
        draws = ["long_run" in getattr(item, "fixturenames", ()) for item in items]
        config.hook.pytest_deselected(items=[i for i, d in zip(items, draws, strict=True) if not d])
        items[:] = [item for item, d in zip(items, draws, strict=True) if d]
    items.sort(key=lambda item: CATEGORIES.index(categories(item)[0]))
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
def data_as_it_was() -> Iterator[None]:
    """`data/` of a checkout holds somebody's bookings: a test has a folder of its own."""
    before = set(DATA.rglob("*"))
    yield
    assert set(DATA.rglob("*")) - before == set(), "a test wrote into the checkout's data folder"


@pytest.fixture(autouse=True, scope="session")
def loopback_only(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test may spend anybody's money or need a network: connecting elsewhere fails at once. Only live ones may,
    and they run alone.
    """
    if request.config.option.markexpr == "live":
        yield
        return
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
