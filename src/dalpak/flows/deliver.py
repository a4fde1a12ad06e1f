"""One message to one person, once as far as the messengers allow, its story in the Message and
Delivery rows.

1. In one transaction the facts are read again, under the lock of what they are about, and the
   delivery is committed as `sending`: who cancels before that commit is never reminded.
2. The messenger is asked. 3. Its answer is committed.

How many messages a number or a call gets (`domain/message_caps.py`) is judged in 1 too, under a
lock. A crash between 1 and 3 leaves `sending`. What is done about such a row depends on what its
messenger can do (`ports/messenger.py:Features`): repeat, ask first, or wait for a receipt and
repeat once. The next messenger of the business is tried on a definite refusal only. What the text
says is decided by the flow that asks.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from dalpak.domain.follow_up import DeliveryRecord
from dalpak.domain.message_caps import (
    HOUR,
    UNCONFIRMED,
    Candidate,
    Whose,
    may_go_at,
    what_holds,
    whose,
)
from dalpak.domain.messaging import MessagingRules, chain_of, rules_of, unwelcome
from dalpak.domain.phones import parse_phone
from dalpak.domain.records import Business, MessageRecord, TenantScope
from dalpak.domain.reminders import quiet_until
from dalpak.domain.templates import values_in_order
from dalpak.errors import ProviderError
from dalpak.flows.desk import Desk, Postponed
from dalpak.flows.reconcile import How, how_to_go_on
from dalpak.logs import get_logger
from dalpak.ports.messenger import Delivery, DeliveryState, Messenger, OutgoingMessage, Refusal
from dalpak.ports.store import Reading, Writing
from dalpak.tools.messages import text_of

log = get_logger(__name__)

SETTLED = frozenset({"recorded", "accepted", "sent", "delivered", "read", "skipped"})
"""Nothing is left to do for such a message."""
IN_DOUBT = frozenset({"sending", "unknown"})
"""It may have left."""
FORGOTTEN = "forgotten"
"""Its words were deleted after the time for which the business keeps them."""
SERVICE_WINDOW = timedelta(hours=24)
"""Free text is allowed this long after a person wrote to the business."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What should be sent, or why nothing should (`skip`)."""

    kind: str
    to: str | None
    text: str
    values: Mapping[str, str]
    """What was filled into the text, for providers whose own templates hold the words."""
    language: str
    skip: str = ""
    nobody: str = "no_phone"
    """The reason when `to` is missing."""
    customer: bool = True
    """A person of whom consent is asked; False: the business itself."""
    last_word: bool = False
    """The answer to what a person has just written: also to a STOP, once."""
    answers_by: str = ""
    """The messenger by which they wrote: tried first, as free text is allowed there."""
    appointment_id: str | None = None
    call_id: str | None = None
    owed: bool = False
    """It tells what was done at the person's wish: a limit puts it off, and never drops it."""
    good_until: datetime | None = None
    """A limit puts it off until then at most; None: for as long as it takes."""


