"""`leads.note_contact` and `leads.take_message`: who is calling, and what they leave for the
business.

Names and messages are data: cleaned, cut to length, stored, never read as instructions.
"""

import unicodedata
from typing import Annotated

from msgspec import Meta

from dalpak.domain.events import lead_left
from dalpak.domain.phones import mask, parse_phone, why_not_a_phone
from dalpak.ports.agent import ToolOutcome
from dalpak.ports.store import Writing
from dalpak.tools.context import CallContext
from dalpak.tools.spec import Args, fail, succeed

MAX_NAME = 60
MAX_MESSAGE = 500
"""Characters kept."""

_BAD_PHONE = {
    "too_short": "too few digits",
    "too_long": "too many digits",
    "not_digits": "not a telephone number",
    "unknown_prefix": "not an Israeli number",
}


class NoteContact(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=400, description="as the caller said it")] | None = None
    phone: Annotated[str, Meta(max_length=64, description="digits")] | None = None


class TakeMessage(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, Meta(max_length=4000, description="in the caller's words")]


def clean(text: str, limit: int) -> str:
    """One line of printable text, blanks joined, cut to `limit` characters."""
    kept = (
        char if unicodedata.category(char)[0] not in "CZ" else " "
        for char in unicodedata.normalize("NFC", text[: 4 * limit])
    )
    return " ".join("".join(kept).split())[:limit].rstrip()


async def note_contact(ctx: CallContext, args: NoteContact) -> ToolOutcome:
    """Remember name and number for this call; a change voids what was read back."""
    name = clean(args.name, MAX_NAME) if args.name else ""
    if name and any(char.isalpha() for char in name):
        ctx.gate.note_name(name)
    elif args.name is not None:
        return fail("bad_name", "no letters in it")
    if args.phone is None:
        if args.name is None:
            return fail("bad_arguments", "neither name nor phone")
        return succeed(has_name=True, has_phone=ctx.gate.phone is not None)
    phone = _known_number(ctx, args.phone)
    if phone is None:
        why = why_not_a_phone(args.phone)
        return fail("bad_phone", _BAD_PHONE[why], detail=why)
    ctx.gate.note_phone(phone)
    if ctx.gate.message is not None:
        async with ctx.store.writing(ctx.scope) as tx:
            await _leave(tx, ctx)
    parsed = parse_phone(phone)
    return succeed(
        has_name=ctx.gate.name is not None,
        has_phone=True,
        phone=mask(phone),
        mobile=parsed.mobile if parsed else None,
        plausible=parsed.plausible if parsed else None,
    )


def _known_number(ctx: CallContext, text: str) -> str | None:
    if ctx.caller_phone is not None and text == ctx.caller_phone:
        return ctx.caller_phone
    parsed = parse_phone(text)
    return parsed.e164 if parsed else None


async def take_message(ctx: CallContext, args: TakeMessage) -> ToolOutcome:
    """Keep a message for the business, with the number to call back if there is one yet."""
    text = clean(args.text, MAX_MESSAGE)
    if not text:
        return fail("bad_arguments", "nothing in it")
    ctx.gate.message = text
    async with ctx.store.writing(ctx.scope) as tx:
        await _leave(tx, ctx)
    return succeed(has_phone=_phone_of(ctx) is not None)


def _phone_of(ctx: CallContext) -> str | None:
    return ctx.gate.phone or ctx.caller_phone


async def _leave(tx: Writing, ctx: CallContext) -> None:
    """Write the lead; told again with a number, the same lead gets it, and one event is told."""
    now = ctx.clock.now()
    phone = _phone_of(ctx)
    lead = await tx.find_or_create_lead(
        phone=phone, name=ctx.gate.name, call_id=ctx.call_id, now=now
    )
    if ctx.gate.message and ctx.gate.message not in lead.note:
        await tx.note_lead(lead.id, ctx.gate.message)
    await tx.publish(lead_left(ctx.scope.business_id, lead.id, ctx.call_id, now))
