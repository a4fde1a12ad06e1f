"""Meta's webhook as receipts and messages. Pure reading of a body whose signature was checked.

One POST may tell of many things, of things told before, and of kinds we do not know: what is not
understood is left out, the rest counts. Nothing is stored or answered here.
"""

from datetime import UTC, datetime

from dalpak.ports.messenger import DeliveryState, Inbound, Receipt
from dalpak.services.whatsapp.exchange import Json, dict_of, e164, list_of, text_of
from dalpak.services.whatsapp.meta import NAME, refusal_of

MAX_TEXT = 4096

STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.READ,
    "failed": DeliveryState.FAILED,
}


def events(body: Json) -> list[Receipt | Inbound]:
    """Everything in one webhook that concerns messages, in its order."""
    found: list[Receipt | Inbound] = []
    for entry in list_of(body.get("entry")):
        for change in list_of(dict_of(entry).get("changes")):
            value = dict_of(dict_of(change).get("value"))
            if value.get("messaging_product") != "whatsapp":
                continue
            number = text_of(dict_of(value.get("metadata")).get("display_phone_number"))
            ours = e164("".join(c for c in number if c.isdigit()))
            told = [_receipt(dict_of(s)) for s in list_of(value.get("statuses"))]
            told += [_inbound(dict_of(m), ours) for m in list_of(value.get("messages"))]
            found += [one for one in told if one is not None]
    return found


def _receipt(status: Json) -> Receipt | Inbound | None:
    state, provider_id = STATES.get(text_of(status.get("status"))), text_of(status.get("id"))
    if state is None or not provider_id:
        return None
    errors = [dict_of(e) for e in list_of(status.get("errors"))]
    code = text_of(errors[0].get("code")) if errors else ""
    failed = state is DeliveryState.FAILED
    return Receipt(
        provider=NAME,
        provider_id=provider_id,
        state=state,
        delivery_id=text_of(status.get("biz_opaque_callback_data")),
        reason=refusal_of(code) if failed else "",
        code=code if failed else "",
        at=_instant(status.get("timestamp")),
    )


def _inbound(message: Json, ours: str) -> Receipt | Inbound | None:
    provider_id = text_of(message.get("id"))
    if not provider_id:
        return None
    return Inbound(
        provider=NAME,
        provider_id=provider_id,
        sender=e164(text_of(message.get("from"))),
        receiver=ours,
        text=_words(message)[:MAX_TEXT],
        at=_instant(message.get("timestamp")),
        answers=text_of(dict_of(message.get("context")).get("id")),
    )


def _words(message: Json) -> str:
    """What was typed, or the words on the button that was pressed; nothing for a picture."""
    match message.get("type"):
        case "text":
            return text_of(dict_of(message.get("text")).get("body"))
        case "button":
            return text_of(dict_of(message.get("button")).get("text"))
        case "interactive":
            reply = dict_of(message.get("interactive"))
            chosen = dict_of(reply.get("button_reply")) or dict_of(reply.get("list_reply"))
            return text_of(chosen.get("title"))
        case _:
            return ""


def _instant(value: object) -> datetime | None:
    seconds = text_of(value)
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