Compose = Callable[[Writing], Awaitable[Draft]]
"""Reads the facts inside the transaction that commits the sending, and locks what they are about."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """One attempt that was committed as `sending`."""

    message: MessageRecord
    delivery: DeliveryRecord
    how: How
    window_open: bool
    first_tried_at: datetime


async def deliver(desk: Desk, scope: TenantScope, key: str, compose: Compose) -> str:
    """Write the rows, send, write the outcome; returns the message's state.

    `key` names the message: a flow's id and its step. Raises ProviderError when the messenger
    refused before anything left and waiting may help, and Postponed when it may have arrived and
    somebody has to be asked first.
    """
    while True:
        async with desk.store.writing(scope) as w:
            turn = await _begin(desk, w, key, compose)
        if isinstance(turn, Postponed):
            raise turn
        if isinstance(turn, str):
            return turn
        await _attempt(desk, scope, turn)


# -- the transaction before -----------------------------------------------------------------------


async def _begin(desk: Desk, w: Writing, key: str, compose: Compose) -> _Turn | Postponed | str:
    draft = await compose(w)
    rules = rules_of((await w.messaging()).raw)
    chain = chain_of(rules, desk.messengers)
    if draft.answers_by in desk.messengers:
        chain = (draft.answers_by, *(name for name in chain if name != draft.answers_by))
    business = await w.business()
    owner = await _whose(w, draft, business)
    if owner is Whose.ANOTHERS:
        draft = replace(draft, text=await _with_way_out(w, draft, business))
    saved = await w.save_message(_row(desk, w.scope, key, draft, chain))
    # One sender at a time, whatever two processes believe about who runs this flow.
    await w.lock_message(saved.id)
    message = await w.message(saved.id) or saved
    known = await w.deliveries(message.id)
    last = known[-1] if known else None
    if message.state in SETTLED:
        return message.state
    reason = draft.skip
    if not reason and not draft.last_word:
        reason = await refuses(w, rules, draft.to, customer=draft.customer)
    if not reason and owner is Whose.UNCONFIRMED:
        reason = UNCONFIRMED
    reason = reason or unreachable(message.to, desk, chain, draft.nobody)
    reason = reason or ("" if message.text else FORGOTTEN)
    if reason:
        return await _skip(w, message, last, reason)
    if last is not None and last.state in IN_DOUBT:
        return await _another_attempt(desk, w, message, last)
    fresh = last is None or last.state == DeliveryState.FAILED
    tried = {d.channel for d in known}
    left = [name for name in chain if name not in tried and _reaches(desk, name, message.to)]
    if fresh and not left:
        return DeliveryState.FAILED.value
    turn, held_by = await _turn_of(desk, w, rules, draft, message, owner, business)
    if turn is None:
        return await _skip(w, message, last, held_by)
    if turn > desk.clock.now():
        await w.set_message_state(message.id, state="pending", reason=held_by)
        return Postponed(turn, held_by)
    if last is None or fresh:
        return await _first_attempt(desk, w, message, left[0], is_first=last is None)
    return await _another_attempt(desk, w, message, last)


async def _skip(
    w: Writing, message: MessageRecord, last: DeliveryRecord | None, reason: str
) -> str:
    """A reason that arose after it may have left does not undo that: the doubt stays on record."""
    left = last is not None and last.state in IN_DOUBT
    state = last.state if last is not None and left else "skipped"
    told = f"{reason}_while_sending" if left else reason
    await w.set_message_state(message.id, state=state, reason=told)
    return state


async def _first_attempt(
    desk: Desk, w: Writing, message: MessageRecord, channel: str, *, is_first: bool
) -> _Turn:
    now = desk.clock.now()
    key = message.idem_key if is_first else f"{message.idem_key}:{channel}"
    delivery = await w.begin_delivery(
        DeliveryRecord(
            id=desk.clock.new_id("dlv_"),
            business_id=w.scope.business_id,
            message_id=message.id,
            channel=channel,
            idem_key=key,
            state="sending",
            reason="",
            code="",
            provider_id=None,
            attempts=1,
            created_at=now,
            updated_at=now,
        )
    )
    await w.set_delivery_state(delivery.id, state="sending", attempts=1)
    return _Turn(message, delivery, How.SEND, await _window_open(desk, w, message, channel), now)


async def _another_attempt(
    desk: Desk, w: Writing, message: MessageRecord, last: DeliveryRecord
) -> _Turn | Postponed | str:
    now = desk.clock.now()
    messenger = desk.messengers.get(last.channel)
    features = messenger.features if messenger else None
    how = how_to_go_on(last, features, now, desk.limits)
    match how:
        case Postponed():
            return how
        case How.GIVE_UP:
            log.error("message in doubt", delivery_id=last.id, channel=last.channel)
            return last.state
        case How.SEND | How.REPEAT | How.ASK:
            pass
        case _:
            assert_never(how)
    attempts = last.attempts + (how is not How.ASK)
    await w.set_delivery_state(last.id, state="sending", attempts=attempts)
    opened = await _window_open(desk, w, message, last.channel)
    return _Turn(message, replace(last, attempts=attempts), how, opened, last.created_at)


async def _window_open(desk: Desk, w: Reading, message: MessageRecord, channel: str) -> bool:
    since = desk.clock.now() - SERVICE_WINDOW
    wrote = await w.inbounds(sender=message.to or "-", since=since)
    return any(inbound.channel == channel for inbound in wrote)


def _row(
    desk: Desk, scope: TenantScope, key: str, draft: Draft, chain: tuple[str, ...]
) -> MessageRecord:
    return MessageRecord(
        id=desk.clock.new_id("msg_"),
        business_id=scope.business_id,
        idem_key=key,
        channel=chain[0] if chain else "",
        to=draft.to,
        kind=draft.kind,
        text=draft.text,
        state="pending",
        reason="",
        appointment_id=draft.appointment_id,
        call_id=draft.call_id,
        created_at=desk.clock.now(),
        language=draft.language,
        parts=values_in_order(draft.kind, draft.values),
    )


# -- who may be written to ------------------------------------------------------------------------


async def refuses(
    r: Reading, rules: MessagingRules, phone: str | None, *, customer: bool = True
) -> str:
    """Why this person is not written to, from their last word about it; "" when they are."""
    if phone is None:
        return ""
    said = await r.consent(phone)
    return unwelcome(rules, said.answer if said else None, customer=customer)


def unreachable(
    phone: str | None, desk: Desk, chain: tuple[str, ...], nobody: str = "no_phone"
) -> str:
    """Why a text cannot reach this number: `nobody`, "landline", or "" when it can."""
    if not phone:
        return nobody
    return "" if any(_reaches(desk, name, phone) for name in chain) else "landline"


def _reaches(desk: Desk, channel: str, phone: str | None) -> bool:
    known = parse_phone(phone or "")
    return known is None or known.mobile or not desk.messengers[channel].features.mobiles_only


def _is_limited(draft: Draft, to: str, business: Business) -> bool:
    """Limits are for people who asked for nothing: not for the business, nor for who has just written."""
    return draft.customer and not draft.last_word and to != business.owner_phone


async def _whose(r: Reading, draft: Draft, business: Business) -> Whose:
    """Whose number it is that a call makes us write to."""
    if not draft.to or not draft.call_id or not _is_limited(draft, draft.to, business):
        return Whose.CALLERS
    call = await r.call(draft.call_id)
    if call is None:
        return Whose.CALLERS
    wrote = await r.inbounds(sender=draft.to, limit=1)
    return whose(call, draft.to, wrote=bool(wrote))


async def _with_way_out(r: Reading, draft: Draft, business: Business) -> str:
    """The text, and how its reader hears no more from us: they may never have asked for it."""
    values = {"business": business.name}
    return f"{draft.text}\n{await text_of(r, draft.language, 'opt_out', values)}"


async def _turn_of(
    desk: Desk,
    w: Writing,
    rules: MessagingRules,
    draft: Draft,
    message: MessageRecord,
    owner: Whose,
    business: Business,
) -> tuple[datetime | None, str]:
    """The moment from which on the limits let it go, None: not at all; and which one holds it.
    Nobody else writes to this number, or for this call, until the transaction ends."""
    now, to = desk.clock.now(), message.to or ""
    if not _is_limited(draft, to, business):
        return now, ""
    await w.lock_sending(to, draft.call_id)
    since = now - HOUR
    if await w.inbounds(sender=to, since=since, limit=1):
        # They are writing with us: what comes of it is no bombardment.
        return now, ""
    found = await w.sent(to, draft.call_id, since=since)
    sent = [one for one in found if one.to != business.owner_phone]
    anothers = owner is Whose.ANOTHERS
    wish = Candidate(to, draft.call_id, draft.owed, draft.good_until, anothers)
    turn, held_by = may_go_at(rules, sent, wish, now), what_holds(rules, sent, wish)
    if turn is None or turn <= now:
        return turn, held_by
    # Only what goes out at once is an answer to a call, and may come at night.
    awake = quiet_until(rules, ZoneInfo(business.timezone), turn) or turn
    too_late = draft.good_until is not None and awake > draft.good_until
    return (turn if too_late else awake), held_by


# -- the messenger, and the transaction after -----------------------------------------------------


async def _attempt(desk: Desk, scope: TenantScope, turn: _Turn) -> None:
    """One request and its outcome on record. What goes out is the row's text: a repetition says
    exactly what the first attempt said."""
    try:
        outcome = await _ask_messenger(desk.messengers.get(turn.delivery.channel), turn)
    except ProviderError as e:
        if turn.how is How.ASK:
            # It could not be asked: the doubt stays, and so does the question.
            await _settle(desk, scope, turn, Delivery(DeliveryState.UNKNOWN, reason=e.code))
            raise
        if e.retryable:
            await _settle(desk, scope, turn, Delivery("pending", reason=e.code))
            raise
        outcome = Delivery(DeliveryState.FAILED, reason=e.code)
    await _settle(desk, scope, turn, outcome)


async def _ask_messenger(messenger: Messenger | None, turn: _Turn) -> Delivery:
    if messenger is None:
        return Delivery(DeliveryState.FAILED, reason=Refusal.NOT_ALLOWED, code="not_configured")
    message, delivery = turn.message, turn.delivery
    outgoing = OutgoingMessage(
        idem_key=delivery.idem_key,
        to=message.to or "",
        text=message.text,
        kind=message.kind,
        repeated=turn.how is not How.SEND,
        delivery_id=delivery.id,
        language=message.language,
        values=message.parts,
        window_open=turn.window_open,
        first_tried_at=turn.first_tried_at,
    )
    if turn.how is How.ASK:
        found = await messenger.lookup(outgoing)
        if found is not None:
            return found
    return await messenger.send(outgoing)


async def _settle(desk: Desk, scope: TenantScope, turn: _Turn, outcome: Delivery) -> None:
    async with desk.store.writing(scope) as w:
        await w.set_delivery_state(
            turn.delivery.id,
            state=outcome.state,
            reason=outcome.reason,
            code=outcome.code,
            provider_id=outcome.provider_id,
        )
