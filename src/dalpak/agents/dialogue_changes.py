"""Wishes about appointments that stand: told, moved, cancelled, or waited for.

What is changed is changed behind the gate, after a clear yes to its read-back, and spoken of from
the committed row; until then everything stays as it was.
"""

from dalpak.agents.dialogue import (
    CANCEL,
    CHANGES,
    OWN_TOLD,
    RESCHEDULE,
    Script,
    Talk,
    Waiting,
    error_of,
    failed,
    slots_of,
    use,
)
from dalpak.agents.dialogue_booking import (
    REFUSALS,
    ask_who,
    change_refused,
    just_taken,
    proceed,
    refused,
)
from dalpak.agents.dialogue_facts import drop_slot, note_service, note_when, points_at
from dalpak.agents.dialogue_messages import promise
from dalpak.agents.dialogue_offers import REFUSAL_OFFERS, offer
from dalpak.agents.dialogue_own import has_any, look_up, tell
from dalpak.agents.dialogue_parting import anything_else
from dalpak.agents.dialogue_picks import BESIDE, another
from dalpak.agents.dialogue_restate import briefly, restate
from dalpak.agents.dialogue_waitlist import join
from dalpak.agents.memory import Errand, Own, Slot
from dalpak.language.base import Answer, Intent, Understood
from dalpak.ports.agent import Say

WISHES = frozenset({*CHANGES.values(), Intent.QUERY_APPOINTMENT, Intent.WAITLIST})
PURPOSES = {intent: purpose for purpose, intent in CHANGES.items()}
ON_THE_TABLE = frozenset(
    {Waiting.CONFIRM, Waiting.CHOICE, Waiting.DAY_MENU, Waiting.TIME_MENU, Waiting.SEND_MESSAGES}
)
"""Questions to which "cancel" is only a no."""
ANSWERS = frozenset({Waiting.WHICH_OWN, Waiting.CONFIRM_CHANGE, Waiting.CONFIRM_WAITLIST})
"""Questions whose answers are read here."""


def is_new_wish(talk: Talk, u: Understood) -> bool:
    """Amid a booking, "move it" and "cancel" are about what is being booked, not about what stands;
    amid a move, "move it to five" is only a time."""
    m = talk.memory
    if u.intent not in PURPOSES:
        return u.intent in WISHES
    if m.errand is not None:
        return m.errand.purpose != PURPOSES[u.intent]
    if m.slot is None and not m.offered:
        return True
    return u.intent is Intent.CANCEL and talk.waiting not in ON_THE_TABLE


def means_what_stands(talk: Talk, u: Understood) -> Script[bool]:
    """ "Move it" while a booking waits for the name: of who has an appointment, that one is meant."""
    asks_who = talk.waiting in {Waiting.NAME, Waiting.CALLER_PHONE, Waiting.PHONE}
    if u.intent is not Intent.RESCHEDULE or talk.memory.errand is not None or not asks_who:
        return False
    return (yield from has_any())


def begin(talk: Talk, u: Understood) -> Script[None]:
    """What the caller wants, with everything that the sentence says of it."""
    if u.intent is Intent.QUERY_APPOINTMENT:
        yield from _tell(talk)
    elif u.intent is Intent.WAITLIST:
        yield from _wait_for(talk, u)
    elif u.intent in PURPOSES:
        yield from _begin_change(talk, PURPOSES[u.intent], u)


# -- when is it --------------------------------------------------------------------------------------


def _tell(talk: Talk) -> Script[None]:
    """The caller's own appointments; amid something else, then back to that."""
    m = talk.memory
    if m.slot is None and not m.offered and m.errand is None:
        yield from tell(talk)
    elif (yield from look_up(talk, says=True)):
        yield from restate(talk)


# -- which, and when to ------------------------------------------------------------------------------


