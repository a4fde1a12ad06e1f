"""Which of the times on the table is meant, and what to do where none of them is.

For bookings and for moves alike; what follows a choice is not decided here.
"""

from dalpak.agents.dialogue import Script, Talk, Waiting
from dalpak.agents.dialogue_booking import proceed
from dalpak.agents.dialogue_facts import note_preference, points_at
from dalpak.agents.memory import Slot
from dalpak.language.base import Answer, Intent, Preference, Understood

BESIDE = (Preference.EARLIER, Preference.LATER)


def picked(talk: Talk, u: Understood) -> Slot | None:
    """The one of the offers that is meant; None where that is not clear."""
    offered = talk.memory.offered
    if u.choice is not None and offered:
        index = u.choice - 1 if u.choice > 0 else len(offered) + u.choice
        if 0 <= index < len(offered):
            return offered[index]
    agrees = u.answer is not Answer.DENY and not u.corrects
    if u.preference is Preference.EARLIEST and offered and agrees:
        return offered[0]
    if u.preference is Preference.LATEST and offered and agrees:
        return offered[-1]
    if u.says_when or u.time_candidates:
        fits = [slot for slot in offered if points_at(talk, u, slot)]
        return fits[0] if len(fits) == 1 else None
    if u.answer is Answer.AFFIRM and len(offered) == 1:
        return offered[0]
    return None


def wants_time(u: Understood) -> bool:
    """A time was named, or is asked for."""
    return u.says_when or u.wants_earliest or u.intent in {Intent.BOOK, Intent.QUERY_AVAILABILITY}


def wants_another(u: Understood) -> bool:
    """None of them, or another one, and no time named instead."""
    asked = u.intent is Intent.REQUEST_OTHER_TIME or u.preference in BESIDE
    return (asked and not u.says_when) or (u.answer is Answer.DENY and not wants_time(u))


def another(talk: Talk, u: Understood) -> Script[None]:
    """None of the times on the table: others of that day, if that is what was asked for."""
    m = talk.memory
    table = talk.on_the_table()
    if m.slot is not None:
        m.offered = [m.slot]
        m.forget_slot()
    m.refuse_offered()
    m.want.clear_hour()
    note_preference(talk, u, table)
    asks = u.intent is Intent.REQUEST_OTHER_TIME or u.preference or u.excluded_times
    if m.want.has_day and asks:
        yield from proceed(talk)
    else:
        m.want.set_day(None)
        yield talk.say("another_time")
        yield talk.ask(Waiting.WHEN, "ask_when_again")
