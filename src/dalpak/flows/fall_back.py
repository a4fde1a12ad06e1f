"""`delivery.failed`: a messenger that had accepted a message told later that it did not arrive.

The next messenger of the business is tried with the same words, as long as they are still true. A
refusal that comes with the answer to the request itself is handled where it comes, in `deliver.py`.
"""

from datetime import datetime

from dalpak.domain.records import Appointment, AppointmentStatus, MessageRecord, TenantScope
from dalpak.flows.deliver import Draft, deliver
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.flows.visit import OWED, must_stand
from dalpak.ports.engine import FlowContext
from dalpak.ports.store import Writing

_OF_A_VISIT_THAT_STANDS = frozenset({"confirmation", "rescheduled", "reminder"})
_TO_THE_BUSINESS = frozenset({"lead_notice"})


async def fall_back(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, message_id, delivery_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    message_id = id_of(payload, "message_id")
    async with desk.store.reading(scope) as r:
        message = await r.message(message_id)
    if message is None:
        raise Poison("no_such_message")
    key = message.idem_key

    async def compose(w: Writing) -> Draft:
        return await _same_words(desk, w, message)

    async def send() -> str:
        return await deliver(desk, scope, key, compose)

    return str(await context.step("send", send))


async def _same_words(desk: Desk, w: Writing, message: MessageRecord) -> Draft:
    business, row = await w.business(), None
    if message.appointment_id is not None:
        await w.lock_appointment(message.appointment_id)
        row = await w.appointment(message.appointment_id)
    return Draft(
        kind=message.kind,
        to=message.to,
        text=message.text,
        values={},
        language=message.language,
        skip=_no_longer_true(message, row, desk.clock.now()),
        customer=message.kind not in _TO_THE_BUSINESS and message.to != business.owner_phone,
        appointment_id=message.appointment_id,
        call_id=message.call_id,
        owed=message.kind in OWED,
        good_until=row.start if row is not None else None,
    )


def _no_longer_true(message: MessageRecord, row: Appointment | None, now: datetime) -> str:
    if message.appointment_id is None:
        return ""
    if row is None:
        return "cancelled"
    if message.kind == "waitlist_offer":
        kept = row.hold_until if row.status is AppointmentStatus.HELD else None
        return "" if kept is not None and kept > now else "expired"
    if message.kind not in _OF_A_VISIT_THAT_STANDS:
        return ""
    told_since = row.updated_at is not None and row.updated_at > message.created_at
    late = row.start <= now
    return must_stand(row) or ("moved" if told_since else "") or ("too_late" if late else "")