def _begin_change(talk: Talk, purpose: str, u: Understood) -> Script[None]:
    m = talk.memory
    before = m.errand
    if before is not None:
        # Another mind about the same appointment.
        errand = Errand(purpose, before.appointment_id, before.own)
    else:
        errand = Errand(purpose)
    if before is None:
        m.new_booking()
    drop_slot(talk)
    m.errand = errand
    if not errand.appointment_id:
        errand.own = errand.own or (yield from look_up(talk))
        if not errand.own:
            return
        _narrow(errand, _meant(talk, purpose, u, errand.own))
    if purpose == RESCHEDULE:
        errand.shift_days = u.shift_days
        if not _names_only_the_old_day(talk, u, errand):
            note_when(talk, u)
    yield from proceed(talk)


def _meant(talk: Talk, purpose: str, u: Understood, own: list[Own]) -> list[Own]:
    """Those that the words fit: by what is done, and by the day. An hour beside the day of a move is
    the new one."""
    found = [o for o in own if not u.service_ids or set(u.service_ids) & set(o.service_ids)]
    tells_target = purpose == RESCHEDULE and (u.when_time is not None or not u.says_when)
    if not tells_target and (u.says_when or u.time_candidates):
        found = [o for o in found if points_at(talk, u, Slot(o.id, o.start))]
    return found


def _names_only_the_old_day(talk: Talk, u: Understood, errand: Errand) -> bool:
    """ "Move tomorrow's appointment": a day without an hour on which it stands is not the new one."""
    own = errand.meant
    if own is None or u.when_date is None or u.when_time is not None:
        return False
    return talk.world.local(own.start).date() == u.when_date


def _narrow(errand: Errand, found: list[Own]) -> None:
    if len(found) == 1:
        errand.appointment_id = found[0].id


def _which(talk: Talk, errand: Errand, u: Understood) -> Script[None]:
    told = errand.own[:OWN_TOLD]
    index = -1
    if u.choice is not None:
        index = u.choice - 1 if u.choice > 0 else len(told) + u.choice
    if 0 <= index < len(told):
        errand.appointment_id = told[index].id
    elif u.service_ids or u.says_when or u.time_candidates:
        _narrow(errand, _meant(talk, CANCEL, u, errand.own))
    if errand.appointment_id:
        yield from proceed(talk)
    elif u.answer is Answer.DENY:
        yield from keep_it(talk)
    elif is_new_wish(talk, u):
        yield from begin(talk, u)
    else:
        yield talk.say("sorry")
        yield from proceed(talk)


def keep_it(talk: Talk) -> Script[None]:
    """The caller changed their mind: nothing was touched."""
    m = talk.memory
    changes = m.errand is not None
    m.new_booking()
    if changes:
        yield talk.say("not_changed")
    yield from anything_else(talk)


# -- the answer to a read-back -----------------------------------------------------------------------


def on_answer(talk: Talk, u: Understood) -> Script[None]:
    """To one of `ANSWERS`."""
    errand = talk.memory.errand
    if talk.waiting is Waiting.CONFIRM_WAITLIST:
        yield from _waitlist_answer(talk, u)
    elif errand is None:
        yield from proceed(talk)
    elif talk.waiting is Waiting.WHICH_OWN:
        yield from _which(talk, errand, u)
    else:
        yield from _confirm(talk, errand, u)


def _confirm(talk: Talk, errand: Errand, u: Understood) -> Script[None]:
    m = talk.memory
    subject = m.slot or errand.meant
    other = subject is not None and u.says_when
    other = other and not points_at(talk, u, Slot("", subject.start if subject else ""))
    if is_new_wish(talk, u):
        yield from begin(talk, u)
    elif u.answer is Answer.AFFIRM and not (other or u.corrects):
        yield from _agreed(talk, u)
    elif other and errand.purpose == CANCEL and _names_another(talk, errand, u):
        yield from proceed(talk)
    elif other or (errand.purpose == RESCHEDULE and u.wants_earliest):
        # Another time was named: whatever it was to be, now it is a move to that.
        errand.purpose = RESCHEDULE
        drop_slot(talk)
        note_when(talk, u)
        yield from proceed(talk)
    elif errand.purpose == RESCHEDULE and _wants_another(u):
        yield from another(talk, u)
    elif u.answer is Answer.DENY:
        yield from keep_it(talk)
    else:
        yield from briefly(talk)


