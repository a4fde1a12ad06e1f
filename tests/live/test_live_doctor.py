"""The doctor against the real services of this machine's settings: nothing that is configured may be an error."""

import pytest

from dalpak.cli.doctor import CHECKS, examine, is_embedded
from dalpak.clock import SystemClock
from dalpak.config import load_settings

pytestmark = pytest.mark.live

ASKED = [check for check in CHECKS if check.name not in {"public address", "clock"}]


@pytest.mark.parametrize("name", [check.name for check in ASKED])
async def test_what_is_configured_works(name: str) -> None:
    settings = load_settings()
    if is_embedded(settings):
        pytest.skip("no provider is configured")
    checks = [check for check in ASKED if check.name == name]

    found = await examine(settings, SystemClock(), checks=checks)

    assert [f for f in found if f.state == "error"] == []
