"""What the built-in agent remembers of a call: plain values that survive as JSON between turns.

Another process can go on from it. No decisions, no words.
"""

import datetime as dt
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from dalpak.ports.agent import AgentState

KEY = "builtin"
"""Its place in `AgentState.data`: another agent of the same call keeps its own beside it."""

OFFERED_BEFORE_MAX = 60
"""Refused times remembered, so that "something else" never brings the same again."""


@dataclass(slots=True)
class Slot:
    """One start on the table. `id` is opaque, issued by the tools in this call."""

    id: str
    start: str
    """ISO 8601 with offset."""


@dataclass(slots=True)
class Own:
    """An appointment of the caller's own, as the tools showed it."""

    id: str
    start: str
    """ISO 8601 with offset."""
    service_ids: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Errand:
    """What shall become of an appointment that stands."""

    purpose: str
    """As `calendar.read_back` takes it, or "tell"."""
    appointment_id: str = ""
    """Empty until it is clear which one is meant."""
    own: list[Own] = field(default_factory=list)
    """Those that it may be; empty until they were looked up."""
    shift_days: int | None = None
    """How far it is to move, when only that was said."""

    @property
    def meant(self) -> Own | None:
        return next((own for own in self.own if own.id == self.appointment_id), None)


@dataclass(slots=True)
class Want:
    """When the caller would like to come, as far as it was said. ISO dates, HH:MM times."""

    date: str | None = None
    date_to: str | None = None
    time: str | None = None
    window_from: str | None = None
    window_to: str | None = None
    part_of_day: str | None = None
    earliest: bool = False
    """Any day will do, from the first one on."""
    soonest: bool = False
    """The very first time is wanted: not a choice over the day."""

    @property
    def has_day(self) -> bool:
        return self.date is not None or self.date_to is not None or self.earliest

    @property
    def has_hour(self) -> bool:
        return any((self.time, self.window_from, self.window_to, self.part_of_day))

    @property
    def only_day(self) -> dt.date | None:
        """The one day that is wanted; None for a range, or for none."""
        one = self.date is not None and self.date_to in (None, self.date)
        return dt.date.fromisoformat(self.date) if one and self.date else None

    def set_time(self, at: dt.time) -> None:
        self.clear_hour()
        self.time = f"{at:%H:%M}"

    def set_day(self, first: dt.date | None, last: dt.date | None = None) -> None:
        self.date = first.isoformat() if first else None
        self.date_to = last.isoformat() if last else None
        self.earliest = self.soonest = False

    def clear_hour(self) -> None:
        self.time = self.window_from = self.window_to = self.part_of_day = None

    def arguments(self) -> dict[str, object]:
        """What `calendar.find_slots` is asked."""
        ours = {"earliest", "soonest"}
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ours}
        return {name: value for name, value in said.items() if value is not None}


@dataclass(slots=True)
class Memory:
    want: Want = field(default_factory=Want)
    offered: list[Slot] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Starts that were offered and not wanted."""
    slot: Slot | None = None
    """Chosen and held, not booked yet."""
    nonce: str | None = None
    """Of the read-back that waits for a yes."""
    errand: Errand | None = None
    """Until it is done or given up; what is chosen meanwhile is the new time of a move."""
    waits: bool = False
    """The waiting list was asked for, for what is wanted."""
    service_id: str | None = None
    service_told: bool = False
    """The caller has heard from us what is to be booked."""
    staff_id: str | None = None
    hours_asked: list[str] = field(default_factory=list)
    """The two readings of an ambiguous hour that the caller was asked about, HH:MM."""
    has_name: bool = False
    has_phone: bool = False
    name_tries: int = 0
    phone_tries: int = 0
    waiting_for: str = ""
    """What the last question was about: see `dialogue.Waiting`."""
    booked: Slot | None = None
    price_asked: bool = False
    """The price of a service was asked for, and we asked of which."""
    doubted: bool = False
    """A yes to this read-back that could have been a no was asked about once."""
    misses: int = 0
    keypad: bool = False
    """Led by menus, because nothing is understood or nothing can be."""
    menu: list[str] = field(default_factory=list)
    """What the keys of the menu on the table mean: days (ISO) or slot starts."""
    menu_page: int = 0
    menu_day: str | None = None

    def forget_slot(self) -> None:
        self.slot = None
        self.nonce = None

    def refuse_offered(self) -> None:
        self.refused += [slot.start for slot in self.offered if slot.start not in self.refused]
        self.refused = self.refused[-OFFERED_BEFORE_MAX:]
        self.offered = []

    def new_booking(self) -> None:
        """Another appointment in the same call: who is calling stays known."""
        kept = {name: getattr(self, name) for name in ("has_name", "has_phone", "keypad")}
        fresh = Memory(**kept)
        for f in fields(self):
            setattr(self, f.name, getattr(fresh, f.name))


def recall(state: AgentState) -> Memory:
    """What was remembered; unknown or missing fields of another version are skipped."""
    stored = state.data.get(KEY)
    if not isinstance(stored, dict):
        return Memory()
    known = {f.name: stored[f.name] for f in fields(Memory) if f.name in stored}
    known["want"] = _made(Want, known.get("want")) or Want()
    known["offered"] = [s for s in (_made(Slot, o) for o in known.get("offered", [])) if s]
    known["slot"] = _made(Slot, known.get("slot"))
    known["booked"] = _made(Slot, known.get("booked"))
    errand = _made(Errand, known.get("errand"))
    if errand is not None:
        errand.own = [own for own in (_made(Own, o) for o in errand.own) if own]
    known["errand"] = errand
    return Memory(**known)


def keep(state: AgentState, memory: Memory) -> None:
    state.data[KEY] = asdict(memory)


def _made(kind: Any, stored: object) -> Any:
    if not isinstance(stored, dict):
        return None
    names = {f.name for f in fields(kind)}
    return kind(**{name: value for name, value in stored.items() if name in names})
