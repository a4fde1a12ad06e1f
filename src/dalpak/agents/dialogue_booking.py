"""The booking path of the built-in dialogue: time, slot, name and phone, read-back, booked.

`proceed` looks at what is known and does the next thing until something has to be asked; so a side
question or a change of mind needs no path of its own. The gate behind the tools is the authority:
every refusal of theirs is an answer here, never a surprise.
"""

from collections.abc import Sequence

from dalpak.agents.dialogue import (
    CANCEL,
    FIRST_ANSWER_WORDS,
    RESCHEDULE,
    Script,
    Talk,
    Waiting,
    error_of,
    failed,
    slots_of,
    text_of,
    use,
    words_in,
)
from dalpak.agents.dialogue_menus import day_menu
from dalpak.agents.dialogue_messages import ask_first, promise
from dalpak.agents.dialogue_offers import (
    OFFERS,
    REFUSAL_OFFERS,
    offer,
    spread,
    two_in_short,
    visit_words,
)
from dalpak.agents.dialogue_own import (
    GONE,
    none_there,
    read_back_change,
    service_of,
    settle_which,
)
from dalpak.agents.dialogue_parting import anything_else, collect_phone
from dalpak.agents.dialogue_waitlist import waitlist_next
from dalpak.agents.memory import Errand, Slot
from dalpak.language.base import Spoken
from dalpak.ports.agent import Say, ToolOutcome

SOONEST = 2
"""The first time there is, and one more in case it is too soon."""
LOOK_AHEAD = 100
"""Slots asked for when some were refused already: enough to find others."""
NAME_TRIES = 2
PHONE_TRIES = 3

REFUSALS = {
    "off_grid": "off_grid",
    "too_soon": "too_soon",
    "too_far": "too_far",
    "closed": "closed",
    "taken": "taken",
    "day_full": "day_full",
    "none_free": "none_free",
    "does_not_exist": "does_not_exist",
    "same_time": "same_time",
}
"""Why a time cannot be had, by the tools' error, to the phrase that says so."""


def proceed(talk: Talk) -> Script[None]:
    """Go on from what is known until something is asked."""
    m = talk.memory
    if m.errand is not None and not (yield from settle_which(talk, m.errand)):
        return
    if m.errand is not None and (m.slot is not None or m.errand.purpose == CANCEL):
        yield from ask_change(talk, m.errand)
    elif m.waits:
        yield from waitlist_next(talk)
    elif m.booked is not None:
        yield from anything_else(talk)
    elif m.slot is not None:
        yield from read_back(talk)
    elif m.offered:
        yield from offer(talk, m.offered)
    elif m.want.earliest or (m.want.has_day and not m.hours_asked):
        yield from find(talk)
    elif m.hours_asked:
        yield from ask_which_hour(talk)
    elif m.want.has_hour:
        yield from ask_when(talk, Waiting.DAY, "ask_which_day")
    elif talk.by_keypad:
        yield from day_menu(talk)
    else:
        yield _when_kindly(talk)


def ask_change(talk: Talk, errand: Errand) -> Script[None]:
    """Read a move or a cancellation back, or say why it cannot be."""
    outcome = yield from read_back_change(talk, errand)
    if outcome is not None:
        yield from change_refused(talk, outcome)


def change_refused(talk: Talk, outcome: ToolOutcome) -> Script[None]:
    """The rules do not allow it: what remains is another time, or the staff."""
    m, slots = talk.memory, slots_of(outcome)
    if error_of(outcome) != "too_late_to_change":
        yield from refused(talk, outcome, slots)
    elif slots and m.errand is not None:
        m.errand.purpose = RESCHEDULE
        yield talk.say("move_instead")
        yield from offer(talk, slots, least=REFUSAL_OFFERS)
    else:
        m.errand = None
        m.forget_slot()
        yield Say(outcome.say) if outcome.say is not None else talk.say("too_late_to_change")
        yield talk.ask(Waiting.OFFER_MESSAGE, "offer_message")


def ask_when(talk: Talk, waiting: Waiting, key: str) -> Script[None]:
    """By voice with this question, by keypad with the menu of days."""
    if talk.by_keypad:
        yield from day_menu(talk)
    else:
        yield talk.ask(waiting, key)


def _when_kindly(talk: Talk) -> Say:
    """What was said is acknowledged: nobody likes to hear the same question as if unheard."""
    m = talk.memory
    if m.errand is not None and m.errand.meant is not None:
        own = m.errand.meant
        service, when = service_of(talk, own), talk.moment_of(own)
        return talk.ask(Waiting.WHEN, "move_when", service=service, when=when)
    if m.service_id and not m.service_told and talk.service is not None:
        m.service_told = True
        service = visit_words(talk, talk.service)
        return talk.ask(Waiting.WHEN, "service_when", service=service)
    return talk.ask(Waiting.WHEN, "sure_when" if talk.wants_visit else "ask_when")


