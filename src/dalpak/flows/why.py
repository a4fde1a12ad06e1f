"""Why was nothing sent? Every message that a call or an appointment should have caused, and how it
stands, in words for people.

Reads rows and the engine's board; changes nothing. The words are English: they are for who runs the
installation, and the page has its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from dalpak.domain.events import EventType
from dalpak.domain.follow_up import DeliveryRecord
from dalpak.domain.records import MessageRecord, StoredEvent, TenantScope
from dalpak.flows.board import ACTIVE, FlowBoard, FlowState, FlowView
from dalpak.flows.registry import FLOWS
from dalpak.ports.messenger import REASON_WORDS
from dalpak.ports.store import Reading, Store

SKIP_WORDS: Final[dict[str, str]] = {
    "no_phone": "there is no phone number to write to",
    "no_owner_phone": "the business has no phone number of its own to write to",
    "landline": "the number is a landline: no messenger that is set up reaches it",
    "no_consent": "the person did not agree to be written to",
    "opted_out": "the person asked for no more messages",
    "cancelled": "the appointment had been cancelled before it was sent",
    "not_cancelled": "the appointment is not cancelled any more",
    "moved": "the appointment had been moved again before it was sent",
    "too_late": "the visit had begun before it could be sent",
    "expired": "the offer had passed before it could be sent",
    "turned_off": "the business chose that nobody reads it",
    "too_many": "the number, or the call, has had as many messages as the business allows for now",
    "anothers_number": (
        "the number is not the caller's own, and had its message about this call already"
    ),
    "number_not_confirmed": (
        "the call came from a withheld number, and the one to write to was neither keyed nor "
        "agreed to in it"
    ),
    "forgotten": "its words were deleted after the days that the business keeps them",
}
"""Our own reasons. Those of the messengers are in `ports/messenger.py`."""

FLOW_WORDS: Final[dict[str, str]] = {
    "nobody_waits": "nobody on the waiting list wants that time",
    "answered": "the person answered the offer",
    "passed": "the offer passed without an answer",
}
"""Results of flows that may rightly send nothing."""


class Verdict(StrEnum):
    """How a message stands; a closed set that pages and scripts may ask for."""

    SENT = "sent"
    PENDING = "pending"
    SKIPPED = "skipped"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One message that should be, or the flow that should have written it."""

    flow_id: str
    flow: str
    event: str
    at: datetime
    verdict: Verdict
    reason: str
    """A word of the tables above; empty when all is well."""
    words: str
    kind: str = ""
    to: str | None = None
    channel: str = ""
    error: str = ""
    """The provider's own code, where it gave one."""
    attempts: int = 0
    next_try_at: datetime | None = None
    deliveries: tuple[DeliveryRecord, ...] = ()


async def why(
    store: Store, scope: TenantScope, board: FlowBoard | None, subject_id: str
) -> list[Finding] | None:
    """What a call or an appointment caused, in the order of its events; None when it is neither.

    The rows are read after the board, in a transaction that begins after it: a flow that the board
    calls done has committed its message, so a row that was not written yet is never told as "the
    flow ended without a message".
    """
    async with store.reading(scope) as r:
        if await r.appointment(subject_id) is None and await r.call(subject_id) is None:
            return None
        due = [
            (event, name, f"{name}:{event.id}")
            for event in await _events(r, subject_id)
            # An event of a later release may be in the database already.
            for name in (FLOWS.get(EventType(event.type), {}) if event.type in _TYPES else {})
        ]
    views = {flow_id: await board.flow(flow_id) if board else None for _, _, flow_id in due}
    found: list[Finding] = []
    async with store.reading(scope) as r:
        messages = await _messages(r, subject_id)
        for event, name, flow_id in due:
            message = messages.get(f"{flow_id}:send")
            deliveries = await r.deliveries(message.id) if message else ()
            found.append(finding(event, name, views[flow_id], message, deliveries))
    return found


async def _events(r: Reading, subject_id: str) -> list[StoredEvent]:
    events = list(await r.events(subject_id))
    for booked in await r.appointments(call_id=subject_id):
        events += await r.events(booked.id)
    return sorted(events, key=lambda e: (e.at, e.id))


