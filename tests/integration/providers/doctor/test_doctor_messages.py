"""The doctor's look at how messages go out. Nothing is ever sent by looking."""

from pathlib import Path
from typing import Any

import pytest
from doctor_stage import SECRET, Told, basic, look, settings_with
from tests.serving import free_port

from dalpak.services.checks import messages
from dalpak.simulator.provider_http import Reply

pytestmark = pytest.mark.integration

SID = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"


def meta(folder: Path, url: str, **changes: Any) -> Any:
    values = {
        "messenger": "whatsapp_cloud",
        "whatsapp_cloud_url": f"{url}/v26.0",
        "whatsapp_cloud_phone_number_id": "106",
        "whatsapp_cloud_token": SECRET,
        "whatsapp_cloud_app_secret": SECRET,
        "whatsapp_cloud_verify_token": SECRET,
    }
    return settings_with(folder, **values | changes)


@pytest.mark.parametrize(
    ("answer", "changes", "state", "words"),
    [
        (Reply(200, {"quality_rating": "GREEN"}), {}, "ok", "valid"),
        (Reply(200, {"quality_rating": "RED"}), {}, "warning", "quality"),
        (Reply(200, {}), {"whatsapp_cloud_app_secret": ""}, "warning", "receipts"),
        (Reply(400, {"error": {"code": 190}}), {}, "error", "key"),
        (Reply(400, {"error": {"code": 100}}), {}, "error", "does not have"),
        (Reply(429, {}), {}, "error", "quota"),
        (Reply(200, {}), {"whatsapp_cloud_token": ""}, "error", "WHATSAPP_CLOUD_TOKEN"),
    ],
)
async def test_meta(
    tmp_path: Path, answer: Reply, changes: dict[str, str], state: str, words: str
) -> None:
    async with Told(f"Bearer {SECRET}") as told:
        told.answers["/v26.0/106"] = answer
        (found,) = await look(messages.look, meta(tmp_path, told.url, **changes))

    assert (found.state, words in found.found) == (state, True), found
    assert {asked.method for asked in told.asked} <= {"GET"}


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({"messenger": "twilio_sms", "twilio_sms_from": "+97233335555"}, "ok", "may send"),
        ({"messenger": "twilio_sms"}, "error", "TWILIO_SMS_FROM"),
        (
            {"messenger": "twilio_whatsapp", "twilio_whatsapp_from": "+97233335555"},
            "warning",
            "24 hours",
        ),
        (
            {
                "messenger": "twilio_sms",
                "twilio_sms_from": "+97233335555",
                "twilio_auth_token": "no",
            },
            "error",
            "key",
        ),
    ],
)
async def test_twilio(tmp_path: Path, changes: dict[str, str], state: str, words: str) -> None:
    async with Told(basic(SID, SECRET)) as told:
        told.answers[f"/2010-04-01/Accounts/{SID}/Messages.json"] = Reply(200, {"messages": []})
        values = {"twilio_account_sid": SID, "twilio_auth_token": SECRET}
        settings = settings_with(tmp_path, twilio_api_url=told.url, **values | changes)
        (found,) = await look(messages.look, settings)

    assert (found.state, words in found.found) == (state, True), found
    assert {asked.method for asked in told.asked} <= {"GET"}


async def test_nothing_is_asked_when_nothing_is_sent(tmp_path: Path) -> None:
    (embedded,) = await look(messages.look, settings_with(tmp_path))
    off = await look(messages.look, settings_with(tmp_path, flows_enabled=False))
    (unknown,) = await look(messages.look, settings_with(tmp_path, messenger="pigeon"))

    assert (embedded.state, off, unknown.state) == ("ok", [], "error")


async def test_a_way_that_is_not_there(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    settings = settings_with(tmp_path, messenger="baileys", baileys_url=url, baileys_token=SECRET)

    (found,) = await look(messages.look, settings)

    assert found.state == "error"
    assert "dalpak whatsapp sidecar" in found.remedy


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (Reply(200, {"state": "open"}), "ok", ""),
        (Reply(200, {"state": "logged_out"}), "error", "dalpak whatsapp pair"),
        (Reply(200, {"state": "reconnecting"}), "error", "dalpak whatsapp status"),
        (Reply(401, {}), "error", "BAILEYS_TOKEN"),
    ],
)
async def test_the_sidecar(tmp_path: Path, answer: Reply, state: str, words: str) -> None:
    async with Told(f"Bearer {SECRET}") as told:
        told.answers["/health"] = answer
        settings = settings_with(
            tmp_path, messenger="baileys", baileys_url=told.url, baileys_token=SECRET
        )
        (found,) = await look(messages.look, settings)

    assert (found.state, words in found.remedy) == (state, True), found
