"""What a model chose, carried out as the built-in dialogue would: the tool, its facts in words, the next question.

So one model call makes a whole turn, and the memory is the built-in agent's own: it can go on at any moment. A script
like the others; the gate behind the tools decides, and a model's wish is only the beginning of a turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from dalpak.agents.dialogue import (
    CANCEL,
    RESCHEDULE,
    Script,
    Talk,
    Waiting,
    error_of,
    failed,
    slots_of,
    text_of,
    use,
)
from dalpak.agents.dialogue_booking import (
    ask_change,
    ask_service,
    ask_who,
    choose,
    create,
    proceed,
    read_back,
    refused,
)
from dalpak.agents.dialogue_changes import commit
from dalpak.agents.dialogue_messages import promise
from dalpak.agents.dialogue_offers import offer
from dalpak.agents.dialogue_parting import collect_phone, goodbye, person, take_message
from dalpak.agents.dialogue_restate import restate
from dalpak.agents.memory import Errand, Slot
from dalpak.agents.openai_notes import BOOK, Notes
from dalpak.ports.agent import Direct, Say, ToolOutcome

WANT_FIELDS = ("date", "date_to", "time", "window_from", "window_to", "part_of_day")


@dataclass(frozen=True, slots=True)
class Choice:
    """One tool call of the model, by our name of the tool; what it left open is not in `arguments`."""

    tool: str
    arguments: Mapping[str, object]


def carry_out(talk: Talk, notes: Notes, choice: Choice) -> Script[None]:
    """The whole rest of the turn."""
    wish = dict(choice.arguments)
    match choice.tool:
        case "calendar.find_slots":
            yield from _find(talk, notes, wish)
        case "calendar.choose_slot":
            yield from _choose(talk, notes, wish)
        case "calendar.read_back" if wish.get("purpose") in (None, BOOK):
            talk.memory.errand = None
            yield from read_back(talk)
        case "calendar.read_back":
            errand = Errand(str(wish["purpose"]), str(wish.get("appointment_id", "")))
            yield from ask_change(talk, errand)
        case "calendar.create_appointment":
            yield from _create(talk, wish)
        case "calendar.reschedule":
            yield from _change(talk, notes, RESCHEDULE, wish)
        case "calendar.cancel":
            yield from _change(talk, notes, CANCEL, wish)
        case "calendar.my_appointments":
            yield from _appointments(talk, wish)
        case "leads.note_contact":
            yield from _note_contact(talk, wish)
        case "leads.take_message":
            yield from take_message(talk, str(wish.get("text", "")))
        case "business.facts" | "business.hours":
            yield from _answered(talk, (yield from use(choice.tool, **wish)))
        case "call.collect_phone":
            yield from collect_phone(talk)
        case "call.transfer":
            yield from person(talk)
        case "call.goodbye":
            yield from goodbye(talk)
        case _:
            yield from _told(talk, (yield from use(choice.tool, **wish)))


# -- finding and choosing --------------------------------------------------------------------------


def _find(talk: Talk, notes: Notes, wish: dict[str, object]) -> Script[None]:
    m = talk.memory
    if m.booked is not None and not wish.get("moving"):
        m.new_booking()
    outcome = yield from use("calendar.find_slots", **wish)
    # Only what the tool took to be the caller's own is remembered, and shown to the model again.
    taken = bool(wish.get("moving")) and error_of(outcome) != "not_yours"
    notes.moving = str(wish["moving"]) if taken and not failed(outcome) else None
    m.errand = Errand(RESCHEDULE, notes.moving) if notes.moving is not None else None
    if failed(outcome):
        yield talk.ask(Waiting.WHEN, "ask_when_again")
        return
    _note_wish(talk, wish)
    m.forget_slot()
    m.offered, m.refused, m.hours_asked = [], [], []
    slots = slots_of(outcome)
    exact = text_of(outcome, "exact")
    only = next((slot for slot in slots if slot.id == exact), None)
    if only is not None and notes.moving is not None:
        yield from _choose(talk, notes, {"slot_id": only.id})
    elif only is not None:
        yield from choose(talk, only)
    elif outcome.ok and slots:
        yield from offer(talk, slots)
    else:
        yield from refused(talk, outcome, slots)


def _note_wish(talk: Talk, wish: Mapping[str, object]) -> None:
    """The tool has taken these arguments, so they are dates, hours and ids that exist."""
    m = talk.memory
    m.want.set_day(None)
    for name in WANT_FIELDS:
        setattr(m.want, name, str(wish[name]) if wish.get(name) else None)
    m.want.earliest = not m.want.has_day
    several = wish.get("service_ids")
    first = several[0] if isinstance(several, list) and several else None
    service = wish.get("service_id") or first
    if service is not None and service != m.service_id:
        m.service_id, m.service_told = str(service), False
    m.staff_id = str(wish["staff_id"]) if wish.get("staff_id") else None


def _choose(talk: Talk, notes: Notes, wish: dict[str, object]) -> Script[None]:
    slot_id = str(wish.get("slot_id", ""))
    start = notes.slots.get(slot_id)
    if start is not None and notes.moving is None:
        yield from choose(talk, Slot(slot_id, start))
        return
    outcome = yield from use("calendar.choose_slot", **wish)
    if outcome.ok and notes.moving is not None:
        talk.memory.offered = []
        talk.memory.slot = Slot(slot_id, start or "")
        yield from ask_change(talk, Errand(RESCHEDULE, notes.moving))
    else:
        yield from refused(talk, outcome, slots_of(outcome))


# -- consent ---------------------------------------------------------------------------------------


def _create(talk: Talk, wish: dict[str, object]) -> Script[None]:
    m = talk.memory
    m.errand = None
    asked = wish.get("slot")
    if m.slot is not None and asked in (m.slot.id, m.slot.start):
        yield from create(talk)
        return
    outcome = yield from use("calendar.create_appointment", slot=asked, nonce=m.nonce or "")
    if error_of(outcome) == "not_confirmed":
        yield from proceed(talk)
        return
    if outcome.ok:
        m.booked, m.offered = m.slot, []
        m.forget_slot()
    yield from _done(talk, outcome)


def _change(talk: Talk, notes: Notes, purpose: str, wish: dict[str, object]) -> Script[None]:
    """Where nobody has agreed to it yet, it is asked now."""
    m = talk.memory
    of, slot_id = str(wish.get("appointment_id", "")), str(wish.get("slot", ""))
    m.errand = Errand(purpose, of)
    m.slot = Slot(slot_id, notes.slots.get(slot_id, "")) if purpose == RESCHEDULE else None
    m.nonce = notes.nonce_for(purpose, of)
    yield from commit(talk)
    if talk.memory.errand is None:
        notes.moving = None
        notes.appointments.pop(of, None)


def _done(talk: Talk, outcome: ToolOutcome) -> Script[None]:
    """What was committed, by what its confirmation comes, and is there anything else; or why not."""
    if not outcome.ok or outcome.say is None:
        yield from _told(talk, outcome)
        return
    yield Say(outcome.say, tag=outcome.say_tag)
    yield from promise()
    yield talk.ask(Waiting.MORE, "anything_else")


# -- who, and the rest -----------------------------------------------------------------------------


def _note_contact(talk: Talk, wish: dict[str, object]) -> Script[None]:
    m = talk.memory
    outcome = yield from use("leads.note_contact", **wish)
    error = error_of(outcome)
    if outcome.ok:
        m.has_name = m.has_name or "name" in wish
        m.has_phone = m.has_phone or "phone" in wish
        yield from proceed(talk)
    elif error == "bad_phone":
        yield talk.say("bad_number")
        yield from collect_phone(talk)
    elif error == "bad_name":
        yield talk.ask(Waiting.NAME, "ask_name_again")
    else:
        yield from restate(talk)


def _answered(talk: Talk, outcome: ToolOutcome) -> Script[None]:
    """A question about the business, then back to where we were."""
    if error_of(outcome) == "need_service":
        yield from ask_service(talk)
        return
    if outcome.ok and outcome.say is not None:
        yield Say(outcome.say)
    else:
        yield talk.say("do_not_know")
    yield from restate(talk)


def _appointments(talk: Talk, wish: dict[str, object]) -> Script[None]:
    outcome = yield from use("calendar.my_appointments", **wish)
    if error_of(outcome) == "need_identity":
        yield talk.say("ask_identity")
        return
    yield from _told(talk, outcome)


def _told(talk: Talk, outcome: ToolOutcome) -> Script[None]:
    """Pass on what a tool says; a refusal without words of its own is told as the dialogue tells it."""
    if outcome.say is not None:
        yield Say(outcome.say, tag=outcome.say_tag)
    if outcome.directive is not None and error_of(outcome) != "need_phone":
        yield Direct(outcome.directive)
    if outcome.ok:
        if outcome.say is None and outcome.directive is None:
            yield from proceed(talk)
        return
    slots = slots_of(outcome)
    if error_of(outcome) in {"need_phone", "need_name"}:
        yield from ask_who(talk, error_of(outcome), outcome)
    elif outcome.say is None:
        yield from refused(talk, outcome, slots)
    elif slots:
        yield from offer(talk, slots)