async def _messages(r: Reading, subject_id: str) -> dict[str, MessageRecord]:
    """By idempotency key."""
    messages = [
        *await r.messages(call_id=subject_id),
        *await r.messages(appointment_id=subject_id),
    ]
    for booked in await r.appointments(call_id=subject_id):
        messages += await r.messages(appointment_id=booked.id)
    return {m.idem_key: m for m in messages}


_TYPES: Final = frozenset(str(each) for each in EventType)


def finding(
    event: StoredEvent,
    flow: str,
    view: FlowView | None,
    message: MessageRecord | None,
    deliveries: Sequence[DeliveryRecord],
) -> Finding:
    """Pure: rows in, words out."""
    if message is None:
        verdict, reason, words = _without_message(view)
    else:
        verdict, reason, words = _of_message(message, view)
    last = deliveries[-1] if deliveries else None
    return Finding(
        flow_id=f"{flow}:{event.id}",
        flow=flow,
        event=event.type,
        at=event.at,
        verdict=verdict,
        reason=reason,
        words=words,
        kind=message.kind if message else "",
        to=message.to if message else None,
        channel=last.channel if last else "",
        error=last.code if last else "",
        attempts=last.attempts if last else 0,
        next_try_at=view.next_at if view else None,
        deliveries=tuple(deliveries),
    )


def _without_message(view: FlowView | None) -> tuple[Verdict, str, str]:
    if view is None:
        return Verdict.NOTHING, "no_flow", "no flow was started: follow-up was turned off"
    match view.state:
        case FlowState.DONE:
            words = FLOW_WORDS.get(view.result, f"the flow ended without a message: {view.result}")
            return Verdict.NOTHING, view.result, words
        case FlowState.GIVEN_UP:
            return Verdict.FAILED, view.error, f"the flow was given up: {view.error}"
        case FlowState.CANCELLED:
            return Verdict.FAILED, "flow_cancelled", "the flow was cancelled by hand"
        case FlowState.LATER:
            return Verdict.PENDING, "later", f"it goes on at {_at(view.next_at)}"
        case FlowState.WAITING | FlowState.RUNNING:
            return Verdict.PENDING, "soon", "it is about to be written"


def _of_message(message: MessageRecord, view: FlowView | None) -> tuple[Verdict, str, str]:
    reason = message.reason
    words = words_of(reason)
    match message.state:
        case "skipped":
            return Verdict.SKIPPED, reason, f"not sent: {words}"
        case "failed":
            return Verdict.FAILED, reason, f"not sent: {words}; no other messenger is left"
        case "pending":
            return _pending(reason, words, view)
        case "sending" if not reason and view is not None and view.state is FlowState.RUNNING:
            return Verdict.PENDING, "soon", "it is being sent at this moment"
        case "sending" | "unknown":
            follow = "it is being cleared up" if _works(view) else "nobody can tell any more"
            told = f": {words}" if words else ""
            return Verdict.IN_DOUBT, reason or "in_doubt", f"it may have been sent{told}; {follow}"
        case "recorded":
            return Verdict.SENT, "", "kept in the outbox: no messenger is set up to send it"
        case state:
            return Verdict.SENT, "", f"sent: {state}"


def _pending(reason: str, words: str, view: FlowView | None) -> tuple[Verdict, str, str]:
    failed = f"the provider failed: {words}" if reason else "not sent yet"
    if reason in SKIP_WORDS:
        failed = f"not sent yet: {words}"
    if view is None or view.state is FlowState.CANCELLED:
        return Verdict.FAILED, reason or "flow_cancelled", f"{failed}; the flow was cancelled"
    if view.state is FlowState.GIVEN_UP:
        return Verdict.FAILED, reason or view.error, f"{failed}; given up after {view.failed} times"
    if view.state is FlowState.LATER:
        return Verdict.PENDING, reason, f"{failed}; next try at {_at(view.next_at)}"
    return Verdict.PENDING, reason, f"{failed}; it is tried now"


def words_of(reason: str) -> str:
    """Any reason of a message in words; one that nobody translated is told as it is."""
    bare = reason.removesuffix("_while_sending")
    words = SKIP_WORDS.get(bare) or REASON_WORDS.get(bare) or bare
    return f"{words}, while it was being sent" if bare != reason else words


def _works(view: FlowView | None) -> bool:
    return view is not None and view.state in ACTIVE


def _at(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%d %H:%M:%S} UTC" if instant else "an unknown time"
