"""What the pages ask: the business, its calls, one call with all that came of it. Phone numbers are masked."""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import JSONResponse

from dalpak.domain.records import (
    Appointment,
    Business,
    CallRecord,
    MessageRecord,
    TenantScope,
    TurnRecord,
)
from dalpak.logs import mask_phone
from dalpak.ports.store import Reading
from dalpak.web.console.access import access_of

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

CALLS_MAX = 200
NO_STORE = {"cache-control": "no-store"}

View = Callable[[Request, Reading, Business], Awaitable[object | None]]
BusinessView = Callable[[Request, "Extensions", Business], Awaitable[object | None]]


def of_business(view: BusinessView) -> Callable[[Request], Awaitable[JSONResponse]]:
    """Check access, find the tenant, answer JSON; None becomes 404."""

    async def answer(request: Request) -> JSONResponse:
        ext: Extensions = request.app.state.extensions
        if not access_of(request).allows(ext, request):
            return JSONResponse({"error": "login_required"}, 401, NO_STORE)
        business_id = request.path_params["business_id"]
        known = {b.id: b for b in await ext.store.businesses()}
        if business_id not in known:
            return JSONResponse(
                {"error": "unknown_business", "business_id": business_id}, 404, NO_STORE
            )
        data = await view(request, ext, known[business_id])
        if data is None:
            return JSONResponse({"error": "not_found", **request.path_params}, 404, NO_STORE)
        return JSONResponse(data, headers=NO_STORE)

    return answer


def scoped(view: View) -> Callable[[Request], Awaitable[JSONResponse]]:
    """`of_business`, with one transaction in the tenant's scope open around the view."""

    async def read(request: Request, ext: "Extensions", business: Business) -> object | None:
        async with ext.store.reading(TenantScope(business.id)) as reading:
            return await view(request, reading, business)

    return of_business(read)


async def _business(_request: Request, reading: Reading, business: Business) -> object:
    services, resources = await reading.services(), await reading.resources()
    policy = await reading.policy()
    return {
        "id": business.id,
        "name": business.name,
        "timezone": business.timezone,
        "address": business.address,
        "services": [
            {"id": s.id, "name": s.name, "duration_min": s.duration_min, "price": s.price}
            for s in services
        ],
        "resources": [{"id": r.id, "name": r.name} for r in resources],
        "policy": policy.raw,
    }


async def _calls(request: Request, reading: Reading, _business: Business) -> object:
    return [_call_json(call) for call in await reading.calls(limit_of(request, CALLS_MAX))]


def limit_of(request: Request, most: int, usual: int = 50) -> int:
    """How many rows a request asks for; nonsense is the usual number."""
    raw = request.query_params.get("limit", "")
    plain = raw.isascii() and raw.isdigit() and len(raw) < 6
    return max(1, min(most, int(raw))) if plain else usual


async def _call(request: Request, reading: Reading, business: Business) -> object | None:
    call = await reading.call(request.path_params["call_id"])
    if call is None:
        return None
    appointments = await reading.appointments(call_id=call.id)
    messages = list(await reading.messages(call_id=call.id))
    for booked in appointments:
        of_it = await reading.messages(appointment_id=booked.id)
        messages += [m for m in of_it if m.id not in {known.id for known in messages}]
    services = {s.id: s.name for s in await reading.services()}
    resources = {r.id: r.name for r in await reading.resources()}
    zone = ZoneInfo(business.timezone)
    return {
        "call": _call_json(call),
        "turns": [_turn_json(turn) for turn in await reading.turns(call.id)],
        "tools": [
            {**dataclasses.asdict(t), "at": t.at.isoformat()} for t in await reading.traces(call.id)
        ],
        "appointments": [_appointment_json(a, zone, services, resources) for a in appointments],
        "messages": [_message_json(m) for m in sorted(messages, key=lambda m: m.created_at)],
    }


def _call_json(call: CallRecord) -> dict[str, Any]:
    return {
        "id": call.id,
        "transport": call.transport,
        "caller": mask_phone(call.caller) if call.caller else None,
        "started_at": call.started_at.isoformat(),
        "ended_at": call.ended_at.isoformat() if call.ended_at else None,
        "end_reason": str(call.end_reason) if call.end_reason else None,
    }


def _turn_json(turn: TurnRecord) -> dict[str, Any]:
    return {**dataclasses.asdict(turn), "started_at": turn.started_at.isoformat()}


def _appointment_json(
    a: Appointment, zone: ZoneInfo, services: dict[str, str], resources: dict[str, str]
) -> dict[str, Any]:
    return {
        "id": a.id,
        "start": a.start.astimezone(zone).isoformat(),
        "end": a.end.astimezone(zone).isoformat(),
        "service": services.get(a.service_id, a.service_id),
        "resource": resources.get(a.resource_id, a.resource_id),
        "name": a.name,
        "phone": mask_phone(a.phone) if a.phone else None,
        "status": str(a.status),
    }


def _message_json(m: MessageRecord) -> dict[str, Any]:
    return {
        "id": m.id,
        "kind": m.kind,
        "channel": m.channel,
        "to": mask_phone(m.to) if m.to else None,
        "text": m.text,
        "state": m.state,
        "reason": m.reason,
        "created_at": m.created_at.isoformat(),
    }


business = scoped(_business)
calls = scoped(_calls)
call = scoped(_call)
