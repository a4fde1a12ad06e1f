"""`lead.left`: tell the business that somebody waits for a call back.

The caller is not written to.
"""

from dalpak.domain.records import TenantScope
from dalpak.flows.deliver import Draft, deliver
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.ports.engine import FlowContext
from dalpak.ports.store import Writing
from dalpak.tools.messages import text_of


async def notify_lead(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, lead_id, call_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    lead_id, call_id = id_of(payload, "lead_id"), id_of(payload, "call_id")

    async def compose(w: Writing) -> Draft:
        return await _draft(desk, w, lead_id, call_id)

    async def send() -> str:
        return await deliver(desk, scope, f"{context.flow_id}:send", compose)

    return str(await context.step("send", send))


async def _draft(desk: Desk, w: Writing, lead_id: str, call_id: str) -> Draft:
    business, lead = await w.business(), await w.lead(lead_id)
    if lead is None:
        raise Poison("no_such_lead")
    text = lead.note or desk.language_of(business.language).written("no_note")
    return await lead_notice(desk, w, name=lead.name, phone=lead.phone, text=text, call_id=call_id)


async def lead_notice(
    desk: Desk, w: Writing, *, name: str | None, phone: str | None, text: str, call_id: str = ""
) -> Draft:
    """For the business: who waits for an answer, and what they said or wrote."""
    business = await w.business()
    language = desk.language_of(business.language)
    values = {
        "name": name or language.written("unknown_name"),
        # In full: whoever reads this has to dial it.
        "phone": phone or language.written("unknown_phone"),
        "text": text,
    }
    return Draft(
        kind="lead_notice",
        to=business.owner_phone,
        text=await text_of(w, business.language, "lead_notice", values),
        values=values,
        language=business.language,
        nobody="no_owner_phone",
        customer=False,
        call_id=call_id or None,
    )
