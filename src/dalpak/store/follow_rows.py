"""Rows of the follow-up tables to records and back. No query, no decision."""

from collections.abc import Mapping

from dalpak.domain.follow_up import (
    ConsentAnswer,
    ConsentRecord,
    DeliveryRecord,
    InboundRecord,
    OfferStatus,
    SlotOffer,
    TemplateRow,
)
from dalpak.domain.message_caps import Sent
from dalpak.store.rows import AnyRow


def as_delivery(row: AnyRow) -> DeliveryRecord:
    return DeliveryRecord(
        id=row.id,
        business_id=row.business_id,
        message_id=row.message_id,
        channel=row.channel,
        idem_key=row.idem_key,
        state=row.state,
        reason=row.reason,
        code=row.code,
        provider_id=row.provider_id,
        attempts=row.attempts,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def as_sent(message: AnyRow, delivery: AnyRow) -> Sent:
    """A first attempt is dated by its row; of a later one only the last change is known."""
    at = delivery.created_at if delivery.attempts <= 1 else delivery.updated_at
    return Sent(message.kind, message.recipient, message.call_id, at)


def as_inbound(row: AnyRow) -> InboundRecord:
    return InboundRecord(
        id=row.id,
        business_id=row.business_id,
        channel=row.channel,
        provider_id=row.provider_id,
        sender=row.sender,
        text=row.text,
        received_at=row.received_at,
        answers=row.answers,
        meaning=row.meaning,
        outcome=row.outcome,
        subject_id=row.subject_id,
        handled_at=row.handled_at,
    )


def as_consent(row: AnyRow) -> ConsentRecord:
    return ConsentRecord(
        phone=row.phone,
        answer=ConsentAnswer(row.answer),
        source=row.source,
        call_id=row.call_id,
        wording=row.wording,
        at=row.at,
    )


def as_template(row: AnyRow) -> TemplateRow:
    return TemplateRow(
        language=row.language, kind=row.kind, text=row.text, updated_at=row.updated_at
    )


def as_offer(row: AnyRow) -> SlotOffer:
    return SlotOffer(
        id=row.id,
        entry_id=row.entry_id,
        lead_id=row.lead_id,
        appointment_id=row.appointment_id,
        phone=row.phone,
        resource_id=row.resource_id,
        start=row.start_at,
        status=OfferStatus(row.status),
        expires_at=row.expires_at,
        created_at=row.created_at,
    )


def offer_values(offer: SlotOffer) -> Mapping[str, object]:
    return {
        "id": offer.id,
        "entry_id": offer.entry_id,
        "lead_id": offer.lead_id,
        "appointment_id": offer.appointment_id,
        "phone": offer.phone,
        "resource_id": offer.resource_id,
        "start_at": offer.start,
        "status": offer.status,
        "expires_at": offer.expires_at,
        "created_at": offer.created_at,
    }