def _names_another(talk: Talk, errand: Errand, u: Understood) -> bool:
    """ "No, Thursday's": another one of their own was meant, not another time."""
    found = _meant(talk, CANCEL, u, errand.own)
    _narrow(errand, found)
    return len(found) == 1


def _wants_another(u: Understood) -> bool:
    return u.intent is Intent.REQUEST_OTHER_TIME or u.preference in BESIDE or bool(u.excluded_times)


def _agreed(talk: Talk, u: Understood) -> Script[None]:
    """A yes that one lost word would turn into a no is asked about, once."""
    m = talk.memory
    if u.hangs_on_no and not m.doubted:
        m.doubted = True
        yield from briefly(talk)
    elif talk.waiting is Waiting.CONFIRM_WAITLIST:
        yield from join_waitlist(talk)
    else:
        yield from commit(talk)


def commit(talk: Talk) -> Script[None]:
    """The caller said yes. What is spoken then comes from the committed row only."""
    m, errand = talk.memory, talk.memory.errand
    if errand is None:
        yield from proceed(talk)
        return
    of, nonce, m.nonce = errand.appointment_id, m.nonce or "", None
    if errand.purpose == CANCEL:
        outcome = yield from use("calendar.cancel", appointment_id=of, nonce=nonce)
    else:
        slot = m.slot.id if m.slot else None
        outcome = yield from use("calendar.reschedule", appointment_id=of, slot=slot, nonce=nonce)
    error = error_of(outcome)
    if outcome.ok:
        m.new_booking()
        if outcome.say is not None:
            yield Say(outcome.say)
        yield from promise(of)
        yield from anything_else(talk)
    elif error == "not_confirmed":
        yield from proceed(talk)
    elif error == "taken":
        yield from just_taken(talk, slots_of(outcome))
    elif failed(outcome):
        yield talk.say("tool_failed")
        m.waiting_for = Waiting.CONFIRM_CHANGE
    else:
        yield from change_refused(talk, outcome)


# -- the waiting list --------------------------------------------------------------------------------


def _wait_for(talk: Talk, u: Understood) -> Script[None]:
    """For what was wanted all along, or is said now."""
    m = talk.memory
    if m.booked is not None:
        m.new_booking()
    m.errand = None
    m.waits = True
    note_service(talk, u)
    note_when(talk, u)
    yield from proceed(talk)


def _waitlist_answer(talk: Talk, u: Understood) -> Script[None]:
    changed = note_service(talk, u)
    if u.answer is Answer.AFFIRM and not (u.says_when or u.corrects or changed):
        yield from _agreed(talk, u)
    elif note_when(talk, u) or changed:
        yield from proceed(talk)
    elif u.answer is Answer.DENY:
        yield from keep_it(talk)
    else:
        yield from briefly(talk)


def join_waitlist(talk: Talk) -> Script[None]:
    """The caller said yes; where something suits after all, it is offered."""
    m = talk.memory
    outcome = yield from join(talk)
    error, slots = error_of(outcome), slots_of(outcome)
    if outcome.ok:
        m.new_booking()
        if outcome.say is not None:
            yield Say(outcome.say)
        yield from anything_else(talk)
    elif error in {"need_phone", "need_name"}:
        yield from ask_who(talk, error, outcome)
    elif failed(outcome):
        yield talk.say("tool_failed")
        m.waiting_for = Waiting.CONFIRM_WAITLIST
    elif error == "free" and slots:
        m.waits = False
        yield talk.say("still_free")
        yield from offer(talk, slots, least=REFUSAL_OFFERS)
    elif error in REFUSALS:
        m.waits = False
        yield from refused(talk, outcome, slots)
    else:
        m.waits = False
        yield talk.ask(Waiting.OFFER_MESSAGE, "not_by_phone_yet")
