"""`call.ended`: send the call's summary to whoever the business or the operator chose.

What the summary says is `summarize.thread`; what a model may add to it is checked in `gist.py`.
"""

from dalpak.domain.messaging import rules_of
from dalpak.domain.records import TenantScope
from dalpak.flows import summarize
from dalpak.flows.deliver import Draft, deliver
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.flows.gist import gist_of
from dalpak.ports.engine import FlowContext
from dalpak.ports.store import Reading, Writing
from dalpak.tools.messages import text_of


async def summarise_call(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, call_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    call_id = id_of(payload, "call_id")
    key = f"{context.flow_id}:send"

    async def send() -> str:
        async with desk.store.reading(scope) as r:
            facts = await _facts(r, call_id)
            written = any(m.idem_key == key for m in await r.messages(call_id=call_id))
        # Before the transaction: a model takes seconds. Not a step of its own: what it says may
        # hold personal data, which belongs into the message and not into the engine's tables.
        gist = "" if written else await gist_of(desk, facts)

        async def compose(w: Writing) -> Draft:
            return await _draft(desk, w, call_id, gist)

        return await deliver(desk, scope, key, compose)

    return str(await context.step("send", send))


async def _facts(r: Reading, call_id: str) -> summarize.CallFacts:
    call = await r.call(call_id)
    if call is None:
        raise Poison("no_such_call")
    return summarize.CallFacts(
        business=await r.business(),
        call=call,
        turns=await r.turns(call_id),
        traces=await r.traces(call_id),
        appointments=await r.appointments(call_id=call_id),
        services={s.id: s.name for s in await r.services()},
    )


async def _draft(desk: Desk, w: Writing, call_id: str, gist: str) -> Draft:
    facts = await _facts(w, call_id)
    code = facts.business.language
    thread = summarize.thread(facts, desk.language_of(code))
    values = {"summary": "\n".join(filter(None, (gist, thread)))}
    reader = rules_of((await w.messaging()).raw).summary_to or desk.summary_to
    return Draft(
        kind="call_summary",
        to=facts.call.caller if reader == "caller" else facts.business.owner_phone,
        text=await text_of(w, code, "call_summary", values),
        values=values,
        language=code,
        skip="turned_off" if reader == "nobody" else "",
        nobody="no_phone" if reader == "caller" else "no_owner_phone",
        customer=reader == "caller",
        call_id=call_id,
    )
