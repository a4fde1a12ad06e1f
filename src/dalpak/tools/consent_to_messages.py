"""`messages.ask`, `.note` and `.promise`: what the call says of the message that follows it, and the
caller's answer on record.

The question comes before the read-back: the confirmation is due the moment the booking or the change
commits, and a consent given later would be too late for it. A record comes from `MessageAnswers` only, that is,
from the caller's own words. At send time the flows look at the record again.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

from dalpak.domain.follow_up import ConsentAnswer, ConsentRecord
from dalpak.domain.messaging import KEEPS_ONLY, MessagingRules, chain_of, rules_of, unwelcome
from dalpak.domain.phones import parse_phone
from dalpak.ports.agent import ToolOutcome
from dalpak.tools.context import CallContext
from dalpak.tools.message_answers import Statement
from dalpak.tools.mine import is_own
from dalpak.tools.spec import Args, NoArgs, fail, succeed

TEXT_MESSAGES = frozenset({"twilio_sms"})
"""Messengers whose message is no WhatsApp; it is announced by another name."""


class About(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    appointment_id: (
        Annotated[str, Meta(max_length=64, description="what is moved or cancelled")] | None
    ) = None


async def ask(ctx: CallContext, args: About) -> ToolOutcome:
    """The question, where the business wants a yes first and this number has never answered."""
    if ctx.messages.kept:
        return succeed(unwritten=True)
    phone = await _number_of(ctx, args)
    booking = args.appointment_id is None
    if booking and ctx.gate.name is None and ctx.ears():
        return succeed()
    if phone is None or not ctx.senders or not ctx.messages.may_ask(phone):
        return succeed()
    rules, record = await _on_record(ctx, phone)
    way = way_to(phone, rules, ctx.senders)
    if way is None or not rules.consent_required or record is not None:
        return succeed()
    question = ctx.language.phrase(f"ask_{way}{_which(ctx, args, phone)}")
    tag = ctx.clock.new_id("mc_")
    ctx.messages.ask(tag, phone, question.text)
    return ToolOutcome({"ok": True, "asked": True}, say=question, say_tag=tag)


async def note(ctx: CallContext, _: NoArgs) -> ToolOutcome:
    """Write what the caller said. Without a number yet it is kept until there is one."""
    said = ctx.messages.said
    if said is None:
        return fail("nothing_said", "the caller gave no clear answer about messages")
    ctx.messages.kept = True
    phones = _numbers(ctx, said)
    if phones:
        async with ctx.store.writing(ctx.scope) as tx:
            written = 0
            for phone in phones:
                last = await tx.consent(phone)
                if not _may_replace(last, said.answer, own_line=phone == ctx.caller_phone):
                    continue
                written += 1
                await tx.record_consent(
                    phone,
                    said.answer,
                    source="call",
                    wording=said.wording,
                    call_id=ctx.call_id,
                    now=ctx.clock.now(),
                )
        ctx.messages.written()
        if not written and said.answer is ConsentAnswer.GRANTED:
            return fail("opted_out", "messages were stopped from that number, not from this line")
    reply = None if said.phone else ctx.language.phrase(f"messages_{said.answer.value}")
    return ToolOutcome({"ok": True, "answer": said.answer.value}, say=reply)


async def promise(ctx: CallContext, args: About) -> ToolOutcome:
    """After a booking or a change: by what the confirmation comes. Silent where none would."""
    of = args.appointment_id
    if of is not None and ctx.gate.changed_to(of) is None:
        # Nothing was changed in this call, so nothing is sent about it.
        return succeed()
    phone = await _number_of(ctx, args)
    if phone is None or not ctx.senders or phone in ctx.messages.promised:
        return succeed()
    rules, record = await _on_record(ctx, phone)
    way = way_to(phone, rules, ctx.senders)
    if way is None or unwelcome(rules, record.answer if record else None):
        return succeed()
    ctx.messages.promised.append(phone)
    told = ctx.language.phrase(f"confirmation_{way}{_which(ctx, args, phone)}")
    return ToolOutcome({"ok": True}, say=told)


def way_to(phone: str, rules: MessagingRules, senders: Sequence[str]) -> str | None:
    """ "whatsapp" or "text": what the first messenger of this business sends to this number. None
    for a landline, and where nothing leaves the machine."""
    known = parse_phone(phone)
    if known is not None and not known.mobile:
        return None
    first = next(iter(chain_of(rules, senders)), KEEPS_ONLY)
    if first == KEEPS_ONLY:
        return None
    return "text" if first in TEXT_MESSAGES else "whatsapp"


async def _number_of(ctx: CallContext, args: About) -> str | None:
    """Whom the message goes to: the number of the booking, or that of the caller's appointment."""
    if args.appointment_id is None:
        return ctx.gate.phone
    async with ctx.store.reading(ctx.scope) as reading:
        row = await reading.appointment(args.appointment_id)
    return row.phone if row is not None and is_own(ctx, row) else None


def _which(ctx: CallContext, args: About, phone: str) -> str:
    """The number of a booking was just told, and a caller knows their own line; another one is the
    appointment's."""
    return "" if args.appointment_id is None or phone == ctx.caller_phone else "_on_record"


async def _on_record(ctx: CallContext, phone: str) -> tuple[MessagingRules, ConsentRecord | None]:
    async with ctx.store.reading(ctx.scope) as reading:
        return rules_of((await reading.messaging()).raw), await reading.consent(phone)


def _numbers(ctx: CallContext, said: Statement) -> list[str]:
    """Whom it is about. A no counts for the number of the booking and for the line it came on; a
    yes only for the one that will be written to."""
    if said.phone is not None:
        return [said.phone]
    theirs = [number for number in (ctx.gate.phone, ctx.caller_phone) if number is not None]
    numbers = list(dict.fromkeys(theirs))
    return numbers[:1] if said.answer is ConsentAnswer.GRANTED else numbers


def _may_replace(last: ConsentRecord | None, answer: ConsentAnswer, *, own_line: bool) -> bool:
    """A STOP is ended by a wish from that very line only, and never weakened to a mere no."""
    if last is None or last.answer is not ConsentAnswer.OPTED_OUT:
        return True
    return answer is ConsentAnswer.GRANTED and own_line