def ask_which_hour(talk: Talk) -> Script[None]:
    """An hour that may be morning or evening, both open: only the caller can tell."""
    first, second = (_clock(talk, hour) for hour in talk.memory.hours_asked[:2])
    yield talk.ask(Waiting.WHICH_HOUR, "ask_which_hour", first=first, second=second)


def _clock(talk: Talk, hhmm: str) -> Spoken:
    at = talk.world.now.replace(hour=int(hhmm[:2]), minute=int(hhmm[3:]))
    return talk.language.speech.clock(at.time())


# -- a time --------------------------------------------------------------------------------------


def find(talk: Talk) -> Script[None]:
    """Ask the calendar for what the caller wants; take it when it is there, else offer."""
    m = talk.memory
    outcome = yield from use(
        "calendar.find_slots",
        **m.want.arguments(),
        **talk.subject,
        limit=LOOK_AHEAD if m.refused or m.want.soonest else OFFERS,
    )
    slots = [slot for slot in slots_of(outcome) if slot.start not in m.refused]
    if m.want.soonest and outcome.ok:
        slots = slots[:SOONEST]
    if outcome.ok and slots and m.want.time and _is_wanted(talk, slots[0]):
        yield from choose(talk, slots[0])
    elif outcome.ok and slots:
        same_hour = [s for s in slots if f"{talk.world.local(s.start):%H:%M}" == m.want.time]
        if m.want.time and not same_hour:
            yield talk.say("taken")
        yield from offer(talk, spread(same_hour or slots))
    else:
        yield from refused(talk, outcome, slots)


def _is_wanted(talk: Talk, slot: Slot) -> bool:
    start, want = talk.world.local(slot.start), talk.memory.want
    same_day = want.date_to is None and want.date in (None, start.date().isoformat())
    return same_day and f"{start:%H:%M}" == want.time


def refused(talk: Talk, outcome: ToolOutcome, suggestions: list[Slot]) -> Script[None]:
    """Say why not, and what else."""
    error = error_of(outcome) or "none_free"
    m = talk.memory
    m.forget_slot()
    if failed(outcome):
        yield talk.say("tool_failed")
        m.waiting_for = Waiting.WHEN
    elif error in {"need_phone", "need_name"}:
        yield from ask_who(talk, error, outcome)
    elif error in GONE and m.errand is not None:
        yield from none_there(talk, outcome)
    elif error == "unknown_staff" and m.staff_id is not None:
        m.staff_id = None
        yield talk.say("other_staff")
        yield from proceed(talk)
    elif error in {"no_slot", "not_offered"} and m.want.has_day:
        yield from proceed(talk)
    else:
        why = _why_not(talk, error)
        if _has_room_for(talk, why, suggestions):
            yield why
        if suggestions:
            yield from offer(talk, suggestions, least=REFUSAL_OFFERS)
        else:
            m.want.set_day(None)
            m.want.clear_hour()
            yield from ask_when(talk, Waiting.WHEN, "ask_when_again")


def _has_room_for(talk: Talk, why: Say, suggestions: Sequence[Slot]) -> bool:
    """Beside the answer to a question the reason gives way: times can be had, reasons cannot."""
    if not talk.words_said or len(suggestions) < 2 or talk.by_keypad:
        return True
    needed = words_in(why.spoken) + words_in(two_in_short(talk, suggestions))
    return talk.words_said + needed <= FIRST_ANSWER_WORDS


def _why_not(talk: Talk, error: str) -> Say:
    day = talk.memory.want.only_day
    if error == "closed" and day is not None and not talk.world.opens_on(day):
        told = talk.language.speech.day(day, talk.world.now.date())
        return talk.say("closed_all_day", day=told.leaves[0])
    return talk.say(REFUSALS.get(error, "not_possible"))


def ask_service(talk: Talk) -> Script[None]:
    services = [service.spoken for service in talk.world.services]
    yield talk.ask(Waiting.SERVICE, "ask_service", services=talk.language.speech.listing(services))


def choose(talk: Talk, slot: Slot) -> Script[None]:
    """Take a slot that was offered in this call; then whatever is still missing."""
    m = talk.memory
    outcome = yield from use("calendar.choose_slot", slot_id=slot.id)
    if not outcome.ok:
        m.offered = []
        yield from refused(talk, outcome, slots_of(outcome))
        return
    m.slot, m.offered, m.nonce = slot, [], None
    known = (m.has_name or talk.by_keypad) and (m.has_phone or talk.caller_phone)
    if not known and m.errand is None:
        yield _slot_chosen(talk, slot)
    yield from proceed(talk)


