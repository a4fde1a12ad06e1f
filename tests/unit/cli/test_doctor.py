"""The doctor as a frame: every check at once, each in its time, and what a person and a script are told."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.serving import free_port
from typer.testing import CliRunner

from dalpak.cli import doctor as command
from dalpak.cli.app import app
from dalpak.cli.doctor import examine, is_embedded
from dalpak.clock import VirtualClock, run_virtual
from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.services.checks.finding import Check, Finding, Installation, Look, State

pytestmark = pytest.mark.unit

CLOCK = VirtualClock(datetime(2026, 11, 23, 9, tzinfo=UTC))
SETTINGS = Settings(_env_file=None)


def after(seconds: float, *findings: Finding) -> Look:
    async def look(place: Installation) -> Sequence[Finding]:
        await place.clock.sleep(seconds)
        return findings

    return look


def raising(fault: Exception) -> Look:
    async def look(_place: Installation) -> Sequence[Finding]:
        raise fault

    return look


def ok(name: str) -> Finding:
    return Finding(name, State.OK, "there")


def found_by(*checks: Check, limit_s: float = 12.0) -> tuple[list[Finding], float]:
    """What they find, and how long all of them took together."""

    async def main() -> tuple[list[Finding], float]:
        began = CLOCK.monotonic_ms()
        findings = await examine(SETTINGS, CLOCK, checks=checks, limit_s=limit_s)
        return findings, (CLOCK.monotonic_ms() - began) / 1000

    return run_virtual(main())


def test_all_are_asked_at_once_and_shown_in_their_order() -> None:
    found, took_s = found_by(*(Check(n, after(9 - i, ok(n))) for i, n in enumerate("abc")))

    assert [f.name for f in found] == ["a", "b", "c"]
    assert took_s == pytest.approx(9)


def test_one_that_never_answers_costs_its_time_and_no_other_its_finding() -> None:
    found, took_s = found_by(Check("mute", after(1e9)), Check("b", after(1, ok("b"))))

    assert [(f.name, f.state) for f in found] == [("mute", State.ERROR), ("b", State.OK)]
    assert "12 s" in found[0].found
    assert took_s == pytest.approx(12)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ConfigError("TTS_PROVIDER", "x", "one of espeak"), "TTS_PROVIDER"),
        (ValueError("postgresql://me:s3cret@db"), "ValueError"),
    ],
)
def test_a_check_that_fails_is_a_finding_and_tells_no_secret(fault: Exception, words: str) -> None:
    (found,), _ = found_by(Check("broken", raising(fault)))

    assert found.state is State.ERROR
    assert words in found.found
    assert "s3cret" not in repr(found)


def test_it_tells_what_it_still_waits_for() -> None:
    told: list[list[str]] = []
    checks = [Check("quick", after(1, ok("quick"))), Check("slow", after(2, ok("slow")))]

    run_virtual(
        examine(SETTINGS, CLOCK, checks=checks, tell=lambda waiting: told.append([*waiting]))
    )

    assert told == [["quick", "slow"], ["slow"], []]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def told(monkeypatch: pytest.MonkeyPatch, *findings: Finding, arguments: Sequence[str] = ()) -> Any:
    async def examined(*_: object, **__: object) -> list[Finding]:
        return list(findings)

    monkeypatch.setattr(command, "examine", examined)
    return CliRunner().invoke(app, ["doctor", *arguments])


@pytest.mark.parametrize(("state", "code"), [("ok", 0), ("warning", 0), ("error", 1)])
def test_only_an_error_is_a_failure(
    home: Path, monkeypatch: pytest.MonkeyPatch, state: str, code: int
) -> None:
    finding = Finding("ears", State(state), "as it is", "as it should be", 12)

    result = told(monkeypatch, finding)

    assert result.exit_code == code
    assert all(w in result.output for w in ("ears", "as it is", "-> as it should be", "12 ms"))


def test_a_script_gets_every_field(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = told(monkeypatch, ok("page"), arguments=["--json"])

    assert json.loads(result.stdout) == [
        {"name": "page", "state": "ok", "found": "there", "remedy": "", "took_ms": None}
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"tts_provider": "google"},
        {"stt_provider": "soniox"},
        {"agent_provider": "openai"},
        {"messenger": "whatsapp_cloud"},
        {"twilio_auth_token": "x"},
        {"database_url": "postgresql+asyncpg://dalpak@db/dalpak"},
    ],
)
def test_embedded_means_that_no_outside_service_is_named(changes: dict[str, str]) -> None:
    assert is_embedded(SETTINGS)
    assert not is_embedded(Settings(_env_file=None, **changes))


def test_without_keys_it_says_what_is_embedded_and_that_this_is_fine(home: Path) -> None:
    result = CliRunner().invoke(app, ["doctor"])

    assert result.exit_code == 0, result.output
    assert "that is fine" in result.output
    assert "error" not in result.output
    for part in ("voice", "ears", "agent", "messages", "twilio"):
        assert part in result.output


def test_a_database_that_is_not_there_is_told_without_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql+asyncpg://me:s3cret@127.0.0.1:{free_port()}/dalpak"
    monkeypatch.setenv("DATABASE_URL", url)

    result = CliRunner().invoke(app, ["doctor", "--json"])

    (found,) = [f for f in json.loads(result.stdout) if f["name"] == "database"]
    assert (result.exit_code, found["state"]) == (1, "error")
    assert "DATABASE_URL" in found["remedy"]
    assert "s3cret" not in result.output
    assert "Traceback" not in result.output
