"""The page of what follows calls: the flows of a business, and why nothing was sent.

Facts come from the flows' board and from `flows/why.py`; the words are in `words.py`.
"""

from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from dalpak.domain.records import TenantScope
from dalpak.flows.board import ACTIVE, FlowBoard, FlowState, FlowView
from dalpak.flows.why import Finding, why
from dalpak.logs import mask_phone
from dalpak.web.console import words
from dalpak.web.console.render import page
from dalpak.web.console.visit import Visit
from dalpak.web.flow_board import board_of, change_flow

SHOWN = 50
ID_MAX = 128
"""Characters of an id that is asked about."""

CHANGES = {"retry": FlowBoard.retry, "cancel": FlowBoard.cancel}


async def follow_up(visit: Visit) -> Response:
    """GET: the list, and with `subject` the answer to why nothing was sent."""
    ext, business = visit.ext, visit.business()
    subject, state = visit.asked("subject").strip()[:ID_MAX], visit.asked("state")
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
        businesses=visit.businesses,
        business=business,
        csrf=visit.csrf,
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
        told=visit.asked("told"),
    )


async def change(visit: Visit) -> Response:
    """POST: run a flow once more, or stop it."""
    what = CHANGES.get(visit.asked("what"))
    if what is None:
        return Response("bad request", 400)
    flow_id, business_id = visit.asked("flow_id"), visit.asked("business")
    changed = await change_flow(visit.ext, business_id, flow_id, what)
    return RedirectResponse(_back(visit, "done" if changed else "nothing"), 303)


def _back(visit: Visit, told: str) -> str:
    kept = {name: visit.asked(name) for name in ("business", "state", "subject")}
    return "/follow-up?" + urlencode({k: v for k, v in {**kept, "told": told}.items() if v})
