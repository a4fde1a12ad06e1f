"""WhatsApp and SMS by Twilio: one REST resource, two channels.

Twilio takes no key against doubles, but lists what it has: an attempt without an answer is looked
up by receiver, sender, time and words. Each message carries our own id in the address of its status
callback. Callbacks and incoming messages are read in twilio_events.py.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import msgspec

from dalpak.errors import ProviderError
from dalpak.ports.messenger import (
    Delivery,
    DeliveryState,
    Features,
    OutgoingMessage,
    Refusal,
)
from dalpak.services.whatsapp.exchange import (
    ANSWER_S,
    Answer,
    Json,
    Lost,
    ask,
    dict_of,
    http_client,
    list_of,
    refused,
    text_of,
    unanswered,
    unknown,
)
from dalpak.services.whatsapp.templates import template_for, template_values

WHATSAPP = "twilio_whatsapp"
SMS = "twilio_sms"
TEXT_CHARS = 1600
"""Twilio's limit of one Body."""
STATUS_PATH = "/whatsapp/twilio/status"
"""Where web/whatsapp_webhook.py takes status callbacks; the query is signed with the rest."""
LISTED = 50
"""Latest messages to one person that are looked through."""
SKEW = timedelta(minutes=2)
"""How far Twilio's clock and ours may be apart."""

