"""`messages.ask`, `.note` and `.promise`: what the call says of the message that follows it, and the
caller's answer on record.

The question comes before the read-back: the confirmation is due the moment the booking commits, and
a consent given later would be too late for it. A record comes from `MessageAnswers` only, that is,
from the caller's own words. At send time the flows look at the record again.
"""

from collections.abc import Sequence

from dalpak.domain.follow_up import ConsentAnswer, ConsentRecord
from dalpak.domain.messaging import MessagingRules, rules_of
from dalpak.domain.phones import parse_phone
from dalpak.ports.agent import ToolOutcome
from dalpak.tools.context import CallContext
from dalpak.tools.message_answers import Statement
from dalpak.tools.spec import NoArgs, fail, succeed

KEEPS_ONLY = "outbox"
"""The messenger that sends nothing: it keeps the text to be read."""
TEXT_MESSAGES = frozenset({"twilio_sms"})
"""Messengers whose message is no WhatsApp; it is announced by another name."""


async def ask(ctx: CallContext, _: NoArgs) -> ToolOutcome:
    """The question, where the business wants a yes first and this number has never answered."""
    phone = ctx.gate.phone
    if ctx.messages.kept:
        return succeed(unwritten=True)
    known = phone is not None and (ctx.gate.name is not None or not ctx.ears())
    if phone is None or not known or not ctx.senders or not ctx.messages.may_ask(phone):
        return succeed()
    rules, record = await _on_record(ctx, phone)
    way = way_to(phone, rules, ctx.senders)
    if way is None or not rules.consent_required or record is not None:
        return succeed()
    question = ctx.language.phrase(f"ask_{way}")
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


async def promise(ctx: CallContext, _: NoArgs) -> ToolOutcome:
    """After a booking: by what the confirmation comes. Silent where none would."""
    phone = ctx.gate.phone
    if phone is None or not ctx.senders or phone in ctx.messages.promised:
        return succeed()
    rules, record = await _on_record(ctx, phone)
    way = way_to(phone, rules, ctx.senders)
    if way is None or not _welcome(rules, record):
        return succeed()
    ctx.messages.promised.append(phone)
    return ToolOutcome({"ok": True}, say=ctx.language.phrase(f"confirmation_{way}"))


def way_to(phone: str, rules: MessagingRules, senders: Sequence[str]) -> str | None:
    """ "whatsapp" or "text": what the first messenger of this business sends to this number. None
    for a landline, and where nothing leaves the machine."""
    known = parse_phone(phone)
    if known is not None and not known.mobile:
        return None
    chosen = [name for name in rules.channels if name in senders] or list(senders[:1])
    if not chosen or chosen[0] == KEEPS_ONLY:
        return None
    return "text" if chosen[0] in TEXT_MESSAGES else "whatsapp"


async def _on_record(ctx: CallContext, phone: str) -> tuple[MessagingRules, ConsentRecord | None]:
    async with ctx.store.reading(ctx.scope) as reading:
        return rules_of((await reading.messaging()).raw), await reading.consent(phone)


def _welcome(rules: MessagingRules, record: ConsentRecord | None) -> bool:
    if record is None:
        return not rules.consent_required
    return record.answer is ConsentAnswer.GRANTED


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
