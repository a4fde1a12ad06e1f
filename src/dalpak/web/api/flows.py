"""What follows a business's calls, as JSON: the flows, how each message stands, and a hand on a flow.

Phone numbers are masked. A change wants an admin session and a page of ours, like every change.
"""

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from dalpak.domain.records import Business, TenantScope
from dalpak.flows.board import FlowBoard, FlowState, FlowView
from dalpak.flows.why import Finding, why
from dalpak.logs import mask_phone
from dalpak.web.api.views import NO_STORE, limit_of, of_business
from dalpak.web.console.access import CSRF_HEADER, may_change
from dalpak.web.flow_board import Change, board_of, change_flow

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

FLOWS_MAX = 200


async def _flows(request: Request, ext: "Extensions", business: Business) -> object:
    board = board_of(ext)
    asked = request.query_params.getlist("state")
    states = [state for state in FlowState if state in asked]
    if board is None or (asked and not states):
        return []
    limit = limit_of(request, FLOWS_MAX)
    found = await board.flows(business_id=business.id, states=states, limit=limit)
    return [flow_json(view) for view in found]


async def _why(request: Request, ext: "Extensions", business: Business) -> object | None:
    subject = request.path_params["subject_id"]
    found = await why(ext.store, TenantScope(business.id), board_of(ext), subject)
    return None if found is None else [finding_json(each) for each in found]


def flow_json(view: FlowView) -> dict[str, Any]:
    shown = dataclasses.asdict(view)
    for name in ("next_at", "created_at", "updated_at"):
        shown[name] = shown[name].isoformat() if shown[name] else None
    return shown


def finding_json(found: Finding) -> dict[str, Any]:
    return {
        "flow_id": found.flow_id,
        "flow": found.flow,
        "event": found.event,
        "at": found.at.isoformat(),
        "kind": found.kind,
        "to": mask_phone(found.to) if found.to else None,
        "verdict": str(found.verdict),
        "reason": found.reason,
        "words": found.words,
        "channel": found.channel,
        "error": found.error,
        "attempts": found.attempts,
        "next_try_at": found.next_try_at.isoformat() if found.next_try_at else None,
        "deliveries": [
            {
                "channel": d.channel,
                "state": d.state,
                "reason": d.reason,
                "code": d.code,
                "attempts": d.attempts,
                "updated_at": d.updated_at.isoformat(),
            }
            for d in found.deliveries
        ],
    }


def _changing(change: Change) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def answer(request: Request) -> JSONResponse:
        ext: Extensions = request.app.state.extensions
        if not may_change(ext, request, request.headers.get(CSRF_HEADER, "")):
            return JSONResponse({"error": "forbidden"}, 403, NO_STORE)
        business_id = request.path_params["business_id"]
        changed = await change_flow(ext, business_id, request.path_params["flow_id"], change)
        if changed is None:
            return JSONResponse({"error": "nothing_to_do"}, 409, NO_STORE)
        return JSONResponse(flow_json(changed), headers=NO_STORE)

    return answer


flows = of_business(_flows)
why_nothing = of_business(_why)
retry = _changing(FlowBoard.retry)
cancel = _changing(FlowBoard.cancel)