STATES: Mapping[str, DeliveryState] = {
    "accepted": DeliveryState.ACCEPTED,
    "scheduled": DeliveryState.ACCEPTED,
    "queued": DeliveryState.ACCEPTED,
    "sending": DeliveryState.ACCEPTED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "partially_delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}

REFUSALS: Mapping[str, Refusal] = {
    "20003": Refusal.NOT_ALLOWED,
    "20404": Refusal.NOT_ALLOWED,  # the account or the sender is not there
    "21211": Refusal.BAD_NUMBER,
    "21212": Refusal.NOT_ALLOWED,
    "21217": Refusal.BAD_NUMBER,
    "21408": Refusal.NOT_ALLOWED,  # the country is switched off in the account
    "21606": Refusal.NOT_ALLOWED,
    "21610": Refusal.OPTED_OUT,
    "21612": Refusal.BAD_NUMBER,
    "21614": Refusal.BAD_NUMBER,
    "21655": Refusal.TEMPLATE_REFUSED,
    "21656": Refusal.TEMPLATE_REFUSED,
    "30003": Refusal.UNDELIVERABLE,
    "30004": Refusal.BLOCKED,
    "30005": Refusal.BAD_NUMBER,
    "30006": Refusal.BAD_NUMBER,  # a landline
    "30007": Refusal.BLOCKED,
    "30008": Refusal.UNDELIVERABLE,
    "30036": Refusal.EXPIRED,
    "63003": Refusal.NOT_ON_WHATSAPP,
    "63005": Refusal.TEMPLATE_REFUSED,
    "63007": Refusal.NOT_ALLOWED,
    "63013": Refusal.BLOCKED,
    "63016": Refusal.OUTSIDE_WINDOW,
    "63019": Refusal.TEMPLATE_REFUSED,
    "63020": Refusal.NOT_ALLOWED,
    "63024": Refusal.NOT_ON_WHATSAPP,
    "63027": Refusal.TEMPLATE_REFUSED,
    "63028": Refusal.TEMPLATE_REFUSED,
    "63029": Refusal.TEMPLATE_REFUSED,
    "63032": Refusal.BLOCKED,
    "63049": Refusal.BLOCKED,
    "63051": Refusal.NOT_ALLOWED,
}
"""By Twilio's error code: trying again cannot help. Every code that is in neither table is REFUSED."""

LATER: Mapping[str, str] = {
    "14107": "rate_limited",
    "20429": "rate_limited",
    "20500": "provider_down",
    "20503": "provider_down",
    "21611": "rate_limited",
    "63018": "rate_limited",
    "63038": "rate_limited",
}
"""Twilio took nothing and waiting helps."""


class TwilioMessenger:
    """One per process and channel. `sender`: E.164, or for SMS the id of a messaging service.
    `contents`: content templates by "kind" or "kind.language", for WhatsApp."""

    def __init__(
        self,
        *,
        channel: str,
        url: str,
        account_sid: str,
        auth_token: str,
        sender: str,
        contents: Mapping[str, str],
        callback_origin: str,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.name = channel
        self._whatsapp = channel == WHATSAPP
        self.features = Features(templates=self._whatsapp, can_be_asked=True, receipts=True)
        self._path = f"/2010-04-01/Accounts/{account_sid}/Messages.json"
        self._sender = sender
        self._contents = dict(contents)
        self._callback_origin = callback_origin
        self._client = http_client(url, auth=(account_sid, auth_token), answer_s=answer_s)

    async def send(self, message: OutgoingMessage) -> Delivery:
        form = self._form(message)
        if form is None:
            return refused(Refusal.TEMPLATE_REFUSED, "no_content")
        answer = await ask(self._client, "POST", self._path, data=form)
        return unknown(answer.reason) if isinstance(answer, Lost) else _outcome(answer)

    async def lookup(self, message: OutgoingMessage) -> Delivery | None:
        """By receiver, sender, time and words. Twilio's list may run some seconds behind."""
        query = {"To": self._address(message.to), "PageSize": str(LISTED)}
        answer = await ask(self._client, "GET", self._path, params=query)
        if isinstance(answer, Lost):
            raise ProviderError("unreachable", answer.reason)
        listed = dict_of(answer.body).get("messages")
        if answer.status != 200 or not isinstance(listed, list):
            raise answer.fault("provider_down")
        for row in map(dict_of, list_of(listed)):
            if self._is_ours(row, message):
                return _told(row)
        return None

    async def aclose(self) -> None:
        await self._client.aclose()

    def _address(self, number: str) -> str:
        return f"whatsapp:{number}" if self._whatsapp else number

    def _form(self, message: OutgoingMessage) -> dict[str, str] | None:
        """The fields, or None where WhatsApp asks for a template and there is none of this kind."""
        form = {"To": self._address(message.to)}
        if self._sender.startswith("MG"):
            form["MessagingServiceSid"] = self._sender
        else:
            form["From"] = self._address(self._sender)
        if self._callback_origin:
            query = urlencode({"d": message.delivery_id}) if message.delivery_id else ""
            form["StatusCallback"] = self._callback_origin + STATUS_PATH + (query and f"?{query}")
        if not self._whatsapp or message.window_open:
            return form | {"Body": message.text[:TEXT_CHARS]}
        content = template_for(self._contents, message.kind, message.language)
        if not content:
            return None
        values = template_values(message.values, message.text)
        variables = {str(n): value for n, value in enumerate(values, 1)}
        return form | {
            "ContentSid": content,
            "ContentVariables": msgspec.json.encode(variables).decode(),
        }

    def _is_ours(self, row: Json, message: OutgoingMessage) -> bool:
        """Whether a message of the list can only be this one: to the same person, from here, not
        older than the first attempt, with these words."""
        created, since = _instant(row.get("date_created")), message.first_tried_at
        if since is not None and (created is None or created < since - SKEW):
            return False
        if not text_of(row.get("direction")).startswith("outbound"):
            return False
        if text_of(row.get("to")) != self._address(message.to) or not self._from_here(row):
            return False
        words = " ".join(text_of(row.get("body")).split())
        if not self._whatsapp or message.window_open:
            return words == " ".join(message.text[:TEXT_CHARS].split())
        return all(value in words for value in template_values(message.values, message.text))

    def _from_here(self, row: Json) -> bool:
        if self._sender.startswith("MG"):
            return text_of(row.get("messaging_service_sid")) == self._sender
        return text_of(row.get("from")) == self._address(self._sender)


def _outcome(answer: Answer) -> Delivery:
    body = answer.body or {}
    if answer.status < 300 and text_of(body.get("sid")):
        return _told(body)
    code = text_of(body.get("code"))
    if answer.status >= 400 and code:
        if code in LATER or answer.took_nothing or answer.status >= 500:
            # With an error of Twilio's own in it the API itself answers, and says that it failed.
            raise answer.fault(LATER.get(code, "provider_down"), code)
        return refused(refusal_of(code), code)
    return unanswered(answer)


def _told(row: Json) -> Delivery:
    """A message resource as a Delivery."""
    state = STATES.get(text_of(row.get("status")), DeliveryState.ACCEPTED)
    code = text_of(row.get("error_code"))
    failed = state is DeliveryState.FAILED
    return Delivery(
        state,
        provider_id=text_of(row.get("sid")) or None,
        reason=refusal_of(code) if failed else "",
        code=code if failed else "",
    )


def refusal_of(code: str) -> Refusal:
    """What one of Twilio's error codes means, in an answer or in a callback."""
    return REFUSALS.get(code, Refusal.REFUSED)


def _instant(value: object) -> datetime | None:
    """Twilio's dates are those of e-mail."""
    try:
        told = parsedate_to_datetime(text_of(value))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
