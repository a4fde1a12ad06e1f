"""What is done about a written reply: the same tools as on the telephone, for the caller's own things.

The number is vouched for by the provider, as a caller's is by the carrier. A cancellation is asked
back first: the question is one message, the yes to it another, and only the pair reaches the tool.
What is written back is decided by the flow, from the outcome that is kept with the reply.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dalpak.clock import Clock
from dalpak.domain.follow_up import InboundRecord, OfferStatus, SlotOffer
from dalpak.domain.records import AppointmentStatus, TenantScope, TraceRecord
from dalpak.language.base import Answer, Language
from dalpak.language.replies import ReplyMeaning, reply_meaning
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import Reading, Store
from dalpak.tools.consent import Purpose
from dalpak.tools.context import CallContext
from dalpak.tools.gate import BookingGate
from dalpak.tools.policy import PolicyCache
from dalpak.tools.slot_offers import accept_offer, end_offer
from dalpak.tools.toolbox import BoundToolbox

QUESTION_LIVES = timedelta(hours=24)
"""A yes after a night's sleep still answers; after that it may mean anything."""
MAX_ANSWERS = 10
"""Replies of one person that we answer, in the same time: two machines never talk to each other for
ever."""
MAX_NOTICES = 5
"""Free replies of one person that the business is told of, in the same time; all of them are kept."""

ASKED_CANCEL = "asked_cancel"
OPTED_OUT = "opted_out"
RECORDED = "recorded"
TOLD_BUSINESS = "told_business"
SILENT = frozenset({RECORDED, TOLD_BUSINESS})
"""Nothing is written back to the person."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, and the appointment or offer that it was about."""

    outcome: str
    subject_id: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyDesk:
    """What acting on a reply needs."""

    store: Store
    clock: Clock
    scope: TenantScope
    language_of: Callable[[str], Language]
    policies: PolicyCache


async def act_on_reply(desk: ReplyDesk, inbound: InboundRecord) -> Done:
    """Do what the reply clearly asks for, once. Repeating it gives the same answer."""
    if inbound.handled_at is not None:
        return Done(inbound.outcome, inbound.subject_id)
    meaning = reply_meaning(inbound.text)
    async with desk.store.reading(desk.scope) as r:
        since = inbound.received_at - QUESTION_LIVES
        near = await r.inbounds(sender=inbound.sender, since=since) if inbound.sender else ()
        earlier = [i for i in near if _before(i, inbound)]
        asked = _asked(earlier, inbound)
        offer = await _offer(r, inbound, desk.clock.now())
    if asked is not None and offer is not None:
        # Two questions are open: the answer is to the later one.
        newer = asked.handled_at is not None and asked.handled_at > offer.created_at
        asked, offer = (asked, None) if newer else (None, offer)
    done = await _act(desk, inbound, meaning, earlier, asked, offer)
    async with desk.store.writing(desk.scope) as w:
        await w.settle_inbound(
            inbound.id,
            meaning="" if meaning is ReplyMeaning.FREE else meaning.value,
            outcome=done.outcome,
            subject_id=done.subject_id,
            now=desk.clock.now(),
        )
    return done


def _before(one: InboundRecord, other: InboundRecord) -> bool:
    return (one.received_at, one.id) < (other.received_at, other.id)


def _asked(earlier: list[InboundRecord], inbound: InboundRecord) -> InboundRecord | None:
    """The reply whose question this one answers: the last that we answered, if we asked something
    then, and before this was written."""
    answered = [i for i in earlier if i.outcome and i.outcome not in SILENT]
    if not answered:
        return None
    last = max(answered, key=lambda i: (i.received_at, i.id))
    in_time = last.handled_at is not None and last.handled_at < inbound.received_at
    return last if last.outcome == ASKED_CANCEL and in_time else None


async def _offer(r: Reading, inbound: InboundRecord, now: datetime) -> SlotOffer | None:
    """The last offer that was made to this person before the reply, open or just passed."""
    if not inbound.sender:
        return None
    made = [o for o in await r.offers(phone=inbound.sender) if o.created_at < inbound.received_at]
    recent = [o for o in made if o.expires_at > now - QUESTION_LIVES]
    return next((o for o in recent if o.status is not OfferStatus.DECLINED), None)


