"""One request to the model, in words: the stable instructions of a business, the conversation, the state of the call.

Nothing that changes within a call stands before anything that does not: the prefix is what providers cache. No number
of a telephone goes out: whether one is known is all that a model needs to know of it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from dalpak.agents.dialogue import Talk
from dalpak.agents.memory import Slot
from dalpak.agents.openai_notes import US, Notes
from dalpak.agents.prompts import receptionist as words
from dalpak.domain.walltime import WEEKDAYS

Message = dict[str, str]


def instructions(overview: Mapping[str, Any], language: str) -> str:
    """The same text in every turn of every call of a business, until the business changes."""
    rules = words.RULES.format(language=words.LANGUAGES.get(language, language))
    hours = overview.get("hours") or {}
    return rules + words.BUSINESS.format(
        name=overview.get("name", ""),
        timezone=overview.get("timezone", ""),
        hours="; ".join(f"{day} {_windows(hours.get(day, ()))}" for day in WEEKDAYS),
        services="; ".join(map(_service, overview.get("services") or ())),
        staff="; ".join(f"{s['id']} = {s['name']}" for s in overview.get("staff") or ()),
        topics=", ".join(map(str, overview.get("topics") or ())),
    )


def cache_key(text: str) -> str:
    """Requests with the same beginning go to the same cache."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def messages(talk: Talk, notes: Notes, *, late_system: bool) -> list[Message]:
    """The conversation, the caller's words of this turn last, and the state of the call beside them."""
    told = [
        {"role": "assistant" if entry.who == US else "user", "content": entry.text}
        for entry in notes.history
        if entry.text
    ]
    state = _state(talk, notes)
    if late_system:
        return [*told[:-1], {"role": "system", "content": state}, told[-1]]
    last = told[-1]["content"]
    return [*told[:-1], {"role": "user", "content": f"{state}\n\nThe caller says: {last}"}]


def _windows(windows: Sequence[Sequence[str]]) -> str:
    return ", ".join(f"{opens}-{closes}" for opens, closes in windows) or "closed"


def _service(service: Mapping[str, Any]) -> str:
    also = f" (also {', '.join(service['aliases'])})" if service.get("aliases") else ""
    return f"{service['id']} = {service['name']}{also}, {service.get('duration_min')} minutes"


# -- the state of the call -------------------------------------------------------------------------


def _state(talk: Talk, notes: Notes) -> str:
    answer = notes.answers + 1
    return words.STATE.format(
        now=f"{talk.world.now:%a %Y-%m-%d %H:%M}",
        answer=answer,
        limit=words.FIRST_ANSWER if answer == 1 else "",
        lines="\n".join(_lines(talk, notes)),
    )


def _lines(talk: Talk, notes: Notes) -> list[str]:
    m = talk.memory
    name = "known" if m.has_name else "missing"
    number = "known" if m.has_phone or talk.caller_phone is not None else "missing"
    told = {
        "asked last": str(m.waiting_for),
        "service": m.service_id or "",
        "offered": _slots(talk, m.offered),
        "free next": "" if m.offered or m.slot else _slots(talk, _free(notes)),
        "chosen": _slots(talk, [m.slot] if m.slot else []),
        "caller": f"name {name}, number {number}",
        "read back": read_back(talk, notes),
        "booked in this call": _slots(talk, [m.booked] if m.booked else []),
        "moving": notes.moving or "",
        "caller's appointments": "; ".join(
            f"{i} = {what}" for i, what in notes.appointments.items()
        ),
        "last tool": notes.last,
    }
    return [f"{key}: {value}" for key, value in told.items() if value]


def _free(notes: Notes) -> list[Slot]:
    return [Slot(i, notes.slots[i]) for i in notes.free if i in notes.slots]


def _slots(talk: Talk, slots: Sequence[Slot]) -> str:
    return "; ".join(f"{s.id} = {talk.world.local(s.start):%a %Y-%m-%d %H:%M}" for s in slots)


def read_back(talk: Talk, notes: Notes) -> str:
    """What the caller was asked to agree to, for the model."""
    m, change = talk.memory, notes.read_back
    if change is not None:
        to = f" to {change.slot_id}" if change.slot_id else ""
        return f"{change.purpose} of {change.appointment_id}{to}, waiting for a yes"
    if m.slot is not None and m.nonce is not None:
        return f"booking of {m.slot.id}, waiting for a yes"
    return ""
