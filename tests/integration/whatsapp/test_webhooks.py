"""Webhooks: nothing without a signature over the very bytes, and receipts that end in the truth."""

import json
import random
from pathlib import Path

import httpx
import pytest
from flow_office import CALLER, SALON
from whatsapp_desk import PUBLIC, WhatsappDesk

from dalpak.app_factory import create_app
from dalpak.config import Settings
from dalpak.domain.records import Business
from dalpak.errors import ProviderError
from dalpak.ports.messenger import Refusal
from dalpak.simulator.meta_server import VERIFY_TOKEN, Taken, signature
from dalpak.simulator.twilio_messaging_server import Taken as TwilioTaken
from dalpak.simulator.whatsapp_sidecar_server import Taken as SidecarTaken

pytestmark = pytest.mark.integration

OURS = Taken("wamid.1", CALLER, "", "confirmation", "dlv_1")
OTHER = Business("clinic", "מרפאה", "+97235556666", "Asia/Jerusalem")


async def receipts(door: WhatsappDesk, message: Taken, *states: str) -> None:
    for state in states:
        code = 131026 if state == "failed" else 0
        told = door.meta.receipt(message, state, code=code)
        assert await door.from_meta(door.meta.webhook(statuses=(told,))) == 200


# -- who may tell us anything ------------------------------------------------------------------------


WRONG: dict[str, str | bytes | None] = {
    "none": None,
    "empty": "",
    "forged": "sha256=" + "0" * 64,
    "another kind": "sha1=abc",
    "not ascii": "sha256=שקר".encode(),
}


async def test_meta_without_its_signature_is_refused(door: WhatsappDesk) -> None:
    body, _ = door.meta.webhook(messages=(door.meta.message(CALLER, "הסר", id_="w1"),))
    for name, wrong in WRONG.items():
        headers = {} if wrong is None else {"x-hub-signature-256": wrong}
        answer = await door.http.post("/whatsapp/meta", content=body, headers=headers)
        assert answer.status_code == 403, name

    assert await door.inbounds() == []


async def test_only_the_raw_bytes_have_the_signature(door: WhatsappDesk) -> None:
    body, headers = door.meta.webhook(messages=(door.meta.message(CALLER, "א/ב", id_="w1"),))
    again = json.dumps(json.loads(body)).encode()
    assert again != body

    assert await door.from_meta((again, headers)) == 403
    assert await door.from_meta((body, headers)) == 200
    assert len(await door.inbounds()) == 1


async def test_two_signatures_a_wrong_secret_and_a_huge_body_are_refused(
    door: WhatsappDesk,
) -> None:
    body, headers = door.meta.webhook()
    twice = [(k, v) for k, v in headers.items()] + [("x-hub-signature-256", "sha256=00")]
    assert (await door.http.post("/whatsapp/meta", content=body, headers=twice)).status_code == 403

    other = headers | {"x-hub-signature-256": signature(body, "another-secret")}
    assert await door.from_meta((body, other)) == 403
    huge = b"x" * 1_100_000
    assert await door.from_meta((huge, {"x-hub-signature-256": signature(huge)})) == 403


async def test_a_signed_body_of_anything_is_taken_and_forgotten(door: WhatsappDesk) -> None:
    for body in (b"", b"[]", b"null", b"{", b'{"entry":7}', b'{"entry":[{}]}', b"[" * 90_000):
        assert await door.from_meta((body, {"x-hub-signature-256": signature(body)})) == 200

    assert await door.inbounds() == []


async def test_the_verification_of_meta(door: WhatsappDesk) -> None:
    right = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "42"}
    answer = await door.http.get("/whatsapp/meta", params=right)
    assert (answer.status_code, answer.text) == (200, "42")
    assert answer.headers["content-type"].startswith("text/plain")

    for wrong in (
        right | {"hub.verify_token": "guess"},
        right | {"hub.verify_token": ""},
        right | {"hub.mode": "other"},
        right | {"hub.challenge": "x" * 300},
        {},
    ):
        answer = await door.http.get("/whatsapp/meta", params=wrong)
        assert answer.status_code == 403, wrong


async def test_twilio_signs_the_address_with_its_query(door: WhatsappDesk) -> None:
    await door.sent("twilio_whatsapp", "SM1")
    url = f"{PUBLIC}/whatsapp/twilio/status?d=dlv_1"
    message = TwilioTaken("SM1", f"whatsapp:{CALLER}", "", "", url, "", door.twilio.now)
    form = door.twilio.callback(message, "delivered")

    assert await door.from_twilio(url, form, signed="forged") == 403
    assert await door.from_twilio(url, form | {"AccountSid": "ACother"}) == 403
    assert (await door.delivery()).state == "accepted"
    assert await door.from_twilio(url, form) == 200
    assert (await door.delivery()).state == "delivered"


async def test_the_sidecar_must_sign(door: WhatsappDesk) -> None:
    body, headers = door.sidecar.webhook(door.sidecar.message(CALLER, "הסר", id_="w1"))
    forged = headers | {"x-signature-256": "sha256=" + "0" * 64}
    answer = await door.http.post("/whatsapp/baileys", content=body, headers=forged)
    assert answer.status_code == 403
    assert await door.inbounds() == []


