"""Messaging webhooks: what providers tell of our messages, and what people write back.

A signature over the raw bytes comes before anything else, and the answer comes as soon as what was
told is stored: what is done about a reply is the flow's (`message.received`). Everything may come
twice, late and in any order. STOP alone acts here, in the transaction that stores it.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from dalpak.config import Settings
from dalpak.domain.follow_up import ConsentAnswer, InboundRecord
from dalpak.domain.records import Business, TenantScope
from dalpak.errors import ConfigError, ProviderError
from dalpak.language.replies import ReplyMeaning, reply_meaning
from dalpak.ports.messenger import Inbound, Receipt
from dalpak.services.whatsapp import baileys_events, meta_events, twilio_events
from dalpak.services.whatsapp.exchange import Json, json_object, signed_by
from dalpak.services.whatsapp.sidecar import sidecar_token
from dalpak.services.whatsapp.twilio_messages import STATUS_PATH
from dalpak.web.twilio_auth import Form, TwilioAuth, signed_form

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

MAX_BODY_BYTES = 1_048_576
"""Meta batches up to a thousand updates in one POST, at some 500 bytes each."""
MAX_CHALLENGE = 256

ANSWERS = {
    ReplyMeaning.STOP: ConsentAnswer.OPTED_OUT,
    ReplyMeaning.START: ConsentAnswer.GRANTED,
}

Told = Sequence[Receipt | Inbound]


class WhatsappWebhook:
    """The handlers of every provider. One per app."""

    def __init__(self, settings: Settings, auth: TwilioAuth) -> None:
        self._settings = settings
        self._auth = auth

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/whatsapp/meta", self.meta_verification, methods=["GET"]),
            Route("/whatsapp/meta", self.meta, methods=["POST"]),
            Route("/whatsapp/twilio", self.twilio, methods=["POST"]),
            Route(STATUS_PATH, self.twilio_status, methods=["POST"]),
            Route("/whatsapp/baileys", self.baileys, methods=["POST"]),
        ]

    # -- Meta --------------------------------------------------------------------------------------

    async def meta_verification(self, request: Request) -> Response:
        """Meta asks once whether this address is ours, with the word that was told to both."""
        ours = self._settings.whatsapp_cloud_verify_token.get_secret_value()
        told = request.query_params.get("hub.verify_token", "")
        challenge = request.query_params.get("hub.challenge", "")
        if (
            not ours
            or request.query_params.get("hub.mode") != "subscribe"
            or not hmac.compare_digest(told.encode(), ours.encode())
            or len(challenge) > MAX_CHALLENGE
        ):
            return self._refuse(request)
        return PlainTextResponse(challenge)

    async def meta(self, request: Request) -> Response:
        secret = self._settings.whatsapp_cloud_app_secret.get_secret_value()
        body = await signed_body(request, "x-hub-signature-256", secret)
        if body is None:
            return self._refuse(request)
        return await self._take(request, meta_events.events(body))

    # -- Twilio ------------------------------------------------------------------------------------

    async def twilio(self, request: Request) -> Response:
        """Somebody wrote. The answer is no message: what we say goes out as any other does."""
        form = await self._twilio_form(request)
        if form is None:
            return self._refuse(request)
        told = twilio_events.inbound(form)
        answer = await self._take(request, [told] if told else [])
        if answer.status_code != 200:
            return answer
        return Response("<Response/>", media_type="text/xml")

    async def twilio_status(self, request: Request) -> Response:
        form = await self._twilio_form(request)
        if form is None:
            return self._refuse(request)
        told = twilio_events.receipt(form, request.query_params.get("d", ""))
        return await self._take(request, [told] if told else [])

    async def _twilio_form(self, request: Request) -> Form | None:
        form = await signed_form(request, self._auth)
        ours = self._settings.twilio_account_sid
        return None if form is None or (ours and form.get("AccountSid") != ours) else form

    # -- our own sidecar ---------------------------------------------------------------------------

    async def baileys(self, request: Request) -> Response:
        if self._settings.messenger != "baileys":
            return self._refuse(request)
        try:
            secret = sidecar_token(self._settings)
        except ConfigError:
            return self._refuse(request)
        body = await signed_body(request, "x-signature-256", secret)
        if body is None:
            return self._refuse(request)
        return await self._take(request, baileys_events.events(body))

    # -- all of them -------------------------------------------------------------------------------

    def _refuse(self, request: Request) -> Response:
        extensions: Extensions = request.app.state.extensions
        extensions.log.warning("WHATSAPP_WEBHOOK_REFUSED", path=request.scope["path"])
        return PlainTextResponse("forbidden", 403)

    async def _take(self, request: Request, told: Told) -> Response:
        """Store everything; 503 where that fails, so that it is told again."""
        extensions: Extensions = request.app.state.extensions
        try:
            for one in told:
                if isinstance(one, Receipt):
                    await take_receipt(extensions, one)
                else:
                    await take_inbound(extensions, one)
        except ProviderError as fault:
            path = request.scope["path"]
            extensions.log.error("WHATSAPP_WEBHOOK_FAILED", path=path, error=fault.code)
            return PlainTextResponse("try again", 503)
        return PlainTextResponse("ok")


async def signed_body(request: Request, header: str, secret: str) -> Json | None:
    """The JSON of a body that was signed with the secret, over the bytes as they came; else None."""
    signatures = request.headers.getlist(header)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    if len(signatures) != 1 or not signed_by(secret, bytes(body), signatures[0]):
        return None
    # Signed and no JSON: nothing is told, and telling it again would not help.
    return json_object(bytes(body)) or {}


async def take_receipt(extensions: "Extensions", receipt: Receipt) -> None:
    """Merge it into its delivery; a receipt of a message that is not ours changes nothing."""
    found = await extensions.store.scope_of_delivery(
        delivery_id=receipt.delivery_id,
        channel=receipt.provider,
        provider_id=receipt.provider_id,
    )
    if found is None or found[1].channel != receipt.provider:
        extensions.log.info("RECEIPT_OF_UNKNOWN_MESSAGE", channel=receipt.provider)
        return
    scope, delivery = found
    async with extensions.store.writing(scope) as changes:
        await changes.record_receipt(
            delivery.id,
            state=receipt.state,
            reason=receipt.reason,
            code=receipt.code,
            provider_id=receipt.provider_id,
            now=extensions.clock.now(),
        )


async def take_inbound(extensions: "Extensions", told: Inbound) -> None:
    """Keep it once, for the business whose number it was written to; STOP counts from this moment."""
    business = await business_of(extensions, told.receiver)
    if business is None:
        extensions.log.warning("MESSAGE_TO_UNKNOWN_NUMBER", channel=told.provider)
        return
    now = extensions.clock.now()
    record = InboundRecord(
        id=inbound_id(business.id, told),
        business_id=business.id,
        channel=told.provider,
        provider_id=told.provider_id,
        sender=told.sender,
        text=told.text,
        received_at=now,
        answers=told.answers,
    )
    answer = ANSWERS.get(reply_meaning(told.text))
    async with extensions.store.writing(TenantScope(business.id)) as changes:
        if not await changes.record_inbound(record):
            return
        if answer is not None and told.sender:
            await changes.record_consent(
                told.sender, answer, source="inbound", wording=told.text[:100], now=now
            )


async def business_of(extensions: "Extensions", number: str) -> Business | None:
    """By the setting, else the one that callers dial by this number, else the only one there is."""
    named = extensions.settings.whatsapp_numbers.get(number)
    businesses = await extensions.store.businesses()
    if named is not None:
        return next((b for b in businesses if b.id == named), None)
    dialled = await extensions.store.business_by_number(number) if number else None
    return dialled or (businesses[0] if len(businesses) == 1 else None)


def inbound_id(business_id: str, told: Inbound) -> str:
    """The same for every telling of one message."""
    key = f"{business_id}\n{told.provider}\n{told.provider_id}"
    return "inb_" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:32]
