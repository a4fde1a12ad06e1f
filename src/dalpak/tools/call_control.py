"""`call.collect_phone`, `call.transfer`, `call.goodbye`: what an agent may ask of the call itself.

Directives only; the call core carries them out. A transfer goes to the business's own number,
whatever a model would like.
"""

from dalpak.ports.agent import CollectDigits, SayGoodbye, ToolOutcome, TransferTo
from dalpak.tools.context import CallContext
from dalpak.tools.holding import PHONE_DIGITS
from dalpak.tools.spec import NoArgs, fail


async def collect_phone(_: CallContext, __: NoArgs) -> ToolOutcome:
    """Let the caller key a number; `#` commits, `*` clears."""
    return ToolOutcome({"ok": True}, directive=CollectDigits("phone", PHONE_DIGITS))


async def transfer(ctx: CallContext, _: NoArgs) -> ToolOutcome:
    """Connect the caller to the business's own person, if it named one."""
    async with ctx.store.reading(ctx.scope) as reading:
        business = await reading.business()
    if not business.owner_phone or business.owner_phone == ctx.caller_phone:
        return fail("no_person", "there is nobody to connect to; offer to take a message")
    return ToolOutcome({"ok": True}, directive=TransferTo(business.owner_phone))


async def say_goodbye(_: CallContext, __: NoArgs) -> ToolOutcome:
    """End the call once what is being said was heard."""
    return ToolOutcome({"ok": True}, directive=SayGoodbye())
