"""How to go on with a delivery that was begun before. Pure: the row, what its messenger can do, the
moment, the limits.
"""

from datetime import datetime
from enum import StrEnum

from dalpak.domain.follow_up import DeliveryRecord
from dalpak.flows.desk import DeliveryLimits, Postponed
from dalpak.ports.messenger import Features


class How(StrEnum):
    SEND = "send"
    """Nothing has left so far."""
    REPEAT = "repeat"
    """It may have left; a repetition is safe, or the one that is allowed."""
    ASK = "ask"
    """The provider is asked first, and sent to only if it never had it."""
    GIVE_UP = "give_up"
    """Nobody can tell: it stays in doubt, and somebody is told."""


def how_to_go_on(
    last: DeliveryRecord, features: Features | None, now: datetime, limits: DeliveryLimits
) -> How | Postponed:
    """A crash and a timeout look alike here: in both it may have left."""
    if last.state == "pending" or features is None:
        return How.SEND
    if features.deduplicates:
        return How.REPEAT
    if features.can_be_asked:
        ask_at = last.updated_at + limits.ask_after
        return How.ASK if now >= ask_at else Postponed(ask_at, last.reason or "in_doubt")
    # An answer that left it open may come again; a process that died gave none. How many a flow may
    # outlive is the engine's limit.
    if last.state == "unknown" and last.attempts >= limits.blind_attempts:
        return How.GIVE_UP
    repeat_at = last.updated_at + limits.receipt_wait
    return How.REPEAT if now >= repeat_at else Postponed(repeat_at, last.reason or "in_doubt")
