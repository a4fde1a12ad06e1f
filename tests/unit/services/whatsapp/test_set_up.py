"""Which messengers there are by the settings, the token that two programs share, and the sidecar's lock."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dalpak.cli.whatsapp import SIDECAR
from dalpak.config import Settings
from dalpak.errors import ConfigError
from dalpak.services import registry
from dalpak.services.whatsapp.sidecar import TOKEN_FILE, sidecar_token

pytestmark = pytest.mark.unit

META = {"whatsapp_cloud_phone_number_id": "1", "whatsapp_cloud_token": "secret"}
TWILIO = {"twilio_account_sid": "AC1", "twilio_auth_token": "secret", "twilio_sms_from": "+97231"}


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **changes)


async def names(chosen: Settings) -> list[str]:
    made = registry.messengers(chosen)
    for messenger in made.values():
        await messenger.aclose()
    assert all(name == messenger.name for name, messenger in made.items())
    return list(made)


async def test_what_is_set_up_is_there_and_the_chosen_one_is_first(tmp_path: Path) -> None:
    assert await names(settings(tmp_path)) == ["outbox"]
    both = settings(tmp_path, messenger="twilio_sms", **META, **TWILIO)
    assert await names(both) == ["twilio_sms", "outbox", "whatsapp_cloud"]
    sidecar = settings(tmp_path, messenger="baileys")
    assert await names(sidecar) == ["baileys", "outbox"]


def test_a_chosen_one_that_is_not_set_up_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        registry.messengers(settings(tmp_path, messenger="whatsapp_cloud"))
    assert missing.value.field == "WHATSAPP_CLOUD_PHONE_NUMBER_ID"
    with pytest.raises(ConfigError):
        registry.messengers(settings(tmp_path, messenger="pigeon"))


def test_plain_http_is_for_this_machine_only(tmp_path: Path) -> None:
    assert settings(tmp_path, baileys_url="http://127.0.0.1:4000").baileys_port == 4000
    for field in ("whatsapp_cloud_url", "twilio_api_url", "baileys_url"):
        with pytest.raises(ValueError, match="https"):
            settings(tmp_path, **{field: "http://graph.example.com"})


def test_the_token_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    made = sidecar_token(settings(tmp_path))
    path = tmp_path / "whatsapp" / TOKEN_FILE

    assert len(made) >= 32
    assert sidecar_token(settings(tmp_path)) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert sidecar_token(settings(tmp_path, baileys_token="told")) == "told"
    path.chmod(0o644)
    with pytest.raises(ConfigError) as shared:
        sidecar_token(settings(tmp_path))
    assert made not in str(shared.value)


def test_the_sidecars_lock_has_exact_versions_with_hashes_and_no_addresses() -> None:
    package = json.loads((SIDECAR / "package.json").read_text())
    lock = json.loads((SIDECAR / "package-lock.json").read_text())
    packages = {name: p for name, p in lock["packages"].items() if name}

    assert packages
    assert [
        n for n, p in packages.items() if not p.get("integrity", "").startswith("sha512-")
    ] == []
    assert [n for n, p in packages.items() if "resolved" in p] == []
    assert all(re.fullmatch(r"\d+\.\d+\.\d+\S*", v) for v in package["dependencies"].values())
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
