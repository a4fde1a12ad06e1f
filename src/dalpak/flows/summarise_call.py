"""`call.ended`: send the call's summary to whoever the operator chose, the business by default.

What the summary says is `summarize.thread`.
"""

from dalpak.domain.records import Business, CallRecord, TenantScope
from dalpak.flows import summarize
from dalpak.flows.deliver import Draft, deliver, unreachable
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.ports.engine import FlowContext


async def summarise_call(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, call_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    call_id = id_of(payload, "call_id")

    async def send() -> str:
        draft = await _draft(desk, scope, call_id)
        return await deliver(desk, scope, context.flow_id, "send", draft)

    return str(await context.step("send", send))


async def _draft(desk: Desk, scope: TenantScope, call_id: str) -> Draft:
    async with desk.store.reading(scope) as r:
        call = await r.call(call_id)
        if call is None:
            raise Poison("no_such_call")
        facts = summarize.CallFacts(
            business=await r.business(),
            call=call,
            turns=await r.turns(call_id),
            traces=await r.traces(call_id),
            appointments=await r.appointments(call_id=call_id),
            services={s.id: s.name for s in await r.services()},
        )
    language = desk.language_of(facts.business.language)
    to, skip = _reader(desk.summary_to, facts.business, call)
    return Draft(
        kind="call_summary",
        to=to,
        text=language.written("call_summary", summary=summarize.thread(facts, language)),
        skip=skip,
        call_id=call_id,
    )


def _reader(summary_to: str, business: Business, call: CallRecord) -> tuple[str | None, str]:
    """The number, and why it cannot be written to if it cannot."""
    if summary_to == "caller":
        return call.caller, unreachable(call.caller)
    skip = unreachable(business.owner_phone)
    return business.owner_phone, "no_owner_phone" if skip == "no_phone" else skip
