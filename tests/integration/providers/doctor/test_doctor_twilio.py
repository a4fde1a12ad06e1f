"""The doctor's look at Twilio's account, its numbers, and our public address as Twilio will use it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from doctor_stage import NUMBER, SECRET, Told, basic, look, settings_with, states
from edge_harness import running_edge, settings_for
from tests.serving import free_port

from dalpak.clock import SystemClock
from dalpak.services.checks import clock_skew, public_url, twilio
from dalpak.simulator.provider_http import Asked, Reply

pytestmark = pytest.mark.integration

SID = "ACf3d2c1b0a9f8e7d6c5b4a3928170615f"
BASE = "https://voice.example.com"
ACCOUNT = f"/2010-04-01/Accounts/{SID}.json"
NUMBERS = f"/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers.json"
GOOD_ACCOUNT = {"status": "active", "type": "Full", "auth_token": SECRET}
GOOD_NUMBER = {
    "phone_number": NUMBER,
    "voice_url": f"{BASE}/voice/incoming",
    "voice_method": "POST",
    "status_callback": f"{BASE}/voice/status",
}


@pytest.fixture
async def api() -> AsyncIterator[Told]:
    async with Told(basic(SID, SECRET)) as server:
        tell(server, GOOD_ACCOUNT, GOOD_NUMBER)
        yield server


def tell(server: Told, account: dict[str, Any], *numbers: dict[str, Any]) -> None:
    server.answers[ACCOUNT] = Reply(200, account)
    server.answers[NUMBERS] = Reply(200, {"incoming_phone_numbers": list(numbers)})


def configured(folder: Path, api_url: str, **changes: Any) -> Any:
    values = {
        "twilio_account_sid": SID,
        "twilio_auth_token": SECRET,
        "twilio_api_url": api_url,
        "public_base_url": BASE,
    }
    return settings_with(folder, **values | changes)


async def test_a_good_account_and_a_number_that_leads_here(api: Told, tmp_path: Path) -> None:
    found = await look(twilio.look, configured(tmp_path, api.url))

    assert states(found) == {"twilio": "ok", "twilio number": "ok"}
    assert found[0].took_ms is not None
    assert NUMBER not in repr(found), "a number is shown masked"


@pytest.mark.parametrize(
    ("account", "state", "words"),
    [
        ({"status": "suspended"}, "error", "suspended"),
        ({"auth_token": "another"}, "error", "primary"),
        ({"type": "Trial"}, "warning", "trial"),
    ],
)
async def test_what_is_wrong_with_an_account(
    api: Told, tmp_path: Path, account: dict[str, str], state: str, words: str
) -> None:
    tell(api, GOOD_ACCOUNT | account, GOOD_NUMBER)

    found = (await look(twilio.look, configured(tmp_path, api.url)))[0]

    assert found.state == state
    assert words in found.found


@pytest.mark.parametrize(
    ("number", "state", "words"),
    [
        ({"voice_url": "https://demo.twilio.com/welcome"}, "error", "demo.twilio.com"),
        ({"voice_url": ""}, "error", "nothing"),
        ({"voice_method": "GET"}, "error", "GET"),
        ({"trunk_sid": "TK1"}, "error", "trunk"),
        ({"status_callback": ""}, "warning", "status callback"),
        ({"phone_number": "+97239999999"}, "error", "no business"),
    ],
)
async def test_where_a_number_leads(
    api: Told, tmp_path: Path, number: dict[str, str], state: str, words: str
) -> None:
    tell(api, GOOD_ACCOUNT, GOOD_NUMBER | number)

    found = (await look(twilio.look, configured(tmp_path, api.url)))[1]

    assert (found.name, found.state) == ("twilio number", state)
    assert words in found.found


async def test_an_account_without_a_number(api: Told, tmp_path: Path) -> None:
    tell(api, GOOD_ACCOUNT)

    found = await look(twilio.look, configured(tmp_path, api.url))

    assert states(found) == {"twilio": "ok", "twilio number": "error"}


async def test_a_refused_token_names_its_settings_and_its_page(api: Told, tmp_path: Path) -> None:
    api.key = "Basic something-else"

    (found,) = await look(twilio.look, configured(tmp_path, api.url))

    assert found.state == "error"
    assert "TWILIO_AUTH_TOKEN" in found.remedy
    assert "Console" in found.remedy


async def test_twilio_that_cannot_be_reached(tmp_path: Path) -> None:
    settings = configured(tmp_path, f"http://127.0.0.1:{free_port()}")

    (found,) = await look(twilio.look, settings)

    assert found.state == "error"
    assert "nothing listens" in found.found


async def test_no_token_is_fine_on_one_machine_and_not_in_public(tmp_path: Path) -> None:
    (embedded,) = await look(twilio.look, settings_with(tmp_path))
    (public,) = await look(twilio.look, settings_with(tmp_path, public_base_url=BASE))

    assert (embedded.state, public.state) == ("ok", "warning")


# -- the public address --------------------------------------------------------------------------


def at(port: int, folder: Path, **changes: Any) -> Any:
    values = {"public_base_url": f"http://127.0.0.1:{port}", "twilio_auth_token": SECRET}
    return settings_for(folder, **values | changes)


async def test_a_signed_webhook_and_a_signed_socket_come_through(tmp_path: Path) -> None:
    port = free_port()
    settings = at(port, tmp_path)
    async with running_edge(settings, port) as edge:
        found = await look(public_url.look, settings)

    assert states(found) == {"public address": "ok", "media socket": "ok"}
    assert edge.calls.opened == [], "no call was opened by looking"


async def test_a_server_with_another_token_or_address_is_noticed(tmp_path: Path) -> None:
    port = free_port()
    async with running_edge(at(port, tmp_path, twilio_auth_token="another"), port):
        (found,) = await look(public_url.look, at(port, tmp_path))

    assert found.state == "error"
    assert "restart the server" in found.remedy


async def test_an_address_that_leads_elsewhere(tmp_path: Path) -> None:
    async with Told(healthz=Reply(200, {"ok": "yes"})) as other:
        settings = settings_with(tmp_path, public_base_url=other.url, twilio_auth_token=SECRET)
        (found,) = await look(public_url.look, settings)

    assert found.state == "error"
    assert "something else" in found.found


@pytest.mark.parametrize("url", ["http://voice.example.com", "down"])
async def test_an_address_that_nobody_can_use(tmp_path: Path, url: str) -> None:
    base = url if url != "down" else f"http://127.0.0.1:{free_port()}"
    settings = settings_with(tmp_path, public_base_url=base, twilio_auth_token=SECRET)

    (found,) = await look(public_url.look, settings)

    assert found.state == "error"
    assert "PUBLIC_BASE_URL" in found.remedy


class WebhooksOnly(Told):
    """A proxy that passes webhooks on, and no upgrade."""

    async def answer(self, asked: Asked) -> Reply:
        if asked.path == "/healthz":
            return Reply(200, {"ok": True})
        if asked.path == public_url.PATH:
            return Reply(204 if asked.headers.get("x-twilio-signature") else 403, b"")
        return Reply(404, b"")


async def test_a_proxy_without_websockets_is_noticed(tmp_path: Path) -> None:
    async with WebhooksOnly() as proxy:
        settings = settings_with(tmp_path, public_base_url=proxy.url, twilio_auth_token=SECRET)
        found = await look(public_url.look, settings)

    assert states(found) == {"public address": "ok", "media socket": "error"}
    assert "upgrades" in found[1].remedy


async def test_something_that_answers_for_the_server_is_noticed(tmp_path: Path) -> None:
    """An interstitial page of a tunnel, or a cache: what is not signed must be refused."""
    async with Told(healthz=Reply(200, {"ok": True})) as open_door:
        open_door.answers[public_url.PATH] = Reply(200, b"welcome")
        settings = settings_with(tmp_path, public_base_url=open_door.url, twilio_auth_token=SECRET)
        (found,) = await look(public_url.look, settings)

    assert found.state == "error"
    assert "instead of 403" in found.found


# -- the clock -----------------------------------------------------------------------------------


@asynccontextmanager
async def telling(when: datetime) -> AsyncIterator[str]:
    """A provider whose clock shows this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        date = format_datetime(when, usegmt=True)
        writer.write(f"HTTP/1.1 404 No\r\ndate: {date}\r\ncontent-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("off_s", "state", "words"),
    [(0, "ok", "agrees"), (30, "warning", "behind"), (-3600, "error", "ahead")],
)
async def test_the_clock_is_compared_with_the_provider_s(
    tmp_path: Path, off_s: int, state: str, words: str
) -> None:
    async with telling(SystemClock().now() + timedelta(seconds=off_s)) as url:
        settings = settings_with(tmp_path, twilio_auth_token=SECRET, twilio_api_url=url)
        (found,) = await look(clock_skew.look, settings)

    assert (found.state, words in found.found) == (state, True)


async def test_without_a_provider_the_clock_is_not_judged(tmp_path: Path) -> None:
    (found,) = await look(clock_skew.look, settings_with(tmp_path))

    assert found.state == "ok"


@pytest.mark.parametrize(
    ("changes", "witness"),
    [
        ({"twilio_auth_token": SECRET}, "https://api.twilio.com/"),
        ({"stt_provider": "google"}, "https://eu-texttospeech.googleapis.com/"),
        ({"agent_provider": "openai"}, "https://api.openai.com/v1/models"),
        ({"tts_second": "azure"}, "https://westeurope.tts.speech.microsoft.com/"),
        ({"messenger": "whatsapp_cloud"}, "https://graph.facebook.com/v26.0/"),
        ({}, None),
    ],
)
def test_whose_clock_is_asked(tmp_path: Path, changes: dict[str, str], witness: str | None) -> None:
    assert clock_skew.witness(settings_with(tmp_path, **changes)) == witness
