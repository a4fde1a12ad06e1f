"""`message.received`: act on what somebody wrote, where it is clear, and answer; else tell the business.

What a reply means is in `language/replies.py`, what is done about it in `tools/written_replies.py`.
A cancellation and a booking are confirmed by their own flows.
"""

from collections.abc import Mapping

from dalpak.domain.follow_up import InboundRecord
from dalpak.domain.message_caps import REPLY
from dalpak.domain.phones import spoken_digits
from dalpak.domain.records import TenantScope
from dalpak.flows.deliver import Compose, Draft, deliver
from dalpak.flows.desk import Desk, Payload, Poison, id_of
from dalpak.flows.notify_lead import lead_notice
from dalpak.flows.visit import must_stand, visit_values
from dalpak.language.replies import answer_text
from dalpak.ports.engine import FlowContext
from dalpak.ports.store import Writing
from dalpak.tools.written_replies import (
    ASKED_CANCEL,
    OPTED_OUT,
    TOLD_BUSINESS,
    Done,
    ReplyDesk,
    act_on_reply,
)

ANSWERS: Mapping[str, str] = {
    ASKED_CANCEL: "ask_cancel",
    OPTED_OUT: "stopped",
    "opted_in": "started",
    "kept": "kept",
    "nothing_to_cancel": "nothing_to_cancel",
    "too_late": "too_late",
    "told_how_to_change": "change_how",
    "offer_gone": "offer_gone",
    "declined": "offer_declined",
}
"""What is written back, by what was done. An outcome that is not here is not answered."""


async def answer_message(context: FlowContext, desk: Desk, payload: Payload) -> str:
    """Payload: business_id, inbound_id."""
    scope = TenantScope(id_of(payload, "business_id"))
    inbound = await _inbound(desk, scope, id_of(payload, "inbound_id"))

    async def act() -> list[str | None]:
        replies = ReplyDesk(desk.store, desk.clock, scope, desk.language_of, desk.policies)
        fresh = await _inbound(desk, scope, inbound.id)
        done = await act_on_reply(replies, fresh)
        return [done.outcome, done.subject_id]

    outcome, subject_id = await context.step("act", act)
    done = Done(str(outcome), subject_id)
    compose = _compose(desk, inbound, done)
    if compose is None:
        return done.outcome

    async def send() -> str:
        return await deliver(desk, scope, f"{context.flow_id}:send", compose)

    await context.step("send", send)
    return done.outcome


async def _inbound(desk: Desk, scope: TenantScope, inbound_id: str) -> InboundRecord:
    async with desk.store.reading(scope) as r:
        inbound = await r.inbound(inbound_id)
    if inbound is None:
        raise Poison("no_such_inbound")
    return inbound


def _compose(desk: Desk, inbound: InboundRecord, done: Done) -> Compose | None:
    """The message that follows, if any, with the facts as they are when it is sent."""
    if done.outcome == TOLD_BUSINESS:
        return lambda w: _notice(desk, w, inbound)
    if done.outcome not in ANSWERS or not inbound.sender:
        return None
    return lambda w: _answer(desk, w, inbound, done)


async def _answer(desk: Desk, w: Writing, inbound: InboundRecord, done: Done) -> Draft:
    business = await w.business()
    values, skip = {"phone": spoken_digits(business.phone)}, ""
    if done.outcome == ASKED_CANCEL:
        row = await w.appointment(done.subject_id or "")
        if row is None:
            raise Poison("no_such_appointment")
        values |= await visit_values(desk, w, row)
        skip = must_stand(row)
    return Draft(
        # Not in the table of kinds: it is free text, to somebody who has just written.
        kind=REPLY,
        to=inbound.sender,
        text=answer_text(business.language, ANSWERS[done.outcome], **values),
        values={},
        language=business.language,
        skip=skip,
        # Whoever writes to us is answered, whatever they once said about being written to.
        last_word=True,
        answers_by=inbound.channel,
        appointment_id=done.subject_id if done.outcome == ASKED_CANCEL else None,
    )


async def _notice(desk: Desk, w: Writing, inbound: InboundRecord) -> Draft:
    """For the business: who wrote what, in full, as whoever reads it has to answer."""
    business = await w.business()
    known = await w.appointments(phone=inbound.sender) if inbound.sender else ()
    name = next((row.name for row in reversed(known) if row.name), None)
    text = inbound.text or answer_text(business.language, "no_text")
    return await lead_notice(desk, w, name=name, phone=inbound.sender, text=text)
