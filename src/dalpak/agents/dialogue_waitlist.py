"""The waiting list: what a caller would wait for, read back before it is written down.

Whether there is any need to wait is decided behind the tools. Nothing here finds a time.
"""

from datetime import date, datetime, time, timedelta

from dalpak.agents.dialogue import Script, Talk, Waiting, use
from dalpak.agents.dialogue_offers import visit_words
from dalpak.agents.dialogue_parting import collect_phone
from dalpak.agents.memory import Want
from dalpak.domain.booking import part_window
from dalpak.domain.walltime import clock_text, minute_of
from dalpak.language.base import PartOfDay, Spoken, say
from dalpak.ports.agent import ToolOutcome

HOUR_MIN = 60
"""Who wants four o'clock waits for what begins within the hour."""
LAST_MIN = 24 * 60 - 1


def waitlist_next(talk: Talk) -> Script[None]:
    """When, who, and then the read-back that waits for a yes."""
    m = talk.memory
    if not m.want.has_day:
        yield talk.ask(Waiting.WHEN, "waitlist_when")
    elif not m.has_phone and not talk.caller_phone:
        yield from collect_phone(talk)
    else:
        m.offered, m.doubted = [], False
        m.forget_slot()
        yield talk.ask(Waiting.CONFIRM_WAITLIST, "waitlist_read_back", wish=_wish(talk))
        if talk.by_keypad:
            yield talk.say("keypad_confirm_again")


def join(talk: Talk) -> Script[ToolOutcome]:
    """The caller said yes to it."""
    m, want = talk.memory, talk.memory.want
    first, last = _window(want)
    return (
        yield from use(
            "calendar.waitlist",
            date=want.date,
            date_to=want.date_to,
            window_from=clock_text(first) if first is not None else None,
            window_to=clock_text(last) if last is not None else None,
            part_of_day=want.part_of_day,
            service_id=m.service_id,
            staff_id=m.staff_id,
        )
    )


def _window(want: Want) -> tuple[int | None, int | None]:
    """Starts that suit, in minutes of the day; None where it is open, or told as a part of the day."""
    if want.time is not None:
        at = minute_of(time.fromisoformat(want.time))
        return at, min(at + HOUR_MIN, LAST_MIN)
    ends = (want.window_from, want.window_to)
    first, last = (minute_of(time.fromisoformat(end)) if end else None for end in ends)
    return first, last


# -- in words ----------------------------------------------------------------------------------------


def _wish(talk: Talk) -> Spoken:
    """The service, the days and the hours, as they will be written down."""
    service = visit_words(talk, talk.service) if talk.service is not None else None
    told = [part for part in (service, _days(talk), _hours(talk)) if part is not None]
    return say(*(piece for part in told for piece in (",", part)[part is told[0] :]))


def _days(talk: Talk) -> Spoken | None:
    want, today = talk.memory.want, talk.world.now.date()
    if want.date is None:
        return None
    first = talk.language.speech.day(date.fromisoformat(want.date), today)
    if want.date_to in (None, want.date):
        return first
    assert want.date_to is not None
    last = talk.language.speech.day(date.fromisoformat(want.date_to), today)
    return talk.language.phrase("waitlist_days", first=first, last=last)


def _hours(talk: Talk) -> Spoken | None:
    """None for any hour."""
    want = talk.memory.want
    first, last = _window(want)
    if want.part_of_day is not None:
        first, last = part_window(PartOfDay(want.part_of_day))
    if first is None and last is None:
        return None
    first, last = first or 0, LAST_MIN if last is None else last
    opens, closes = _opening(talk)
    if first < closes and last > opens:
        first, last = max(first, opens), min(last, closes)
    return talk.language.phrase("hours_window", open=_clock(talk, first), close=_clock(talk, last))


def _opening(talk: Talk) -> tuple[int, int]:
    """From the earliest opening to the latest closing of the week."""
    windows = [window for day in talk.world.hours.values() for window in day]
    if not windows:
        return 0, LAST_MIN
    first, last = min(w[0] for w in windows), max(w[1] for w in windows)
    return minute_of(first), minute_of(last)


def _clock(talk: Talk, minute: int) -> Spoken:
    at = datetime.combine(talk.world.now.date(), time()) + timedelta(minutes=min(minute, LAST_MIN))
    return talk.language.speech.clock(at.time())
