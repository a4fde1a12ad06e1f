"""The built-in dialogue's own small language: what a script may do, and what all scripts share.

A script is a generator: it yields a sentence, a directive or a wish to use a tool, and is sent the
tool's outcome. So whole dialogues are decided in plain synchronous code, and `builtin_agent.py`
does what they ask. Nothing here awaits.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from dalpak.agents.memory import Memory, Own, Slot
from dalpak.agents.surroundings import Offering, Surroundings
from dalpak.language.base import Asked, Intent, Language, Spoken
from dalpak.ports.agent import Direct, Say, ToolOutcome

FIRST_ANSWER_WORDS = 24
"""SPEC D4; we keep every list of offers that short."""


@dataclass(frozen=True, slots=True)
class UseTool:
    name: str
    arguments: dict[str, object]


CANCEL, RESCHEDULE, TELL = "cancel", "reschedule", "tell"
CHANGES = {CANCEL: Intent.CANCEL, RESCHEDULE: Intent.RESCHEDULE}
"""What can become of an appointment, by the purpose of its read-back."""
OWN_TOLD = 3
"""Appointments named when the caller is asked which; of others the day can be said."""

Action = Say | Direct | UseTool
R = TypeVar("R")
Script = Generator[Action, ToolOutcome, R]
"""Say and Direct are sent nothing back worth reading; UseTool is sent its outcome."""


class Waiting(StrEnum):
    """What the last question was about; `Asked` of the language is derived from it."""

    NOTHING = ""
    WHEN = "when"
    DAY = "day"
    WHICH_HOUR = "which_hour"
    SERVICE = "service"
    CHOICE = "choice"
    NAME = "name"
    CALLER_PHONE = "caller_phone"
    PHONE = "phone"
    SEND_MESSAGES = "send_messages"
    CONFIRM = "confirm"
    WHICH_OWN = "which_own"
    CONFIRM_CHANGE = "confirm_change"
    CONFIRM_WAITLIST = "confirm_waitlist"
    MORE = "more"
    OFFER_MESSAGE = "offer_message"
    MESSAGE = "message"
    CALLBACK_PHONE = "callback_phone"
    DAY_MENU = "day_menu"
    TIME_MENU = "time_menu"


ASKED: dict[Waiting, Asked] = {
    Waiting.WHEN: Asked.WHEN,
    Waiting.DAY: Asked.WHEN,
    Waiting.WHICH_HOUR: Asked.WHEN,
    Waiting.SERVICE: Asked.SERVICE,
    Waiting.CHOICE: Asked.CHOICE,
    Waiting.NAME: Asked.NAME,
    Waiting.CALLER_PHONE: Asked.PHONE,
    Waiting.PHONE: Asked.PHONE,
    Waiting.CALLBACK_PHONE: Asked.PHONE,
    Waiting.SEND_MESSAGES: Asked.YES_NO,
    Waiting.CONFIRM: Asked.YES_NO,
    Waiting.WHICH_OWN: Asked.CHOICE,
    Waiting.CONFIRM_CHANGE: Asked.YES_NO,
    Waiting.CONFIRM_WAITLIST: Asked.YES_NO,
    Waiting.MORE: Asked.YES_NO,
    Waiting.OFFER_MESSAGE: Asked.YES_NO,
    Waiting.DAY_MENU: Asked.WHEN,
    Waiting.TIME_MENU: Asked.CHOICE,
}


@dataclass(slots=True)
class Talk:
    """One turn's view of the call: shared by every script, changed through `memory` only."""

    memory: Memory
    language: Language
    world: Surroundings
    ears: bool
    caller_phone: str | None
    words_said: int = 0
    """In this turn so far: short answers are heard to their end."""
    wants_visit: bool = False
    """The caller has just asked for an appointment, without saying when."""

    # -- words -----------------------------------------------------------------------------------

    def say(self, key: str, /, **slots: Spoken) -> Say:
        return Say(self.language.phrase(key, **slots))

    def ask(self, waiting: Waiting, key: str, /, **slots: Spoken) -> Say:
        """Say a question and remember that it was asked."""
        self.memory.waiting_for = waiting
        return self.say(key, **slots)

    def day_of(self, slot: Slot | Own) -> Spoken:
        day = self.world.local(slot.start).date()
        return self.language.speech.day(day, self.world.now.date())

    def hour_of(self, slot: Slot | Own) -> Spoken:
        return self.language.speech.clock(self.world.local(slot.start).time())

    def moment_of(self, slot: Slot | Own) -> Spoken:
        return self.language.speech.moment(self.world.local(slot.start), self.world.now)

    # -- what it is about ------------------------------------------------------------------------

    def on_the_table(self) -> list[datetime]:
        """The times that the last question was about, in the business's zone."""
        m, errand = self.memory, self.memory.errand
        slots: Sequence[Slot | Own] = m.offered
        if self.waiting is Waiting.WHICH_OWN and errand is not None:
            slots = errand.own[:OWN_TOLD]
        elif self.waiting is Waiting.CONFIRM_CHANGE and errand is not None:
            slots = [which for which in (m.slot or errand.meant,) if which is not None]
        elif self.waiting is Waiting.CONFIRM and m.slot:
            slots = [m.slot]
        return [self.world.local(slot.start) for slot in slots]

    @property
    def proposed(self) -> Intent | None:
        """What the open question asks to be allowed; a wish for just that is a yes."""
        if self.waiting is Waiting.CONFIRM_WAITLIST:
            return Intent.WAITLIST
        errand = self.memory.errand
        asks = self.waiting is Waiting.CONFIRM_CHANGE and errand is not None
        return CHANGES[errand.purpose] if asks and errand is not None else None

    @property
    def service(self) -> Offering | None:
        """What is to be booked: what the caller named, else what most people come for."""
        services = self.world.services
        named = (s for s in services if s.id == self.memory.service_id)
        return next(named, services[0] if services else None)

    @property
    def subject(self) -> dict[str, object]:
        """For what a time is to be found, as `calendar.find_slots` is asked."""
        m = self.memory
        if m.errand is not None and m.errand.appointment_id:
            return {"moving": m.errand.appointment_id, "staff_id": m.staff_id}
        return {"service_id": m.service_id, "staff_id": m.staff_id}

    # -- state -----------------------------------------------------------------------------------

    @property
    def waiting(self) -> Waiting:
        return Waiting(self.memory.waiting_for)

    @property
    def asked(self) -> Asked:
        return ASKED.get(self.waiting, Asked.NOTHING)

    @property
    def by_keypad(self) -> bool:
        return self.memory.keypad or not self.ears


