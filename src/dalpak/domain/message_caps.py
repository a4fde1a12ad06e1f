"""How many messages one number gets, and how many follow from one call, to whose numbers. Pure: what
was sent, the moment, the business's rules.

The limits keep a slip of ours, or a caller who books for other people's numbers, from bombarding
anybody. A message that tells what was done at the person's wish is put off by them, and never lost.
Who is not written to at all is in `messaging.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from dalpak.domain.messaging import MessagingRules
from dalpak.domain.phones import carrier_phone
from dalpak.domain.records import CallRecord

HOUR: Final = timedelta(hours=1)
TOO_MANY: Final = "too_many"
"""The reason of a message that a limit holds back."""
ANOTHERS: Final = "anothers_number"
"""The same for a number that was told in the call, past its share of that call."""
UNCONFIRMED: Final = "number_not_confirmed"
"""The reason of a message that a call with a withheld number caused, to a number that nobody keyed
or agreed to in it."""
REPLY: Final = "reply"
"""The kind of an answer to somebody who has just written: it is asked for, and never counted."""


class Whose(StrEnum):
    """Whose a number is, as far as the call that causes a message can tell."""

    CALLERS = "callers"
    """The line that the call came on, or one whose owner has written to the business."""
    ANOTHERS = "anothers"
    """Told in the call: it may be the number of somebody who never asked for anything."""
    UNCONFIRMED = "unconfirmed"
    """Nobody vouches for anything: the line is withheld, and the number was neither keyed nor
    agreed to."""


def whose(call: CallRecord, number: str, *, wrote: bool) -> Whose:
    """`wrote`: somebody has written to the business from that number."""
    line = carrier_phone(call.caller)
    if number == line:
        return Whose.CALLERS
    if line is None and number not in call.confirmed:
        return Whose.UNCONFIRMED
    return Whose.CALLERS if wrote else Whose.ANOTHERS


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that left, or may have left."""

    kind: str
    to: str
    call_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that would leave now."""

    to: str
    call_id: str | None
    owed: bool
    """It tells what was done at the person's wish: it waits for its turn, and is never dropped."""
    good_until: datetime | None
    """Later than this it helps nobody; None: it always does."""
    anothers: bool = False
    """Its number is another one than the caller's: `most_to_others` holds too."""


def may_go_at(
    rules: MessagingRules, sent: Iterable[Sent], message: Candidate, now: datetime
) -> datetime | None:
    """`now`, or the later moment at which both limits leave room; None: it is not sent at all."""
    known = [one for one in sent if one.kind != REPLY]
    of_number = sorted(one.at for one in known if one.to == message.to and one.at > now - HOUR)
    by_call = [one for one in known if message.call_id and one.call_id == message.call_id]
    of_call = sorted(one.at for one in by_call)
    to_another = sorted(one.at for one in by_call if message.anothers and one.to == message.to)
    turn = now
    if len(of_number) >= rules.most_per_hour:
        turn = of_number[-rules.most_per_hour] + HOUR
    for share, most in ((of_call, rules.most_per_call), (to_another, rules.most_to_others)):
        if len(share) < most:
            continue
        if not message.owed:
            return None
        # The call has had its share: what it still owes comes one an hour.
        turn = max(turn, share[-1] + HOUR)
    if message.good_until is None or turn <= max(now, message.good_until):
        return turn
    # To wait would be to lose it.
    return now if message.owed else None


def what_holds(rules: MessagingRules, sent: Iterable[Sent], message: Candidate) -> str:
    """The reason of a message that `may_go_at` does not let go now."""
    told = (message.call_id, message.to)
    so_far = sum((one.call_id, one.to) == told and one.kind != REPLY for one in sent)
    over = message.anothers and message.call_id and so_far >= rules.most_to_others
    return ANOTHERS if over else TOO_MANY
