"""Every messenger with the provider it talks to, simulated on the wire, as one suite sees them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

from dalpak.ports.messenger import Messenger, OutgoingMessage, Refusal
from dalpak.services.whatsapp.baileys import BaileysMessenger
from dalpak.services.whatsapp.meta import MetaMessenger
from dalpak.services.whatsapp.outbox import OutboxMessenger
from dalpak.services.whatsapp.twilio_messages import SMS, WHATSAPP, TwilioMessenger
from dalpak.simulator import meta_server, twilio_messaging_server, whatsapp_sidecar_server
from dalpak.simulator.meta_server import MetaServer
from dalpak.simulator.provider_http import HttpFault, ProviderHttp
from dalpak.simulator.twilio_messaging_server import TwilioMessagingServer
from dalpak.simulator.whatsapp_sidecar_server import WhatsappSidecarServer

ANSWER_S = 15.0
BRIEFLY_S = 0.25
"""How long a client here waits for an answer that never comes; with every other fault one comes."""
TEXT = "שלום, התור שלך נקבע ליום שלישי 24.11 בשעה 16:30.\nסלון רונית"
CALLER = "+972523456789"


def message(**changes: Any) -> OutgoingMessage:
    values: dict[str, Any] = {
        "idem_key": "confirm_appointment:e1:send:+972523456789",
        "to": CALLER,
        "text": TEXT,
        "kind": "confirmation",
        "delivery_id": "dlv_1",
    }
    return OutgoingMessage(**(values | changes))


@dataclass
class Stage:
    """One messenger, and what its provider really has."""

    messenger: Messenger
    server: ProviderHttp | None
    accepted: Callable[[], list[tuple[str, str]]]
    """(to, text) of every message that people get."""
    definite: dict[Refusal, Any] = field(default_factory=dict)
    """What the provider says of a number, by what it must come to."""

    def refuse(self, number: str, refusal: Refusal) -> None:
        assert isinstance(self.server, MetaServer | TwilioMessagingServer | WhatsappSidecarServer)
        self.server.refuses[number] = self.definite[refusal]


class Open(Protocol):
    def __call__(self, answer_s: float = ANSWER_S) -> AbstractAsyncContextManager[Stage]: ...


def patience(fault: HttpFault) -> float:
    """How long a client waits for its answer where this befalls it."""
    never = {HttpFault.TIMEOUT_AFTER, HttpFault.TIMEOUT_BEFORE}
    return BRIEFLY_S if fault in never else ANSWER_S


@asynccontextmanager
async def outbox(answer_s: float = ANSWER_S) -> AsyncIterator[Stage]:
    yield Stage(OutboxMessenger(), None, list)


@asynccontextmanager
async def meta(answer_s: float = ANSWER_S) -> AsyncIterator[Stage]:
    async with MetaServer() as server:
        messenger = MetaMessenger(
            url=f"{server.url}/v26.0",
            phone_number_id=meta_server.PHONE_NUMBER_ID,
            token=meta_server.TOKEN,
            templates={},
            answer_s=answer_s,
        )
        yield Stage(
            messenger,
            server,
            lambda: [(m.to, m.text) for m in server.taken],
            {
                Refusal.NOT_ON_WHATSAPP: 131026,
                Refusal.OPTED_OUT: 131050,
                Refusal.TEMPLATE_REFUSED: 132015,
                Refusal.OUTSIDE_WINDOW: 131047,
                Refusal.NOT_ALLOWED: 131031,
                Refusal.REFUSED: 99999,
            },
        )
        await messenger.aclose()


@asynccontextmanager
async def twilio(channel: str, answer_s: float = ANSWER_S) -> AsyncIterator[Stage]:
    sender = {
        WHATSAPP: twilio_messaging_server.WHATSAPP_FROM,
        SMS: twilio_messaging_server.SMS_FROM,
    }
    async with TwilioMessagingServer() as server:
        messenger = TwilioMessenger(
            channel=channel,
            url=server.url,
            account_sid=twilio_messaging_server.ACCOUNT,
            auth_token=twilio_messaging_server.TOKEN,
            sender=sender[channel],
            contents={"confirmation": "HX01"},
            callback_origin="https://voice.example.com",
            answer_s=answer_s,
        )
        yield Stage(
            messenger,
            server,
            lambda: [(m.to.removeprefix("whatsapp:"), m.body) for m in server.taken],
            {
                Refusal.NOT_ON_WHATSAPP: 63024,
                Refusal.BAD_NUMBER: 21211,
                Refusal.OPTED_OUT: 21610,
                Refusal.TEMPLATE_REFUSED: 21656,
                Refusal.OUTSIDE_WINDOW: 63016,
                Refusal.NOT_ALLOWED: 21408,
                Refusal.REFUSED: 99999,
            },
        )
        await messenger.aclose()


@asynccontextmanager
async def baileys(answer_s: float = ANSWER_S) -> AsyncIterator[Stage]:
    async with WhatsappSidecarServer() as server:
        messenger = BaileysMessenger(
            url=server.url, token=whatsapp_sidecar_server.TOKEN, answer_s=answer_s
        )
        yield Stage(
            messenger,
            server,
            lambda: [(m.to, m.text) for m in server.arrived],
            {
                Refusal.NOT_ON_WHATSAPP: "not_on_whatsapp",
                Refusal.RESTRICTED: "account_restricted",
                Refusal.DAILY_CAP: "daily_cap",
                Refusal.BAD_NUMBER: "bad_number",
            },
        )
        await messenger.aclose()


REMOTE: dict[str, Open] = {
    "whatsapp_cloud": meta,
    "twilio_whatsapp": partial(twilio, WHATSAPP),
    "twilio_sms": partial(twilio, SMS),
    "baileys": baileys,
}
EVERY: dict[str, Open] = {"outbox": outbox, **REMOTE}
LATER = timedelta(minutes=1)
