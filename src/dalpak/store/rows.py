"""Rows to records and back: where column names and record fields meet. No query, no decision."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row

from dalpak.domain.records import (
    Appointment,
    AppointmentStatus,
    Business,
    Busy,
    CallEnd,
    CallRecord,
    Lead,
    MessageRecord,
    Resource,
    Service,
    StoredEvent,
    TraceRecord,
    TurnRecord,
    WaitlistEntry,
)

AnyRow = Row[*tuple[Any, ...]]


def as_business(row: AnyRow) -> Business:
    return Business(
        id=row.business_id,
        name=row.name,
        phone=row.phone,
        timezone=row.timezone,
        language=row.language,
        address=row.address,
        owner_phone=row.owner_phone,
        prompt=row.prompt,
        greeting=row.greeting,
        facts=row.facts,
        ipa=row.ipa,
    )


def business_values(business: Business) -> Mapping[str, object]:
    return {
        "name": business.name,
        "phone": business.phone,
        "timezone": business.timezone,
        "language": business.language,
        "address": business.address,
        "owner_phone": business.owner_phone,
        "prompt": business.prompt,
        "greeting": business.greeting,
        "facts": business.facts,
        "ipa": business.ipa,
    }


def as_service(row: AnyRow) -> Service:
    return Service(
        id=row.id,
        name=row.name,
        duration_min=row.duration_min,
        price=row.price,
        aliases=tuple(row.aliases),
        buffer_before_min=row.buffer_before_min,
        buffer_after_min=row.buffer_after_min,
        resource_ids=tuple(row.resource_ids),
        ipa=row.ipa,
    )


def service_values(service: Service) -> Mapping[str, object]:
    return {
        "id": service.id,
        "name": service.name,
        "duration_min": service.duration_min,
        "price": service.price,
        "aliases": list(service.aliases),
        "buffer_before_min": service.buffer_before_min,
        "buffer_after_min": service.buffer_after_min,
        "resource_ids": list(service.resource_ids),
        "ipa": service.ipa,
    }


def as_resource(row: AnyRow) -> Resource:
    return Resource(
        id=row.id, name=row.name, capacity=row.capacity, aliases=tuple(row.aliases), ipa=row.ipa
    )


def resource_values(resource: Resource) -> Mapping[str, object]:
    return {
        "id": resource.id,
        "name": resource.name,
        "capacity": resource.capacity,
        "aliases": list(resource.aliases),
        "ipa": resource.ipa,
        "version": 1,
    }


def as_busy(row: AnyRow) -> Busy:
    return Busy(
        appointment_id=row.id,
        resource_id=row.resource_id,
        lane=row.lane,
        start=row.start_at,
        end=row.end_at,
        block_start=row.block_start,
        block_end=row.block_end,
    )


def as_appointment(row: AnyRow) -> Appointment:
    return Appointment(
        id=row.id,
        business_id=row.business_id,
        resource_id=row.resource_id,
        service_id=row.service_id,
        start=row.start_at,
        end=row.end_at,
        status=AppointmentStatus(row.status),
        lead_id=row.lead_id,
        call_id=row.call_id,
        name=row.name,
        phone=row.phone,
        hold_until=row.hold_until,
        created_at=row.created_at,
        version=row.version,
        more_service_ids=tuple(row.more_service_ids),
        updated_at=row.updated_at,
    )


def as_waitlist_entry(row: AnyRow) -> WaitlistEntry:
    return WaitlistEntry(
        id=row.id,
        lead_id=row.lead_id,
        call_id=row.call_id,
        service_ids=tuple(row.service_ids),
        resource_id=row.resource_id,
        first_day=date.fromisoformat(row.first_day),
        last_day=date.fromisoformat(row.last_day),
        window=(row.from_min, row.to_min),
        created_at=row.created_at,
        status=row.status,
    )


def waitlist_values(entry: WaitlistEntry) -> Mapping[str, object]:
    wish = (*entry.service_ids, entry.resource_id or "", entry.first_day, entry.last_day)
    return {
        "id": entry.id,
        "lead_id": entry.lead_id,
        "call_id": entry.call_id,
        "service_ids": list(entry.service_ids),
        "resource_id": entry.resource_id,
        "first_day": entry.first_day.isoformat(),
        "last_day": entry.last_day.isoformat(),
        "from_min": entry.window[0],
        "to_min": entry.window[1],
        "wish": "|".join(map(str, (*wish, *entry.window))),
        "created_at": entry.created_at,
        "status": entry.status,
    }


def as_lead(row: AnyRow) -> Lead:
    return Lead(id=row.id, phone=row.phone, name=row.name, note=row.note, call_id=row.call_id)


def as_call(row: AnyRow) -> CallRecord:
    return CallRecord(
        id=row.id,
        business_id=row.business_id,
        transport=row.transport,
        external_id=row.external_id,
        account_id=row.account_id,
        caller=row.caller,
        called=row.called,
        started_at=row.started_at,
        last_seen_at=row.last_seen_at,
        ended_at=row.ended_at,
        end_reason=None if row.end_reason is None else CallEnd(row.end_reason),
        stream_id=row.stream_id,
        checkpoint=row.checkpoint,
        confirmed=tuple(row.confirmed),
    )


def call_values(call: CallRecord) -> Mapping[str, object]:
    return {
        "id": call.id,
        "transport": call.transport,
        "external_id": call.external_id,
        "account_id": call.account_id,
        "caller": call.caller,
        "called": call.called,
        "started_at": call.started_at,
        "last_seen_at": call.last_seen_at,
        "ended_at": call.ended_at,
        "end_reason": call.end_reason,
        "stream_id": call.stream_id,
        "checkpoint": call.checkpoint,
        "confirmed": list(call.confirmed),
    }


def as_turn(row: AnyRow) -> TurnRecord:
    return TurnRecord(
        call_id=row.call_id,
        number=row.number,
        said=row.said,
        heard=row.heard,
        started_at=row.started_at,
        stt_first_partial_ms=row.stt_first_partial_ms,
        stt_final_ms=row.stt_final_ms,
        ai_latency_ms=row.ai_latency_ms,
        tts_ready_ms=row.tts_ready_ms,
        total_ms=row.total_ms,
        tts_send_lag_ms=row.tts_send_lag_ms,
        heard_ms=row.heard_ms,
        interrupted=row.interrupted,
    )


def as_trace(row: AnyRow) -> TraceRecord:
    return TraceRecord(
        call_id=row.call_id,
        turn=row.turn,
        tool=row.tool,
        args=row.args,
        ok=row.ok,
        reason=row.reason,
        latency_ms=row.latency_ms,
        at=row.at,
    )


def as_message(row: AnyRow) -> MessageRecord:
    return MessageRecord(
        id=row.id,
        business_id=row.business_id,
        idem_key=row.idem_key,
        channel=row.channel,
        to=row.recipient,
        kind=row.kind,
        text=row.text,
        state=row.state,
        reason=row.reason,
        appointment_id=row.appointment_id,
        call_id=row.call_id,
        created_at=row.created_at,
        language=row.language,
        parts=tuple(row.parts),
    )


def message_values(message: MessageRecord) -> Mapping[str, object]:
    return {
        "id": message.id,
        "idem_key": message.idem_key,
        "channel": message.channel,
        "recipient": message.to,
        "kind": message.kind,
        "text": message.text,
        "state": message.state,
        "reason": message.reason,
        "appointment_id": message.appointment_id,
        "call_id": message.call_id,
        "created_at": message.created_at,
        "updated_at": message.created_at,
        "language": message.language,
        "parts": list(message.parts),
    }


def as_event(row: AnyRow) -> StoredEvent:
    return StoredEvent(id=row.id, type=row.type, aggregate_id=row.aggregate_id, at=row.at)
