"""Numbers that are vouched for in a call: on record, so that follow-up may write to them.

A carrier vouches for the line a call comes on; for any other number only what was keyed, or read
back and agreed to. What may be written to whom is in `domain/message_caps.py`.
"""

from dalpak.ports.store import Writing
from dalpak.tools.context import CallContext


async def agreed(tx: Writing, ctx: CallContext, phone: str | None) -> None:
    """The caller has just agreed to something that is about this number."""
    if phone is not None and phone != ctx.caller_phone:
        await tx.confirm_number(ctx.call_id, phone)


async def keyed(tx: Writing, ctx: CallContext) -> None:
    """The number that is known, if the caller pressed its digits. One that was said may have been
    misheard, and nobody has agreed to it yet."""
    if ctx.gate.keyed == ctx.gate.phone:
        await agreed(tx, ctx, ctx.gate.phone)