def _slot_chosen(talk: Talk, slot: Slot) -> Say:
    """With the service, unless it was told before: a wrong one can be set right at once."""
    m, when = talk.memory, talk.moment_of(slot)
    if m.service_told or talk.service is None or len(talk.world.services) == 1:
        return talk.say("slot_chosen", when=when)
    m.service_told = True
    return talk.say("slot_chosen_service", service=visit_words(talk, talk.service), when=when)


# -- who -----------------------------------------------------------------------------------------


def ask_who(talk: Talk, error: str, outcome: ToolOutcome) -> Script[None]:
    m = talk.memory
    if error == "need_name":
        m.has_name = False
        m.name_tries = m.name_tries or 1
        yield talk.ask(Waiting.NAME, "ask_name")
        return
    m.has_phone = False
    asked_before = talk.waiting in {Waiting.CALLER_PHONE, Waiting.PHONE}
    if talk.caller_phone and not asked_before:
        key = "keypad_offer_caller_phone" if talk.by_keypad else "ask_phone_caller"
        yield talk.ask(Waiting.CALLER_PHONE, key)
    else:
        yield from collect_phone(talk, outcome)


def take_phone(talk: Talk, digits: str) -> Script[None]:
    """A number was spoken, typed or keyed."""
    m = talk.memory
    outcome = yield from use("leads.note_contact", phone=digits)
    if outcome.ok:
        m.has_phone, m.phone_tries = True, 0
        yield from proceed(talk)
        return
    m.phone_tries += 1
    yield talk.say("bad_number")
    if m.phone_tries >= PHONE_TRIES and talk.ears:
        m.phone_tries = 0
        yield talk.say("phone_needed")
    yield from collect_phone(talk)


def take_name(talk: Talk, name: str) -> Script[None]:
    outcome = yield from use("leads.note_contact", name=name)
    talk.memory.has_name = outcome.ok
    if outcome.ok:
        yield from proceed(talk)
    else:
        yield talk.ask(Waiting.NAME, "ask_name_again")


# -- confirmation --------------------------------------------------------------------------------


def read_back(talk: Talk) -> Script[None]:
    """Have the tools say what would be booked; only a yes to that books it."""
    m = talk.memory
    if (yield from ask_first(talk)):
        return
    outcome = yield from use("calendar.read_back")
    if not outcome.ok:
        error = error_of(outcome)
        if error in {"need_name", "need_phone"}:
            yield from ask_who(talk, error, outcome)
        else:
            yield from refused(talk, outcome, slots_of(outcome))
        return
    m.has_name = m.has_phone = True
    m.nonce = outcome.say_tag or text_of(outcome, "nonce")
    m.doubted = False
    m.waiting_for = Waiting.CONFIRM
    if outcome.say is not None:
        yield Say(outcome.say, tag=outcome.say_tag)
    if talk.by_keypad:
        yield talk.say("keypad_confirm_again")


def create(talk: Talk) -> Script[None]:
    """The caller said yes. What is spoken then comes from the committed row only."""
    m = talk.memory
    if m.slot is None or m.nonce is None:
        yield from proceed(talk)
        return
    outcome = yield from use("calendar.create_appointment", slot=m.slot.id, nonce=m.nonce)
    if outcome.ok:
        m.booked, m.offered = m.slot, []
        m.forget_slot()
        if outcome.say is not None:
            yield Say(outcome.say)
        yield from promise()
        yield from proceed(talk)
        return
    error, suggestions = error_of(outcome), slots_of(outcome)
    m.nonce = None
    if error in {"need_name", "need_phone"}:
        yield from ask_who(talk, error, outcome)
    elif error == "taken":
        yield from just_taken(talk, suggestions)
    elif error in REFUSALS:
        yield from refused(talk, outcome, suggestions)
    elif failed(outcome):
        yield talk.say("tool_failed")
        m.waiting_for = Waiting.CONFIRM
    else:
        yield from read_back(talk)


def just_taken(talk: Talk, suggestions: list[Slot]) -> Script[None]:
    """Somebody was faster, between the read-back and the yes."""
    talk.memory.forget_slot()
    yield talk.say("just_taken")
    if suggestions:
        yield from offer(talk, suggestions, least=REFUSAL_OFFERS)
    else:
        talk.memory.want.clear_hour()
        yield from proceed(talk)