async def _act(
    desk: ReplyDesk,
    inbound: InboundRecord,
    meaning: ReplyMeaning,
    earlier: list[InboundRecord],
    asked: InboundRecord | None,
    offer: SlotOffer | None,
) -> Done:
    told = sum(i.outcome == TOLD_BUSINESS for i in earlier)
    if sum(bool(i.outcome) and i.outcome not in SILENT for i in earlier) >= MAX_ANSWERS:
        meaning = ReplyMeaning.FREE
    match meaning:
        case ReplyMeaning.STOP:
            again = any(i.outcome == OPTED_OUT for i in earlier)
            return Done(RECORDED if again or not inbound.sender else OPTED_OUT)
        case ReplyMeaning.START if inbound.sender:
            return Done("opted_in")
        case ReplyMeaning.CANCEL if inbound.sender:
            return await _ask_cancel(desk, inbound)
        case ReplyMeaning.CHANGE if inbound.sender:
            return Done("told_how_to_change")
        case ReplyMeaning.YES if asked is not None:
            return await _cancel(desk, inbound, asked)
        case ReplyMeaning.NO if asked is not None:
            return Done("kept", asked.subject_id)
        case ReplyMeaning.YES if offer is not None:
            return await _accept(desk, offer)
        case ReplyMeaning.NO if offer is not None and offer.status is OfferStatus.OPEN:
            return await _decline(desk, offer)
        case ReplyMeaning.YES | ReplyMeaning.NO | ReplyMeaning.COURTESY:
            return Done(RECORDED)
        case _:
            return Done(TOLD_BUSINESS if told < MAX_NOTICES else RECORDED)


# -- cancelling ------------------------------------------------------------------------------------


async def _ask_cancel(desk: ReplyDesk, inbound: InboundRecord) -> Done:
    """The next appointment of this number is the one that is meant; nothing is changed yet."""
    conversation = await _Conversation.open(desk, inbound)
    found = await conversation.call("calendar.my_appointments", {})
    await conversation.close()
    rows = found.data.get("appointments")
    if not found.ok or not isinstance(rows, list) or not rows:
        return Done("nothing_to_cancel")
    following = rows[0]
    outcome = ASKED_CANCEL if following["may_cancel"] else "too_late"
    return Done(outcome, str(following["appointment_id"]))


async def _cancel(desk: ReplyDesk, inbound: InboundRecord, asked: InboundRecord) -> Done:
    """The question was sent, this is the yes: the gate gets both, as it would from a call."""
    appointment_id = asked.subject_id or ""
    async with desk.store.reading(desk.scope) as r:
        row = await r.appointment(appointment_id)
    if row is not None and row.status is AppointmentStatus.CANCELLED:
        # An earlier attempt at this very reply, or somebody else, was quicker.
        return Done("cancelled", appointment_id)
    changed_at = row.updated_at if row is not None else None
    if changed_at and asked.handled_at and changed_at > asked.handled_at:
        # What was asked about is not what stands there now.
        return await _ask_cancel(desk, inbound)
    conversation = await _Conversation.open(desk, inbound)
    outcome = await conversation.cancel(appointment_id)
    await conversation.close()
    if outcome.ok:
        return Done("cancelled", appointment_id)
    late = outcome.data.get("error") == "too_late_to_change"
    return Done("too_late" if late else "nothing_to_cancel", appointment_id)


class _Conversation:
    """The tools, bound to a reply as they are to a call; the reply's id stands where a call's does."""

    def __init__(self, desk: ReplyDesk, ctx: CallContext, traces: list[TraceRecord]) -> None:
        self._desk, self._ctx, self._traces = desk, ctx, traces
        self._tools = BoundToolbox(ctx)

    @classmethod
    async def open(cls, desk: ReplyDesk, inbound: InboundRecord) -> "_Conversation":
        async with desk.store.reading(desk.scope) as r:
            business = await r.business()
        traces: list[TraceRecord] = []
        ctx = CallContext(
            store=desk.store,
            clock=desk.clock,
            scope=desk.scope,
            call_id=inbound.id,
            caller_phone=inbound.sender,
            language=desk.language_of(business.language),
            policies=desk.policies,
            gate=BookingGate(),
            record_trace=traces.append,
            turn=lambda: 1,
        )
        return cls(desk, ctx, traces)

    async def call(self, name: str, arguments: dict[str, object]) -> ToolOutcome:
        return await self._tools.call(name, arguments)

    async def cancel(self, appointment_id: str) -> ToolOutcome:
        about: dict[str, object] = {"appointment_id": appointment_id}
        read = await self.call("calendar.read_back", {"purpose": Purpose.CANCEL.value, **about})
        if not read.ok:
            return read
        nonce = str(read.data["nonce"])
        self._ctx.gate.heard(nonce)
        self._ctx.gate.caller_said(Answer.AFFIRM)
        return await self.call("calendar.cancel", {**about, "nonce": nonce})

    async def close(self) -> None:
        """Keep the traces: they answer why something was, or was not, done (SPEC H3)."""
        async with self._desk.store.writing(self._desk.scope) as w:
            for trace in self._traces:
                await w.add_trace(trace)


# -- an offer from the waiting list ----------------------------------------------------------------


async def _accept(desk: ReplyDesk, offer: SlotOffer) -> Done:
    async with desk.store.writing(desk.scope) as w:
        booked = await accept_offer(w, offer.id, desk.clock.now())
    return Done("accepted" if booked is not None else "offer_gone", offer.id)


async def _decline(desk: ReplyDesk, offer: SlotOffer) -> Done:
    async with desk.store.writing(desk.scope) as w:
        declined = await end_offer(w, offer.id, OfferStatus.DECLINED, desk.clock.now())
    return Done("declined" if declined else RECORDED, offer.id)
