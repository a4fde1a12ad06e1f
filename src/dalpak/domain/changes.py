"""May an appointment that stands still be moved or cancelled, and who may ask for it?

The new time of a move is judged by booking.py, like any other; nothing is written here.
"""

import unicodedata
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dalpak.domain.policy import Policy
from dalpak.domain.records import Appointment, AppointmentStatus
from dalpak.domain.slots import NO_GRACE

LAST_DIGITS = 4
"""How much of a number a caller must know, beside the name, to be taken for the one who booked."""


class Change(StrEnum):
    CANCEL = "cancel"
    RESCHEDULE = "reschedule"


def notice_of(policy: Policy, change: Change) -> timedelta:
    """How long before its start an appointment may last be changed in this way."""
    minutes = {
        Change.CANCEL: policy.cancel_notice_min,
        Change.RESCHEDULE: policy.reschedule_notice_min,
    }
    return timedelta(minutes=minutes[change])


def in_time(
    policy: Policy,
    change: Change,
    start: datetime,
    now: datetime,
    *,
    grace: timedelta = NO_GRACE,
) -> bool:
    """True while it may be changed: the notice is absolute, its boundary included; never once it
    began."""
    if now.tzinfo is None:
        raise TypeError("expected an aware datetime")
    left = start - now.astimezone(UTC)
    return left > timedelta(0) and left >= notice_of(policy, change) - grace


def is_upcoming(row: Appointment, now: datetime) -> bool:
    return row.status is AppointmentStatus.BOOKED and row.start > now


def same_person(row: Appointment, name: str, digits: str) -> bool:
    """Name and at least the last four digits of the number it was booked with.

    A first name is enough where either side gave no more; more digits must all be right.
    """
    if row.name is None or row.phone is None or len(digits) < LAST_DIGITS:
        return False
    return row.phone.endswith(digits) and _same_name(row.name, name)


def _same_name(one: str, other: str) -> bool:
    ours, theirs = _words(one), _words(other)
    shared = min(len(ours), len(theirs))
    return shared > 0 and ours[:shared] == theirs[:shared]


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c if c.isalnum() else " " for c in plain).split()
