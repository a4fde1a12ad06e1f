"""`calendar.read_back`: say what would be booked, moved or cancelled, and wait for a clear yes.

One tool for the three, so that there is one way to a consent; what each does is in booking.py and
changes.py.
"""

from typing import Annotated

from msgspec import Meta

from dalpak.ports.agent import ToolOutcome
from dalpak.tools.booking import read_back_booking
from dalpak.tools.changes import read_back_cancelling, read_back_move
from dalpak.tools.consent import Purpose
from dalpak.tools.context import CallContext
from dalpak.tools.spec import Args, fail


class ReadBackArgs(Args, frozen=True, kw_only=True, forbid_unknown_fields=True):
    purpose: Purpose | None = None
    appointment_id: (
        Annotated[str, Meta(max_length=64, description="what is moved or cancelled")] | None
    ) = None


async def read_back(ctx: CallContext, args: ReadBackArgs) -> ToolOutcome:
    """Read back for the purpose; booking is the usual one."""
    if args.purpose in (None, Purpose.BOOK):
        return await read_back_booking(ctx)
    if args.appointment_id is None:
        return fail("bad_arguments", "appointment_id: which appointment?")
    if args.purpose is Purpose.CANCEL:
        return await read_back_cancelling(ctx, args.appointment_id)
    return await read_back_move(ctx, args.appointment_id)
