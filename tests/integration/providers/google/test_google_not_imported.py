"""Who has not chosen Google does not load it: its libraries cost half a second and 60 MB."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

PROGRAM = """
import asyncio, sys
from pathlib import Path
import dalpak.app_factory, dalpak.cli, dalpak.extensions
from dalpak.config import Settings
from dalpak.extensions import build_extensions

async def main():
    chosen = Settings(
        _env_file=None, data_dir=Path(sys.argv[1]), tts_provider="silent", flows_enabled=False
    )
    async with build_extensions(chosen) as extensions:
        assert extensions.bank.name == "bank:silent"

asyncio.run(main())
heavy = ("grpc", "google.cloud", "google.api_core", "google.auth", "google.protobuf")
print(*(name for name in heavy if name in sys.modules))
"""


def test_the_embedded_default_loads_nothing_of_google(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1].split() == []
