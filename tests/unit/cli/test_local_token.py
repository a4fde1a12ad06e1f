"""The local token: made where no carrier can be, readable by its owner only, and nothing in doubt."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from dalpak.cli.local_token import NAME, signing_token, with_local_token
from dalpak.clock import SystemClock
from dalpak.config import Settings

pytestmark = pytest.mark.unit

CLOCK = SystemClock()


def settings(folder: Path, **changes: Any) -> Settings:
    values: dict[str, Any] = {
        "_env_file": None,
        "data_dir": folder,
        "host": "127.0.0.1",
        "public_base_url": "http://127.0.0.1:8080",
        "twilio_auth_token": "",
        "twilio_auth_token_next": "",
    }
    return Settings(**(values | changes))


def test_the_server_makes_one_and_the_simulator_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    served = with_local_token(settings(folder), CLOCK)

    (token,) = served.twilio_auth_tokens
    assert len(token) >= 32
    assert signing_token(settings(folder)) == token
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600


def test_the_next_start_uses_the_same_one(tmp_path: Path) -> None:
    first = with_local_token(settings(tmp_path), CLOCK).twilio_auth_tokens

    assert with_local_token(settings(tmp_path), CLOCK).twilio_auth_tokens == first


def test_only_that_setting_changes(tmp_path: Path) -> None:
    before = settings(tmp_path)
    after = with_local_token(before, CLOCK)

    assert before.twilio_auth_tokens == ()
    assert after.model_dump(exclude={"twilio_auth_token"}) == before.model_dump(
        exclude={"twilio_auth_token"}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "0.0.0.0"},
        {"host": "192.0.2.7"},
        {"host": "voice.example.com"},
        {"public_base_url": "https://voice.example.com"},
        {"public_base_url": "http://127.0.0.1.example.com"},
        {"public_base_url": "http://192.168.1.5:8080"},
    ],
    ids=str,
)
def test_where_a_carrier_could_be_there_is_none(tmp_path: Path, changes: dict[str, Any]) -> None:
    with_local_token(settings(tmp_path), CLOCK)
    elsewhere = settings(tmp_path, **changes)

    assert with_local_token(elsewhere, CLOCK) is elsewhere
    assert signing_token(elsewhere) == ""


@pytest.mark.parametrize("name", ["twilio_auth_token", "twilio_auth_token_next"])
def test_a_real_token_is_never_replaced(tmp_path: Path, name: str) -> None:
    real = settings(tmp_path, **{name: SecretStr("real")})

    assert with_local_token(real, CLOCK) is real
    assert signing_token(real) == "real"
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666, 0o620])
def test_a_file_that_others_may_read_or_write_is_not_believed(tmp_path: Path, mode: int) -> None:
    with_local_token(settings(tmp_path), CLOCK)
    (tmp_path / NAME).chmod(mode)

    assert signing_token(settings(tmp_path)) == ""
    assert with_local_token(settings(tmp_path), CLOCK).twilio_auth_tokens == ()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.write_text("known to somebody")
    target.chmod(0o600)
    (tmp_path / NAME).symlink_to(target)

    assert signing_token(settings(tmp_path)) == ""
    assert with_local_token(settings(tmp_path), CLOCK).twilio_auth_tokens == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_not_believed(tmp_path: Path) -> None:
    with_local_token(settings(tmp_path), CLOCK)
    os.chown(tmp_path / NAME, 12345, -1)

    assert signing_token(settings(tmp_path)) == ""


def test_a_folder_that_cannot_be_written_means_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert with_local_token(settings(tmp_path / "file"), CLOCK).twilio_auth_tokens == ()
