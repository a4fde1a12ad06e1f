"""A business with a database, running flows, the app's webhooks, and the providers on the wire."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from flow_office import CALLER, SALON, SCOPE, Office
from starlette.applications import Starlette
from twilio.request_validator import RequestValidator

from dalpak.clock import Clock
from dalpak.config import Settings
from dalpak.domain.follow_up import DeliveryRecord, InboundRecord
from dalpak.domain.records import MessageRecord
from dalpak.logs import get_logger
from dalpak.services import registry
from dalpak.simulator import meta_server, twilio_messaging_server, whatsapp_sidecar_server
from dalpak.simulator.meta_server import MetaServer
from dalpak.simulator.twilio_messaging_server import TwilioMessagingServer
from dalpak.simulator.whatsapp_sidecar_server import WhatsappSidecarServer
from dalpak.store.unit_of_work import SqlStore
from dalpak.web.twilio_auth import TwilioAuth
from dalpak.web.whatsapp_webhook import WhatsappWebhook

PUBLIC = "https://voice.example.com"
TEMPLATES = {"confirmation": 8, "cancelled": 5, "waitlist_offer": 7, "lead_notice": 3}
__all__ = ["CALLER", "PUBLIC", "SALON", "SCOPE", "WhatsappDesk", "open_desk"]


@dataclass
class DeskExtensions:
    """What the webhooks take of `extensions.Extensions`."""

    settings: Settings
    clock: Clock
    log: Any
    store: SqlStore


@dataclass
class WhatsappDesk:
    office: Office
    http: httpx.AsyncClient
    settings: Settings
    meta: MetaServer
    twilio: TwilioMessagingServer
    sidecar: WhatsappSidecarServer
    written: int = field(default=0)

    # -- what providers tell -----------------------------------------------------------------------

    async def from_meta(self, webhook: tuple[bytes, dict[str, str]]) -> int:
        body, headers = webhook
        return (await self.http.post("/whatsapp/meta", content=body, headers=headers)).status_code

    async def from_sidecar(self, *events: dict[str, object]) -> int:
        body, headers = self.sidecar.webhook(*events)
        answer = await self.http.post("/whatsapp/baileys", content=body, headers=headers)
        return answer.status_code

    async def from_twilio(self, url: str, form: dict[str, str], *, signed: str = "") -> int:
        """`url`: as Twilio was told it, query included."""
        signature = RequestValidator(twilio_messaging_server.TOKEN).compute_signature(url, form)
        parts = urlsplit(url)
        answer = await self.http.post(
            f"{parts.path}?{parts.query}" if parts.query else parts.path,
            content=urlencode(form),
            headers={
                "x-twilio-signature": signed or signature,
                "content-type": "application/x-www-form-urlencoded",
            },
        )
        return answer.status_code

    async def writes(self, text: str, *, sender: str = CALLER) -> InboundRecord:
        """Somebody writes by WhatsApp; what was done about it."""
        self.written += 1
        id_ = f"wamid.in{self.written}"
        message = self.meta.message(sender, text, id_=id_)
        assert (
            await self.from_meta(self.meta.webhook(messages=(message,), number=SALON.phone)) == 200
        )
        return await self.handled(id_)

    # -- what came of it ---------------------------------------------------------------------------

    async def inbounds(self) -> list[InboundRecord]:
        async with self.office.store.reading(SCOPE) as r:
            return list(await r.inbounds())

    async def handled(self, provider_id: str) -> InboundRecord:
        async def there() -> InboundRecord | None:
            found = [i for i in await self.inbounds() if i.provider_id == provider_id]
            return found[0] if found and found[0].handled_at else None

        return await self.office.eventually(there)

    async def sent(self, channel: str, provider_id: str | None) -> str:
        """A delivery on record, as a flow leaves it; its id."""
        now = self.office.clock.now()
        message = MessageRecord(
            "msg_1",
            SALON.id,
            "key",
            channel,
            CALLER,
            "confirmation",
            "",
            "pending",
            "",
            None,
            None,
            now,
        )
        delivery = DeliveryRecord(
            "dlv_1", SALON.id, "msg_1", channel, "key", "sending", "", "", None, 1, now, now
        )
        async with self.office.store.writing(SCOPE) as w:
            await w.save_message(message)
            await w.begin_delivery(delivery)
            state = "accepted" if provider_id else "unknown"
            await w.set_delivery_state("dlv_1", state=state, provider_id=provider_id)
        return "dlv_1"

    async def delivery(self) -> DeliveryRecord:
        async with self.office.store.reading(SCOPE) as r:
            found = await r.delivery("dlv_1")
        assert found is not None
        return found

    async def to_caller(self, count: int) -> list[str]:
        """Texts that the person has by Meta, once there are so many."""

        async def there() -> list[str] | None:
            texts = [m.text for m in self.meta.taken if m.to == CALLER]
            return texts if len(texts) >= count else None

        return await self.office.eventually(there)

    async def quiet(self) -> None:
        """Every flow has ended, so that nothing more will be sent."""

        async def none() -> bool:
            # In one statement: a flow that moves from one state to the other is in either.
            sql = "SELECT 1 FROM workflow_status WHERE status IN ('ENQUEUED', 'PENDING') LIMIT 1"
            return not await self.office.sql(sql)

        await self.office.eventually(none)


@asynccontextmanager
async def open_desk(
    folder: Path, messenger: str = "whatsapp_cloud", *, flows: bool = True
) -> AsyncIterator[WhatsappDesk]:
    """Without `flows`: what is told is stored, and nothing follows."""
    async with AsyncExitStack() as stack:
        meta = await stack.enter_async_context(MetaServer(dict(TEMPLATES)))
        twilio = await stack.enter_async_context(TwilioMessagingServer({"HX01": "{1} {2} {3}"}))
        sidecar = await stack.enter_async_context(WhatsappSidecarServer())
        settings = Settings(
            _env_file=None,
            data_dir=folder,
            public_base_url=PUBLIC,
            seed_demo=False,
            messenger=messenger,
            whatsapp_cloud_url=f"{meta.url}/v26.0",
            whatsapp_cloud_phone_number_id=meta_server.PHONE_NUMBER_ID,
            whatsapp_cloud_token=meta_server.TOKEN,
            whatsapp_cloud_app_secret=meta_server.APP_SECRET,
            whatsapp_cloud_verify_token=meta_server.VERIFY_TOKEN,
            twilio_api_url=twilio.url,
            twilio_account_sid=twilio_messaging_server.ACCOUNT,
            twilio_auth_token=twilio_messaging_server.TOKEN,
            twilio_whatsapp_from=twilio_messaging_server.WHATSAPP_FROM,
            twilio_sms_from=twilio_messaging_server.SMS_FROM,
            twilio_contents={"confirmation": "HX01"},
            baileys_url=sidecar.url,
            baileys_token=whatsapp_sidecar_server.TOKEN,
        )
        office = Office(folder)
        stack.push_async_callback(office.aclose)
        if flows:
            made = tuple(registry.messengers(settings).values())
            engine = office.hire(messengers=made, public_base_url=PUBLIC)
            await engine.start()
        http = await stack.enter_async_context(webhooks(settings, office))
        meta.open_windows.add(CALLER)
        yield WhatsappDesk(office, http, settings, meta, twilio, sidecar)


@asynccontextmanager
async def bare_webhooks(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings(_env_file=None, data_dir=folder, public_base_url=PUBLIC)
    async with webhooks(settings, Office(folder)) as http:
        yield http


@asynccontextmanager
async def webhooks(settings: Settings, office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """Who talks to the app's webhooks, with the office's database behind them."""
    app = Starlette(routes=WhatsappWebhook(settings, TwilioAuth(settings)).routes())
    log = get_logger("test")
    app.state.extensions = DeskExtensions(settings, office.clock, log, office.store)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as http:
        yield http
