"""What was said, noted: service, name, day and hour. What an utterance does not mention stays.

Facts only; what the dialogue does about them is in `dialogue_words.py`.
"""

from datetime import datetime

from dalpak.agents.dialogue import Script, Talk, Waiting, use
from dalpak.agents.memory import Slot
from dalpak.domain.booking import day_part
from dalpak.domain.walltime import minute_of
from dalpak.language.base import Answer, Preference, Understood


def note_service(talk: Talk, u: Understood) -> bool:
    """True when what is to be booked has changed, so that its times must be looked up again."""
    m = talk.memory
    before = (m.service_id, m.staff_id)
    if u.service_ids and u.service_ids[0] != m.service_id:
        m.service_id, m.service_told = u.service_ids[0], False
    if u.staff_id is not None and u.staff_id != m.staff_id:
        m.staff_id, m.service_told = u.staff_id, False
    elif u.any_staff:
        m.staff_id = None
    return (m.service_id, m.staff_id) != before


def note_name(talk: Talk, u: Understood) -> Script[bool]:
    """A name that came with other facts; alone, at its question, `take_name` has it."""
    if u.name is None or (talk.waiting is Waiting.NAME and not u.says_when and u.phone is None):
        return False
    outcome = yield from use("leads.note_contact", name=u.name)
    talk.memory.has_name = talk.memory.has_name or outcome.ok
    return outcome.ok


def note_when(talk: Talk, u: Understood) -> bool:
    """True when the utterance says anything about the time; what it does not mention stays."""
    want, m = talk.memory.want, talk.memory
    ambiguous = u.when_time is None and u.needs_clarification and len(u.time_candidates) > 1
    if not (u.says_when or u.wants_earliest or ambiguous):
        return False
    _note_day(talk, u)
    want.soonest = u.wants_earliest
    m.hours_asked = []
    if u.when_time is not None:
        want.set_time(u.when_time)
    elif ambiguous:
        m.hours_asked = [f"{at:%H:%M}" for at in u.time_candidates[:2]]
    elif u.window is not None:
        want.clear_hour()
        first, last = u.window
        want.window_from = f"{first:%H:%M}" if first else None
        want.window_to = f"{last:%H:%M}" if last else None
    elif u.part_of_day is not None:
        want.clear_hour()
        want.part_of_day = str(u.part_of_day)
    m.refused = []
    return True


def _note_day(talk: Talk, u: Understood) -> None:
    m = talk.memory
    if u.when_date is not None:
        m.want.set_day(u.when_date)
    elif u.date_range is not None:
        m.want.set_day(*u.date_range)
    elif u.date_from is not None or u.date_to is not None:
        m.want.set_day(u.date_from or talk.world.now.date(), u.date_to)
    elif u.wants_earliest:
        if u.corrects or u.answer is Answer.DENY:
            # "No, the earliest there is": whatever day we had in mind, it was not that.
            m.want.set_day(None)
            m.want.clear_hour()
        m.want.earliest = True
    else:
        # Only an hour: of the day that is being talked about.
        table = [m.slot] if m.slot else m.offered
        days = {talk.world.local(slot.start).date() for slot in table}
        if len(days) == 1:
            m.want.set_day(days.pop())


def drop_slot(talk: Talk) -> None:
    """Anything that changes what is booked ends the choice and the read-back."""
    talk.memory.forget_slot()
    talk.memory.offered = []


def points_at(talk: Talk, u: Understood, slot: Slot) -> bool:
    """True when nothing that was said contradicts this slot."""
    start = talk.world.local(slot.start)
    day, at = start.date(), start.time()
    if u.when_date is not None and day not in {u.when_date, *u.date_alternatives}:
        return False
    if u.date_range is not None and not u.date_range[0] <= day <= u.date_range[1]:
        return False
    if u.when_time is not None or u.time_candidates:
        return at in {u.when_time, *u.time_candidates}
    if u.window is not None:
        first, last = u.window
        return (first is None or at >= first) and (last is None or at < last)
    return u.part_of_day is None or day_part(minute_of(at)) == u.part_of_day


def note_preference(talk: Talk, u: Understood, offered: list[datetime]) -> None:
    """Earlier or later than what was offered, on the day that was talked about."""
    want = talk.memory.want
    if len({at.date() for at in offered}) != 1:
        return
    if u.preference is Preference.LATER:
        want.set_day(offered[0].date())
        want.window_from = f"{max(offered):%H:%M}"
    elif u.preference is Preference.EARLIER:
        want.set_day(offered[0].date())
        want.window_to = f"{min(offered):%H:%M}"
