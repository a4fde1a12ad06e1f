"""`dalpak whatsapp`: what is missing is named, and the sidecar is kept running and stopped cleanly."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dalpak.cli.app import app
from dalpak.cli.whatsapp import run_sidecar, sidecar_environment
from dalpak.clock import SystemClock
from dalpak.config import Settings

pytestmark = pytest.mark.integration

TOKEN = "a-token-of-more-than-twenty-characters"
PATIENCE_S = 60.0


def run(folder: Path, *command: str, **env: str) -> tuple[int, str]:
    result = CliRunner().invoke(
        app, ["whatsapp", *command], env={"DATA_DIR": str(folder), "BAILEYS_TOKEN": TOKEN, **env}
    )
    return result.exit_code, result.output


def test_status_names_what_is_missing(tmp_path: Path) -> None:
    code, out = run(tmp_path, "status", "--json", MESSENGER="whatsapp_cloud")
    told = json.loads(out)

    assert (code, told["ok"]) == (1, False)
    assert told["set_up"]["whatsapp_cloud"] == "not set up: WHATSAPP_CLOUD_PHONE_NUMBER_ID"
    assert told["set_up"]["twilio_sms"] == "not set up: TWILIO_SMS_FROM"
    assert told["set_up"]["outbox"] == "set up"
    assert run(tmp_path, "status")[0] == 0, "the outbox needs nothing"


def test_a_sidecar_that_does_not_run_is_told_with_how_to_start_it(tmp_path: Path) -> None:
    env = {"MESSENGER": "baileys", "BAILEYS_URL": "http://127.0.0.1:9"}
    code, out = run(tmp_path, "status", **env)
    assert code == 1
    assert "dalpak whatsapp sidecar" in out
    assert TOKEN not in out

    assert run(tmp_path, "pair", **env)[0] == 2


def test_a_folder_without_a_sidecar_is_refused(tmp_path: Path) -> None:
    code, out = run(tmp_path, "sidecar", "--folder", str(tmp_path))

    assert code == 2
    assert "no sidecar" in out


def settings_of(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder, baileys_token=TOKEN, port=8123)


def test_the_program_is_told_where_everything_is(tmp_path: Path) -> None:
    env = sidecar_environment(settings_of(tmp_path))

    assert env["SIDECAR_FOLDER"] == str(tmp_path / "whatsapp" / "account")
    assert env["SIDECAR_APP_URL"] == "http://127.0.0.1:8123/whatsapp/baileys"
    assert (env["SIDECAR_TOKEN"], env["SIDECAR_PORT"]) == (TOKEN, "3999")


class Impatient(SystemClock):
    """Remembers the pauses, and makes none."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


CRASHES_TWICE = """
import os, pathlib, signal, sys
count = pathlib.Path("count")
so_far = int(count.read_text()) if count.exists() else 0
count.write_text(str(so_far + 1))
if so_far < 2:
    sys.exit(7)
signal.signal(signal.SIGTERM, lambda *_: (pathlib.Path("clean").touch(), sys.exit(0)))
os.kill(os.getppid(), signal.SIGTERM)
while True:
    signal.pause()
"""


async def test_a_crash_is_followed_by_a_new_start_and_sigterm_by_a_clean_end(
    tmp_path: Path,
) -> None:
    clock: Any = Impatient()
    command = [sys.executable, "-c", CRASHES_TWICE]
    async with asyncio.timeout(PATIENCE_S):
        code = await run_sidecar(command, tmp_path, settings_of(tmp_path), clock)

    assert (code, clock.pauses) == (0, [2.0, 4.0])
    assert (tmp_path / "count").read_text() == "3"
    assert (tmp_path / "clean").exists()


async def test_settings_that_it_cannot_use_are_not_tried_again(tmp_path: Path) -> None:
    clock: Any = Impatient()
    command = [sys.executable, "-c", "raise SystemExit(2)"]
    async with asyncio.timeout(PATIENCE_S):
        code = await run_sidecar(command, tmp_path, settings_of(tmp_path), clock)

    assert (code, clock.pauses) == (2, [])
