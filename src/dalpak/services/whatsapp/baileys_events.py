"""What the sidecar tells, as receipts and messages. Pure reading of a body whose signature was
checked.

Nothing is stored or answered here.
"""

from datetime import UTC, datetime

from dalpak.ports.messenger import DeliveryState, Inbound, Receipt
from dalpak.services.whatsapp.baileys import NAME, STATES, reason_of
from dalpak.services.whatsapp.exchange import Json, dict_of, e164, list_of, text_of

MAX_TEXT = 4096


def events(body: Json) -> list[Receipt | Inbound]:
    """Everything in one POST, in its order; what is not understood is left out."""
    told = [_event(dict_of(one)) for one in list_of(body.get("events"))]
    return [one for one in told if one is not None]


def _event(event: Json) -> Receipt | Inbound | None:
    provider_id = text_of(event.get("message_id"))
    if not provider_id:
        return None
    match event.get("type"):
        case "receipt":
            return _receipt(event, provider_id)
        case "message":
            return Inbound(
                provider=NAME,
                provider_id=provider_id,
                sender=e164(text_of(event.get("sender"))),
                receiver=e164(text_of(event.get("receiver"))),
                text=text_of(event.get("text"))[:MAX_TEXT],
                at=_instant(event.get("at")),
                answers=text_of(event.get("answers")),
            )
        case _:
            return None


def _receipt(event: Json, provider_id: str) -> Receipt | None:
    state = STATES.get(text_of(event.get("state")))
    if state is None:
        return None
    code = text_of(event.get("code")) if state is DeliveryState.FAILED else ""
    return Receipt(
        provider=NAME,
        provider_id=provider_id,
        state=state,
        delivery_id=text_of(event.get("delivery_id")),
        reason=reason_of(state, code),
        code=code,
        at=_instant(event.get("at")),
    )


def _instant(value: object) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**11:
        return None
    return datetime.fromtimestamp(value, UTC)
