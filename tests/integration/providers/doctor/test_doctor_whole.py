"""The whole doctor on an installation with everything configured: every check at once, against the simulators."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from doctor_stage import SECRET, QuickClock, Told, basic, settings_with
from edge_harness import SALON, running_edge
from tests.serving import free_port

from dalpak.cli.doctor import examine
from dalpak.simulator import azure_server, soniox_server
from dalpak.simulator.azure_server import AzureServer
from dalpak.simulator.google import GoogleSimulator
from dalpak.simulator.openai_server import OpenAiServer
from dalpak.simulator.openai_wire import Text, answer
from dalpak.simulator.provider_http import Reply
from dalpak.simulator.soniox_server import SonioxServer

pytestmark = pytest.mark.integration

SID = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"


def twilio(base: str) -> Told:
    told = Told(basic(SID, SECRET))
    number = {
        "phone_number": SALON.phone,
        "voice_url": f"{base}/voice/incoming",
        "voice_method": "POST",
        "status_callback": f"{base}/voice/status",
    }
    account = {"status": "active", "type": "Full", "auth_token": SECRET}
    path = f"/2010-04-01/Accounts/{SID}"
    told.answers = {
        f"{path}.json": Reply(200, account),
        f"{path}/IncomingPhoneNumbers.json": Reply(200, {"incoming_phone_numbers": [number]}),
        f"{path}/Messages.json": Reply(200, {"messages": []}),
    }
    return told


async def test_everything_configured_is_looked_at_and_in_order(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        google = await stack.enter_async_context(GoogleSimulator())
        azure = await stack.enter_async_context(AzureServer())
        soniox = await stack.enter_async_context(SonioxServer())
        model = await stack.enter_async_context(OpenAiServer(lambda _: answer(Text("ok"))))
        api = await stack.enter_async_context(twilio(base))
        values: dict[str, Any] = {
            "public_base_url": base,
            "twilio_account_sid": SID,
            "twilio_auth_token": SECRET,
            "twilio_api_url": api.url,
            "twilio_sms_from": SALON.phone,
            "messenger": "twilio_sms",
            "espeak_program": "no-such-program",
            "tts_provider": "google",
            "google_tts_endpoint": google.address,
            "google_tts_timeout_s": 10,
            "tts_second": "azure",
            "azure_tts_url": azure.url,
            "azure_speech_key": azure_server.API_KEY,
            "azure_tts_timeout_s": 10,
            "stt_provider": "soniox",
            "soniox_url": soniox.address,
            "soniox_api_key": soniox_server.API_KEY,
            "stt_second": "google",
            "google_stt_endpoint": google.address,
            "vad_provider": "energy",
            "agent_provider": "openai",
            "openai_base_url": model.base_url,
            "llm_first_token_ms": 60_000,
        }
        settings = settings_with(tmp_path, **values)
        await stack.enter_async_context(running_edge(settings, port))
        waited: list[int] = []
        found = await examine(
            settings, QuickClock(), tell=lambda left: waited.append(len(left)), limit_s=60
        )

    by_name = {f.name: f for f in found}
    assert [f for f in found if f.state == "error"] == []
    assert set(by_name) >= {
        *("database", "disk", "page", "voice", "second voice", "ears", "second ears"),
        *("voice detector", "agent", "messages", "twilio", "twilio number"),
        *("public address", "media socket", "clock"),
    }
    assert {name for name, f in by_name.items() if f.state != "ok"} <= {"clock", "disk"}
    assert waited[0] == len(waited) - 1, "told of each check as it ended"
    assert SECRET not in repr(found)
