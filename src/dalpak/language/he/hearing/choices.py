"""Which of the offered times is meant, from whatever the caller said about it."""

from datetime import datetime

from dalpak.language.base import Asked, HearingContext, PartOfDay, Preference
from dalpak.language.he.hearing.combine import When
from dalpak.language.he.hearing.picks import LAST

_HOURS: dict[PartOfDay, tuple[int, int]] = {
    PartOfDay.MORNING: (4, 12),
    PartOfDay.NOON: (12, 15),
    PartOfDay.AFTERNOON: (12, 19),
    PartOfDay.EVENING: (17, 24),
    PartOfDay.NIGHT: (20, 24),
}
"""From and to hours in which an offer answers to the name of a part of the day."""


def read_choice(
    when: When, context: HearingContext, preference: Preference | None = None
) -> int | None:
    """The 1-based place of the chosen offer, -1 for the last; None unless exactly one fits."""
    offered = context.offered
    if not offered or context.asked in (Asked.NAME, Asked.PHONE, Asked.SERVICE):
        return None
    if when.pick is not None:
        return when.pick if when.pick == LAST or when.pick <= len(offered) else None
    if context.asked is Asked.CHOICE and preference in (Preference.EARLIEST, Preference.LATEST):
        best = min(offered) if preference is Preference.EARLIEST else max(offered)
        return offered.index(best) + 1
    if when.unclear and when.at is None and when.day is None:
        return None
    if context.asked is not Asked.CHOICE and len(offered) < 2:
        return None
    fits = [n for n, at in enumerate(offered, 1) if fits_offer(at, when)]
    said = when.day or when.at or when.part or when.window or when.stretch
    return fits[0] if said and len(fits) == 1 else None


def fits_offer(at: datetime, when: When) -> bool:
    """True when nothing that was said speaks against this offer."""
    if when.day is not None and at.date() != when.day:
        return False
    if when.at is not None and at.time() != when.at:
        return False
    if when.part is not None and when.at is None:
        first, last = _HOURS[when.part]
        if not first <= at.hour < last:
            return False
    stretch = when.stretch
    if stretch is not None:
        if stretch.first is not None and at.date() < stretch.first:
            return False
        if stretch.last is not None and at.date() > stretch.last:
            return False
    if when.window is not None:
        start, end = when.window
        if (start is not None and at.time() < start) or (end is not None and at.time() >= end):
            return False
    return True