def use(name: str, /, **arguments: object) -> Script[ToolOutcome]:
    """Use a tool; arguments that are None are left out."""
    given = {key: value for key, value in arguments.items() if value is not None}
    return (yield UseTool(name, given))


def text_of(outcome: ToolOutcome, key: str) -> str:
    value = outcome.data.get(key)
    return value if isinstance(value, str) else ""


def error_of(outcome: ToolOutcome) -> str:
    return "" if outcome.ok else text_of(outcome, "error") or "internal"


FAULTS = frozenset({"internal", "timeout", "bad_arguments", "unknown_tool"})
"""Errors that say nothing about the caller's wish."""


def failed(outcome: ToolOutcome) -> bool:
    """True when the tool itself is broken, not the wish refused."""
    return error_of(outcome) in FAULTS


def slots_of(outcome: ToolOutcome) -> list[Slot]:
    """The starts that a tool offers, or suggests in its refusal; each start once."""
    listed: Any = outcome.data.get("slots" if outcome.ok else "suggestions") or []
    found: dict[str, Slot] = {}
    for item in listed if isinstance(listed, Sequence) else ():
        if isinstance(item, dict) and item.get("slot_id") and item.get("start_iso"):
            slot = Slot(str(item["slot_id"]), str(item["start_iso"]))
            found.setdefault(slot.start, slot)
    return list(found.values())


def words_in(spoken: Spoken) -> int:
    return len(spoken.text.split())
