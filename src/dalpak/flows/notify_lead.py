"""`lead.left`: tell the business that somebody waits for a call back.

The caller is not written to.
"""

from dalpak.domain.records import TenantScope
from dalpak.flows.deliver import Draft, deliver, unreachable
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.ports.engine import FlowContext


async def notify_lead(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, lead_id, call_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    lead_id, call_id = id_of(payload, "lead_id"), id_of(payload, "call_id")

    async def send() -> str:
        draft = await _draft(desk, scope, lead_id, call_id)
        return await deliver(desk, scope, context.flow_id, "send", draft)

    return str(await context.step("send", send))


async def _draft(desk: Desk, scope: TenantScope, lead_id: str, call_id: str) -> Draft:
    async with desk.store.reading(scope) as r:
        business = await r.business()
        lead = await r.lead(lead_id)
    if lead is None:
        raise Poison("no_such_lead")
    language = desk.language_of(business.language)
    text = language.written(
        "lead_notice",
        name=lead.name or language.written("unknown_name"),
        # In full: whoever reads this has to dial it.
        phone=lead.phone or language.written("unknown_phone"),
        text=lead.note or language.written("no_note"),
    )
    skip = unreachable(business.owner_phone)
    return Draft(
        kind="lead_notice",
        to=business.owner_phone,
        text=text,
        skip="no_owner_phone" if skip == "no_phone" else skip,
        call_id=call_id,
    )
