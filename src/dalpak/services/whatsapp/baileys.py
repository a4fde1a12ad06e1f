"""WhatsApp by a linked device: our own Node sidecar (sidecars/baileys), on this machine.

An unofficial way with risks that the operator must know (docs/whatsapp.md); made for people who
wrote to the business first. The sidecar makes WhatsApp's message id from our key, so that a
repetition is the same message at the other end, and keeps what it sent, so that it can be asked.
What it tells by itself is read in baileys_events.py.
"""

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
    http_client,
    refused,
    text_of,
    unanswered,
    unknown,
)

NAME = "baileys"
TEXT_CHARS = 4096

REFUSALS = {
    "not_on_whatsapp": Refusal.NOT_ON_WHATSAPP,
    "account_restricted": Refusal.RESTRICTED,
    "daily_cap": Refusal.DAILY_CAP,
    "bad_number": Refusal.BAD_NUMBER,
    "unauthorized": Refusal.NOT_ALLOWED,
}
STATES = {
    "pending": DeliveryState.ACCEPTED,
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


class BaileysMessenger:
    """One per process, as there is one sidecar and one account."""

    name = NAME
    features = Features(deduplicates=True, can_be_asked=True, receipts=True)

    def __init__(self, *, url: str, token: str, answer_s: float = ANSWER_S) -> None:
        self._client = http_client(
            url, headers={"authorization": f"Bearer {token}"}, answer_s=answer_s
        )

    async def send(self, message: OutgoingMessage) -> Delivery:
        body = {
            "to": message.to,
            "text": message.text[:TEXT_CHARS],
            "idempotency_key": message.idem_key,
            "delivery_id": message.delivery_id,
            "warm": message.window_open,
        }
        answer = await ask(self._client, "POST", "/v1/messages", json=body)
        return unknown(answer.reason) if isinstance(answer, Lost) else _outcome(answer)

    async def lookup(self, message: OutgoingMessage) -> Delivery | None:
        """By our key: the sidecar writes it down before anything leaves."""
        query = {"idempotency_key": message.idem_key}
        answer = await ask(self._client, "GET", "/v1/messages", params=query)
        if isinstance(answer, Lost):
            raise ProviderError("unreachable", answer.reason)
        if answer.status == 404 and text_of((answer.body or {}).get("error")) == "not_found":
            return None
        if answer.status != 200 or answer.body is None:
            raise ProviderError("provider_down", f"HTTP {answer.status}")
        return _told(answer.body)

    async def aclose(self) -> None:
        await self._client.aclose()


def _outcome(answer: Answer) -> Delivery:
    body = answer.body or {}
    if answer.status == 200 and text_of(body.get("message_id")):
        return _told(body)
    error = text_of(body.get("error"))
    if error in REFUSALS:
        return refused(REFUSALS[error], text_of(body.get("code")) or error)
    if error == "not_connected":
        raise answer.fault("not_connected", text_of(body.get("state")))
    if error in {"in_flight", "unclear"}:
        return unknown("unclear", error)
    return unanswered(answer)


def _told(body: Json) -> Delivery:
    """A message of the sidecar's store. `unclear`: it was handed over, and nothing was heard since."""
    state = STATES.get(text_of(body.get("state")), DeliveryState.UNKNOWN)
    return Delivery(
        state,
        provider_id=text_of(body.get("message_id")) or None,
        reason=reason_of(state, text_of(body.get("code"))),
        code=text_of(body.get("code")) if state is DeliveryState.FAILED else "",
    )


def reason_of(state: DeliveryState, code: str) -> str:
    """WhatsApp's own error number in words; 463 closes the account to new people."""
    if state is DeliveryState.UNKNOWN:
        return "unclear"
    if state is not DeliveryState.FAILED:
        return ""
    return Refusal.RESTRICTED if code == "463" else Refusal.REFUSED
