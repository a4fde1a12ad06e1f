"""One message to one person, once as far as the messenger allows, its story in the Message row.

The row is committed as `sending` before the messenger is asked and gets its final state after. A
crash in between leaves `sending`: the next attempt tells the messenger that it is a repetition.
What the text says is decided by the flow that asks.
"""

from dataclasses import dataclass

from dalpak.domain.phones import parse_phone
from dalpak.domain.records import MessageRecord, TenantScope
from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk
from dalpak.ports.messenger import OutgoingMessage

SETTLED = frozenset({"recorded", "accepted", "delivered", "skipped"})
"""Nothing is left to do for such a row. `failed` is not here: the engine may try again."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What should be sent, or why nothing should (`skip`)."""

    kind: str
    to: str | None
    text: str
    skip: str = ""
    appointment_id: str | None = None
    call_id: str | None = None


def unreachable(phone: str | None) -> str:
    """Why a text cannot reach this number: "no_phone", "landline", or "" when it can."""
    if not phone:
        return "no_phone"
    known = parse_phone(phone)
    return "landline" if known and not known.mobile else ""


async def deliver(desk: Desk, scope: TenantScope, flow_id: str, step: str, draft: Draft) -> str:
    """Write the row, send, write the outcome; returns the row's state.

    Raises ProviderError when the messenger refused before anything left and waiting may help.
    """
    key = f"{flow_id}:{step}:{draft.to or '-'}"
    row = MessageRecord(
        id=desk.clock.new_id("msg_"),
        business_id=scope.business_id,
        idem_key=key,
        channel=desk.messenger.name,
        to=draft.to,
        kind=draft.kind,
        text=draft.text,
        state="skipped" if draft.skip else "sending",
        reason=draft.skip,
        appointment_id=draft.appointment_id,
        call_id=draft.call_id,
        created_at=desk.clock.now(),
    )
    async with desk.store.writing(scope) as w:
        saved = await w.save_message(row)
        known = saved.id != row.id
        if saved.state in SETTLED:
            return saved.state
        if draft.skip:
            # Known and unsettled: it may have left before the reason to skip it arose.
            left = saved.state == "sending"
            state = "sending" if left else "skipped"
            reason = f"{draft.skip}_while_sending" if left else draft.skip
            await w.set_message_state(saved.id, state=state, reason=reason)
            return state
        if known:
            await w.set_message_state(saved.id, state="sending")
    return await _send(desk, scope, saved, repeated=known and saved.state == "sending")


async def _send(desk: Desk, scope: TenantScope, row: MessageRecord, *, repeated: bool) -> str:
    """What goes out is the row's text: a repetition says exactly what the first attempt said."""
    message = OutgoingMessage(
        idem_key=row.idem_key, to=row.to or "", text=row.text, kind=row.kind, repeated=repeated
    )
    try:
        delivery = await desk.messenger.send(message)
    except ProviderError as e:
        await _settle(desk, scope, row.id, state="failed", reason=e.code)
        if e.retryable:
            raise
        return "failed"
    if delivery.state == "unknown":
        # It may have arrived: the row stays `sending` until somebody knows, and is not sent again.
        await _settle(desk, scope, row.id, state="sending", reason=delivery.reason or "unknown")
        return "sending"
    await _settle(desk, scope, row.id, state=delivery.state, reason=delivery.reason)
    return delivery.state


async def _settle(
    desk: Desk, scope: TenantScope, message_id: str, *, state: str, reason: str
) -> None:
    async with desk.store.writing(scope) as w:
        await w.set_message_state(message_id, state=state, reason=reason)
