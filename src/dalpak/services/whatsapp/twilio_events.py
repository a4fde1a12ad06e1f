"""Twilio's message webhooks as receipts and messages. Pure reading of a form whose signature was
checked.

Nothing is stored or answered here.
"""

from collections.abc import Mapping

from dalpak.ports.messenger import DeliveryState, Inbound, Receipt
from dalpak.services.whatsapp.exchange import e164
from dalpak.services.whatsapp.twilio_messages import SMS, STATES, WHATSAPP, refusal_of

MAX_TEXT = 4096
MAX_ID = 64


def receipt(form: Mapping[str, str], delivery_id: str) -> Receipt | None:
    """A status callback; `delivery_id` stood in its address. None for a status we do not know."""
    provider_id = form.get("MessageSid", "") or form.get("SmsSid", "")
    state = STATES.get(form.get("MessageStatus", "") or form.get("SmsStatus", ""))
    if state is None or not provider_id:
        return None
    failed = state is DeliveryState.FAILED
    code = form.get("ErrorCode", "")[:MAX_ID]
    return Receipt(
        provider=_channel(form.get("To", ""), form.get("From", "")),
        provider_id=provider_id[:MAX_ID],
        state=state,
        delivery_id=delivery_id[:MAX_ID],
        reason=refusal_of(code) if failed else "",
        code=code if failed else "",
    )


def inbound(form: Mapping[str, str]) -> Inbound | None:
    """A message to one of our numbers. A pressed button counts as its words."""
    provider_id = form.get("MessageSid", "") or form.get("SmsMessageSid", "")
    if not provider_id:
        return None
    sender, receiver = form.get("From", ""), form.get("To", "")
    return Inbound(
        provider=_channel(sender, receiver),
        provider_id=provider_id[:MAX_ID],
        sender=_number(sender),
        receiver=_number(receiver),
        text=(form.get("ButtonText", "") or form.get("Body", ""))[:MAX_TEXT],
        answers=form.get("OriginalRepliedMessageSid", "")[:MAX_ID],
    )


def _channel(*addresses: str) -> str:
    return WHATSAPP if any(a.startswith("whatsapp:") for a in addresses) else SMS


def _number(address: str) -> str:
    return e164(address.removeprefix("whatsapp:"))