async def test_without_secrets_every_door_is_closed(
    office_without_secrets: httpx.AsyncClient,
) -> None:
    empty = signature(b"{}", "")
    http = office_without_secrets
    told = {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}

    assert (await http.get("/whatsapp/meta", params=told)).status_code == 403
    for path, header in (
        ("/whatsapp/meta", "x-hub-signature-256"),
        ("/whatsapp/baileys", "x-signature-256"),
        ("/whatsapp/twilio", "x-twilio-signature"),
        ("/whatsapp/twilio/status", "x-twilio-signature"),
    ):
        answer = await http.post(path, content=b"{}", headers={header: empty})
        assert answer.status_code == 403, path


# -- receipts ----------------------------------------------------------------------------------------


async def test_receipts_in_any_order_end_in_the_highest(door: WhatsappDesk) -> None:
    await door.sent("whatsapp_cloud", "wamid.1")
    message = OURS
    states = ["sent", "delivered", "read", "sent", "delivered"]
    random.Random(6).shuffle(states)
    await receipts(door, message, *states)

    assert (await door.delivery()).state == "read"


async def test_failed_is_final_only_where_nothing_better_is_known(door: WhatsappDesk) -> None:
    await door.sent("whatsapp_cloud", "wamid.1")
    message = OURS
    await receipts(door, message, "failed", "sent")
    failed = await door.delivery()
    assert (failed.state, failed.reason, failed.code) == (
        "failed",
        Refusal.NOT_ON_WHATSAPP,
        "131026",
    )
    await receipts(door, message, "delivered", "failed")
    assert (await door.delivery()).state == "delivered"


async def test_a_receipt_is_found_by_our_own_id(door: WhatsappDesk) -> None:
    """The answer was lost, so that Meta's id was never heard: only the receipt tells it."""
    await door.sent("whatsapp_cloud", None)
    await receipts(door, OURS, "delivered")

    delivery = await door.delivery()
    assert (delivery.state, delivery.provider_id) == ("delivered", "wamid.1")


async def test_a_receipt_of_somebody_elses_message_changes_nothing(door: WhatsappDesk) -> None:
    await door.sent("whatsapp_cloud", "wamid.1")
    stranger = Taken("wamid.unknown", CALLER, "", "", "dlv_unknown")
    await receipts(door, stranger, "read")

    assert (await door.delivery()).state == "accepted"


async def test_another_channel_cannot_speak_for_a_message(door: WhatsappDesk) -> None:
    await door.sent("baileys", "3EB0")
    await receipts(door, OURS, "read")

    assert (await door.delivery()).state == "accepted"


async def test_receipts_of_the_sidecar_count_too(door: WhatsappDesk) -> None:
    await door.sent("baileys", "3EB0")
    ours = SidecarTaken("3EB0", "key", CALLER, "", "dlv_1")
    told = [door.sidecar.receipt(ours, state) for state in ("read", "sent")]
    assert await door.from_sidecar(*told) == 200

    assert (await door.delivery()).state == "read"


# -- whose it is -------------------------------------------------------------------------------------


async def test_the_tenant_is_found_by_the_number_that_was_written_to(door: WhatsappDesk) -> None:
    await door.office.store.add_business(OTHER, policy={}, services=(), resources=())
    message = door.meta.message(CALLER, "שלום", id_="w1")
    for number in (OTHER.phone, "+97239999999"):
        assert await door.from_meta(door.meta.webhook(messages=(message,), number=number)) == 200
    assert await door.inbounds() == [], "it was written to another business"
    await door.from_meta(door.meta.webhook(messages=(message,), number=SALON.phone))

    assert len(await door.inbounds()) == 1


async def test_a_number_may_be_given_to_a_business_by_a_setting(door: WhatsappDesk) -> None:
    await door.office.store.add_business(OTHER, policy={}, services=(), resources=())
    door.settings.whatsapp_numbers["+97239999999"] = SALON.id
    message = door.meta.message(CALLER, "שלום", id_="w1")
    await door.from_meta(door.meta.webhook(messages=(message,), number="+97239999999"))

    assert [i.sender for i in await door.inbounds()] == [CALLER]


async def test_a_database_that_is_away_is_told_to_try_again(
    door: WhatsappDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = door.meta.message(CALLER, "לבטל", id_="w1")
    webhook = door.meta.webhook(messages=(message,), number=SALON.phone)
    with monkeypatch.context() as away:
        away.setattr(type(door.office.store), "writing", unreachable)
        assert await door.from_meta(webhook) == 503

    assert await door.from_meta(webhook) == 200
    assert len(await door.inbounds()) == 1


def unreachable(*_: object) -> None:
    raise ProviderError("database_down")


async def test_a_stranger_to_our_name_reaches_the_webhooks_of_the_app_and_no_page(
    tmp_path: Path,
) -> None:
    """Providers come by the public name, and without an admin password the pages stay at home."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        public_base_url=PUBLIC,
        whatsapp_cloud_verify_token=VERIFY_TOKEN,
    )
    right = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "42"}
    transport = httpx.ASGITransport(app=create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as http:
        answer = await http.get("/whatsapp/meta", params=right)
        page = await http.get("/")

    assert (answer.status_code, answer.headers["x-content-type-options"]) == (200, "nosniff")
    assert page.status_code == 403
