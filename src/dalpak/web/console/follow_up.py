"""The page of what follows calls: the flows of a business, and why nothing was sent.

Facts come from the flows' board and from `flows/why.py`; the words are in `words.py`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dalpak.domain.records import Business, TenantScope
from dalpak.flows.board import ACTIVE, FlowBoard, FlowState, FlowView
from dalpak.flows.why import Finding, why
from dalpak.logs import mask_phone
from dalpak.web.console import words
from dalpak.web.console.access import CSRF_FIELD, access_of, may_change
from dalpak.web.console.render import page
from dalpak.web.flow_board import board_of, change_flow

if TYPE_CHECKING:
    from dalpak.extensions import Extensions

SHOWN = 50
ID_MAX = 128
"""Characters of an id that is asked about."""

CHANGES = {"retry": FlowBoard.retry, "cancel": FlowBoard.cancel}


async def follow_up(request: Request) -> Response:
    """GET: the list, and with `subject` the answer to why nothing was sent."""
    ext: Extensions = request.app.state.extensions
    access = access_of(request)
    if not access.allows(ext, request):
        return RedirectResponse("/login", 303)
    session = access.session(ext, request)
    businesses = await ext.store.businesses()
    business = chosen_business(businesses, request.query_params.get("business", ""))
    subject = request.query_params.get("subject", "").strip()[:ID_MAX]
    state = request.query_params.get("state", "")
    board = board_of(ext)
    views: list[FlowView] = []
    if board is not None and business is not None:
        states = [FlowState(state)] if state in tuple(FlowState) else []
        views = await board.flows(business_id=business.id, states=states, limit=SHOWN)
    found: list[Finding] | None = None
    if business is not None and subject:
        found = await why(ext.store, TenantScope(business.id), board, subject)
    zone = ZoneInfo(business.timezone) if business else None
    return page(
        "follow_up.html",
        businesses=businesses,
        business=business,
        csrf=session.csrf if session else "",
        views=views,
        subject=subject,
        found=found,
        state=state,
        states=words.STATES,
        words=words,
        zone=zone,
        mask=mask_phone,
        active=ACTIVE,
        off=board is None,
        told=request.query_params.get("told", ""),
    )


async def change(request: Request) -> Response:
    """POST: run a flow once more, or stop it."""
    ext: Extensions = request.app.state.extensions
    form = await request.form(max_fields=8, max_files=0)
    if not may_change(ext, request, str(form.get(CSRF_FIELD, ""))):
        return Response("forbidden", 403)
    what = CHANGES.get(str(form.get("what", "")))
    if what is None:
        return Response("bad request", 400)
    business_id = str(form.get("business", ""))
    changed = await change_flow(ext, business_id, str(form.get("flow_id", "")), what)
    return RedirectResponse(_back(form, "done" if changed else "nothing"), 303)


def _back(form: FormData, told: str) -> str:
    kept = {name: str(form.get(name, "")) for name in ("business", "state", "subject")}
    return "/follow-up?" + urlencode({k: v for k, v in {**kept, "told": told}.items() if v})


def chosen_business(businesses: Sequence[Business], wanted: str) -> Business | None:
    """The one asked for, else the first."""
    first = businesses[0] if businesses else None
    return next((b for b in businesses if b.id == wanted), first)
