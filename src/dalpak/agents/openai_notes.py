"""What the model's agent remembers of a call, beside the memory that it shares with the built-in one.

The history holds what the caller really heard and nothing that identifies a telephone: read-backs, keyed numbers and
messages stand in it as one line each. Plain values that survive as JSON; no request, no decision.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from dalpak.agents.dialogue import slots_of
from dalpak.agents.prompts import receptionist as words
from dalpak.language.base import Language
from dalpak.logs import mask_phone
from dalpak.ports.agent import AgentState, Say, Toolbox, ToolOutcome

KEY = "openai"
"""Its place in `AgentState.data`."""
HISTORY_MAX = 24
"""Entries; a booking takes about sixteen, and what was settled stands in the state of the call."""
SLOTS_MAX = 64
APPOINTMENTS_MAX = 10
CALLER_TEXT_MAX = 600
"""Characters of one turn of the caller; an STT that went mad must not fill the prompt."""

CALLER, US = "user", "assistant"
BOOK = "book"


@dataclass(slots=True)
class Part:
    """One thing that we said: as the model is told of it, and how many words the caller had to hear."""

    text: str
    words: int
    whole: str = ""
    """Told instead when it was cut; empty for free words, which are told as far as they were heard."""


@dataclass(slots=True)
class Entry:
    who: str
    parts: list[Part] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join(part.text for part in self.parts if part.text)


@dataclass(slots=True)
class ReadBack:
    """The read-back of a change that waits for a yes; one of a booking is in the shared memory."""

    purpose: str
    appointment_id: str
    slot_id: str
    nonce: str


@dataclass(slots=True)
class Notes:
    answers: int = 0
    """Answers given in this call (SPEC D4's `turn_count`)."""
    history: list[Entry] = field(default_factory=list)
    slots: dict[str, str] = field(default_factory=dict)
    """Start of every slot that a tool told of, by its id."""
    free: list[str] = field(default_factory=list)
    """Ids of the next free times, looked up once."""
    appointments: dict[str, str] = field(default_factory=dict)
    """The caller's own, by id: when and what."""
    moving: str | None = None
    """The appointment for which a new time is being found."""
    read_back: ReadBack | None = None
    last: str = ""
    """What the last tool refused, for the model."""

    # -- the conversation --------------------------------------------------------------------------

    def caller_said(self, text: str) -> None:
        if self.history and self.history[-1].who == CALLER:
            # Nobody here answered that: the built-in agent did, or the turn was cut.
            self._add(Entry(US, [Part(words.ANSWERED, 0)]))
        kept = mask_phone(text)[:CALLER_TEXT_MAX]
        self._add(Entry(CALLER, [Part(kept, 0)]))

    def we_said(self, said: Say, language: Language) -> None:
        count = len(said.spoken.text.split())
        if said.tag is not None:
            part = Part(words.READ_BACK, count, words.READ_BACK_CUT)
        elif said.free_text and language.claims_booking(said.spoken.text):
            part = Part(words.BLOCKED, count, words.BLOCKED)
        else:
            part = Part(mask_phone(said.spoken.text), count)
        if not self.history or self.history[-1].who != US:
            self._add(Entry(US))
            self.answers += 1
        self.history[-1].parts.append(part)

    def heard_only(self, heard: str | None) -> None:
        """The caller interrupted the last answer: what was not heard was not said."""
        if not self.history or self.history[-1].who != US:
            return
        entry = self.history[-1]
        if heard is None:
            entry.parts.append(Part(words.CUT_OFF, 0))
            return
        left = len(heard.split())
        kept: list[Part] = []
        for part in entry.parts:
            if left >= part.words:
                kept.append(part)
                left -= part.words
                continue
            if left:
                shown = part.whole or " ".join(part.text.split()[:left])
                kept.append(Part(shown, left))
            break
        entry.parts = [*kept, Part(words.CUT_OFF, 0)]

    def _add(self, entry: Entry) -> None:
        self.history = [*self.history, entry][-HISTORY_MAX:]

    # -- what tools told ---------------------------------------------------------------------------

    def learn(self, tool: str, arguments: Mapping[str, object], outcome: ToolOutcome) -> None:
        for slot in slots_of(outcome):
            self.slots[slot.id] = slot.start
        for old in list(self.slots)[:-SLOTS_MAX]:
            del self.slots[old]
        self.last = ""
        if not outcome.ok:
            self.last = f"{tool}: {outcome.data.get('error')} ({outcome.data.get('reason')})"
        if tool == "calendar.my_appointments":
            self._learn_appointments(outcome.data.get("appointments"))
        elif tool == "calendar.read_back" and outcome.say_tag is not None:
            self._learn_read_back(arguments, outcome, outcome.say_tag)
        elif tool in _ENDS_READ_BACK:
            self.read_back = None
        if outcome.data.get("error") == "taken":
            self.free = []

    def _learn_read_back(
        self, arguments: Mapping[str, object], outcome: ToolOutcome, nonce: str
    ) -> None:
        purpose = str(arguments.get("purpose") or BOOK)
        of = str(arguments.get("appointment_id") or "")
        at = str(outcome.data.get("slot_id") or "")
        self.read_back = None if purpose == BOOK else ReadBack(purpose, of, at, nonce)

    def _learn_appointments(self, listed: object) -> None:
        rows: Any = listed if isinstance(listed, list) else []
        self.appointments = {
            str(row["appointment_id"]): f"{row['start_iso']} {', '.join(row['services'])}"
            for row in rows[:APPOINTMENTS_MAX]
        }

    def nonce_for(self, purpose: str, appointment_id: str) -> str:
        """Of the read-back that asked exactly this; empty when there is none."""
        back = self.read_back
        same = back is not None and (back.purpose, back.appointment_id) == (purpose, appointment_id)
        return back.nonce if back is not None and same else ""


_ENDS_READ_BACK = frozenset(
    {
        "calendar.choose_slot",
        "calendar.create_appointment",
        "calendar.reschedule",
        "calendar.cancel",
        "leads.note_contact",
    }
)


class NotingTools:
    """The call's tools, and a note of what each of them told: whoever uses them, model or script."""

    def __init__(self, tools: Toolbox, notes: Notes) -> None:
        self._tools, self._notes = tools, notes
        self.overview: Mapping[str, Any] = {}

    def names(self) -> tuple[str, ...]:
        return self._tools.names()

    def writes(self, name: str) -> bool:
        return self._tools.writes(name)

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        outcome = await self._tools.call(name, arguments)
        if name == "business.overview":
            self.overview = outcome.data
        else:
            self._notes.learn(name, arguments, outcome)
        return outcome


def recall_notes(state: AgentState) -> Notes:
    """What was noted; unknown or missing fields of another version are skipped."""
    stored: Any = state.data.get(KEY)
    if not isinstance(stored, dict):
        return Notes()
    known = {f.name: stored[f.name] for f in fields(Notes) if f.name in stored}
    known["history"] = [
        Entry(entry["who"], [Part(**part) for part in entry["parts"]])
        for entry in known.get("history", [])
    ]
    back = known.get("read_back")
    known["read_back"] = ReadBack(**back) if isinstance(back, dict) else None
    return Notes(**known)


def keep_notes(state: AgentState, notes: Notes) -> None:
    state.data[KEY] = asdict(notes)
