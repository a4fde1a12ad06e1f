"""Is this yes a yes? A caller who agrees and changes something in the same breath has not agreed.

Pure: it compares what was said with what was read back. What a consent allows is in gate.py.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from dalpak.domain.booking import day_part
from dalpak.domain.walltime import minute_of
from dalpak.language.base import Intent, Understood


class Purpose(StrEnum):
    """What a read-back asks the caller to agree to."""

    BOOK = "book"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"


class Subject(Protocol):
    """The visit that was read back: a slot, or the appointment that shall be cancelled."""

    @property
    def start(self) -> datetime: ...
    @property
    def resource_id(self) -> str: ...
    @property
    def service_ids(self) -> tuple[str, ...]: ...


PROPOSES = {Purpose.RESCHEDULE: Intent.RESCHEDULE, Purpose.CANCEL: Intent.CANCEL}
"""What a read-back asks to be allowed: a wish for just that is a yes to it."""

_PLAIN: dict[Purpose, frozenset[Intent | None]] = {
    Purpose.BOOK: frozenset({None, Intent.BOOK, Intent.GOODBYE}),
    Purpose.RESCHEDULE: frozenset({None, Intent.BOOK, Intent.RESCHEDULE, Intent.GOODBYE}),
    Purpose.CANCEL: frozenset({None, Intent.CANCEL, Intent.GOODBYE}),
}
"""Intents that only repeat what was asked."""


def changes_something(
    words: Understood, subject: Subject | None, purpose: Purpose, name: str | None, zone: ZoneInfo
) -> bool:
    """True when the words ask for anything but what was read back."""
    refuses = (
        words.excluded_dates
        or words.excluded_times
        or words.excluded_weekdays
        or words.excluded_parts
    )
    moves = words.preference is not None or words.shift_days is not None or words.wants_earliest
    return subject is None or bool(
        words.corrects
        or words.intent not in _PLAIN[purpose]
        or words.name not in (None, name)
        or words.phone is not None
        or refuses
        or moves
        or any(s not in subject.service_ids for s in words.service_ids)
        or words.staff_id not in (None, subject.resource_id)
        or (words.says_when and not _means(words, subject, zone))
    )


def _means(words: Understood, subject: Subject, zone: ZoneInfo) -> bool:
    """The hour or day that the caller repeated is that of the visit."""
    if words.date_range or words.date_from or words.date_to or words.window is not None:
        return False
    local = subject.start.astimezone(zone)
    at = local.time()
    same_day = words.when_date in (None, local.date())
    same_hour = words.when_time in (None, at) or at in words.time_candidates
    same_part = words.when_time is not None or words.part_of_day in (
        None,
        day_part(minute_of(at)),
    )
    return same_day and same_hour and same_part
