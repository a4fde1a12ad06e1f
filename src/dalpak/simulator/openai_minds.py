"""Models for the simulated server: one that does its work, and one that has turned against its callers.

The competent one reads what a model gets, the state of the call and the caller's last words, and answers with one tool,
step by step towards a booking. The hostile one calls any tool with anything it has ever seen. What words they use comes
from whoever makes them: no language lives here.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dalpak.language.base import Answer as Heard
from dalpak.language.base import Asked, HearingContext, Intent, Language, Understood
from dalpak.simulator.openai_wire import Answer, Call, Item, Refusal, Request, Text, answer

SAYS = "The caller says: "
_STATE = re.compile(r"\[state of the call, from the system\]\n(.*?)\n\[end of state\]", re.DOTALL)
_SLOT = re.compile(r"(s\d+) = \w{3} (\d{4}-\d\d-\d\d) (\d\d:\d\d)")
_NOW = "%a %Y-%m-%d %H:%M"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a request tells a model of the call."""

    state: dict[str, str]
    caller: str
    """The caller's last words."""

    @classmethod
    def of(cls, request: Request) -> "Sight":
        found = _STATE.search(request.said)
        lines = found.group(1).splitlines() if found else []
        state = {key: value for key, _, value in (line.partition(": ") for line in lines)}
        users = [text for role, text in request.messages if role == "user"]
        return cls(state, users[-1].rpartition(SAYS)[2] if users else "")

    @property
    def now(self) -> datetime:
        return datetime.strptime(self.state["now"], _NOW)  # noqa: DTZ007 - the business's wall clock

    def slots(self, line: str) -> list[tuple[str, datetime]]:
        """Ids and local starts of a line of the state: `offered`, `chosen`, `free next`."""
        told = _SLOT.findall(self.state.get(line, ""))
        return [(i, datetime.fromisoformat(f"{day}T{at}")) for i, day, at in told]


class Competent:
    """Books as the instructions say. Deterministic: the same request, the same answer."""

    def __init__(self, language: Language, small_talk: str) -> None:
        """`small_talk` is what it says when no tool fits, in the callers' language."""
        self._language, self._small_talk = language, small_talk

    def __call__(self, request: Request) -> Answer:
        sight = Sight.of(request)
        asked = sight.state.get("asked last", "")
        heard = self._language.understand(sight.caller, self._context(sight, asked))
        return answer(self._chosen(sight, heard, asked))

    def _context(self, sight: Sight, asked: str) -> HearingContext:
        question = Asked.CHOICE if sight.slots("offered") else Asked.NOTHING
        if "read back" in sight.state:
            question = Asked.YES_NO
        elif asked == "name":
            question = Asked.NAME
        starts = tuple(start for _, start in sight.slots("offered"))
        return HearingContext(now=sight.now, asked=question, offered=starts)

    def _chosen(self, sight: Sight, u: Understood, asked: str) -> Item:
        chosen = sight.slots("chosen")
        if "read back" in sight.state and u.answer is Heard.AFFIRM and chosen:
            return Call("calendar_create_appointment", {"slot": chosen[0][0]})
        picked = self._picked(sight, u)
        if picked is not None:
            return Call("calendar_choose_slot", {"slot_id": picked})
        if u.intent is Intent.QUERY_HOURS:
            return Call("business_hours", {"date": None})
        if u.intent is Intent.QUERY_ADDRESS:
            return Call("business_facts", {"topic": "address", "service_id": None})
        if u.intent is Intent.HUMAN:
            return Call("call_transfer")
        if u.intent is Intent.GOODBYE or (asked == "more" and u.answer is Heard.DENY):
            return Call("call_goodbye")
        if u.says_when or u.wants_earliest:
            return Call("calendar_find_slots", self._wish(u))
        name = u.name or (sight.caller if asked == "name" else None)
        if name is not None:
            return Call("leads_note_contact", {"name": name, "phone": None})
        return Call("say", {"text": self._small_talk, "asks": "when"})

    def _picked(self, sight: Sight, u: Understood) -> str | None:
        offered = sight.slots("offered")
        if u.choice is not None and 0 < u.choice <= len(offered):
            return offered[u.choice - 1][0]
        same = [
            i for i, start in offered if u.when_time is not None and start.time() == u.when_time
        ]
        return same[0] if len(same) == 1 else None

    def _wish(self, u: Understood) -> dict[str, Any]:
        after, before = u.window or (None, None)
        first, last = u.date_range or (u.when_date, None)
        return {
            "date": first.isoformat() if first else None,
            "date_to": last.isoformat() if last else None,
            "time": f"{u.when_time:%H:%M}" if u.when_time else None,
            "window_from": f"{after:%H:%M}" if after else None,
            "window_to": f"{before:%H:%M}" if before else None,
            "part_of_day": str(u.part_of_day) if u.part_of_day else None,
        }


@dataclass(frozen=True, slots=True)
class Arsenal:
    """What a hostile model says and tries beside what it has seen."""

    claims: Sequence[str]
    """Sentences that claim what never happened."""
    chatter: Sequence[str]
    names: Sequence[str]
    phones: Sequence[str]
    ids: Sequence[str]
    """Appointments of others, of nobody, and what is no id at all."""


GARBAGE = ("", "{", "[]", "null", '{"text": 5}', '{"slot": {"$ne": 1}}', "\x00", "{" * 2_000)
_ID = re.compile(r"\b(?:appt_\w+|s\d+|rb_\w+)\b")
SEEN_MAX = 60


def _next_on_the_road(sight: Sight) -> str:
    """The step that a booking needs now: from where an attack means something."""
    if "read back" in sight.state:
        return "calendar_create_appointment"
    if sight.slots("chosen"):
        known = "name known" in sight.state.get("caller", "")
        return "calendar_read_back" if known else "leads_note_contact"
    return "calendar_choose_slot" if sight.slots("offered") else "calendar_find_slots"


class Hostile:
    """Calls, claims, refuses, writes garbage: whatever the dice say. It stays near the way to a booking often enough
    for its attacks to mean something.
    """

    def __init__(self, rng: random.Random, arsenal: Arsenal) -> None:
        self._rng, self._arsenal = rng, arsenal
        self._seen: list[str] = [*arsenal.ids, "s1", "s999"]
        self.claimed = 0
        self.told: list[str] = []
        """Everything that was ever sent to it."""

    def __call__(self, request: Request) -> Answer:
        self.told.append(request.said)
        self._seen = (self._seen + _ID.findall(request.said))[-SEEN_MAX:]
        rng, dice = self._rng, self._rng.random()
        if dice < 0.03:
            return Answer()
        if dice < 0.06:
            return answer(Refusal())
        if dice < 0.1:
            return Answer((self._call(request),), incomplete=True)
        items = [self._item(request) for _ in range(rng.choice((1, 1, 1, 2, 3)))]
        return answer(*items)

    def _item(self, request: Request) -> Item:
        rng, dice = self._rng, self._rng.random()
        if dice < 0.15:
            return Call("say", {"text": self._words(), "asks": rng.choice(("when", "name", "x"))})
        if dice < 0.25:
            return Text(self._words())
        return self._call(request)

    def _words(self) -> str:
        rng = self._rng
        if rng.random() < 0.3:
            return " ".join(rng.choices(self._arsenal.chatter, k=rng.choice((1, 2, 40))))
        self.claimed += 1
        return f"{rng.choice(self._arsenal.claims)}."

    def _call(self, request: Request) -> Call:
        rng, dice = self._rng, self._rng.random()
        if dice < 0.04:
            return Call(rng.choice(("call_admin", "calendar.find_slots", "", "say_it")), "{}")
        if dice < 0.1:
            return Call(rng.choice(request.tools), rng.choice(GARBAGE))
        straight = rng.random() < 0.8
        name = _next_on_the_road(Sight.of(request)) if straight else rng.choice(request.tools)
        return Call(name, self._arguments(request, name))

    def _arguments(self, request: Request, name: str) -> dict[str, object]:
        rng = self._rng
        for tool in request.body["tools"]:
            shown = tool.get("function") or tool
            if shown["name"] == name:
                known = shown["parameters"]["properties"]
                break
        else:
            known = {}
        pool = self._guesses(Sight.of(request))
        made = {key: pool.get(key) if rng.random() < 0.85 else None for key in known}
        if rng.random() < 0.05:
            made |= {"business_id": "other", "call_id": "call-0", "nonce": "rb_1"}
        return made

    def _guesses(self, sight: Sight) -> dict[str, object]:
        rng, arsenal = self._rng, self._arsenal
        told = [i for line in ("chosen", "offered", "free next") for i, _ in sight.slots(line)]
        slot = rng.choice(told) if told and rng.random() < 0.8 else rng.choice(self._seen)
        day = sight.state.get("now", "x 2026-11-24 x").split()[1]
        return {
            "date": rng.choice((day, "2026-11-24", "2026-11-25", "2026-02-31", "tomorrow")),
            "time": rng.choice((None, "10:00", "10:30", "11:00", "10:07", "20:00", "25:99")),
            "slot_id": slot,
            "slot": slot,
            "purpose": rng.choice((None, "book", "book", "reschedule", "cancel")),
            "appointment_id": rng.choice(self._seen),
            "moving": rng.choice(self._seen) if rng.random() < 0.1 else None,
            "name": rng.choice(arsenal.names),
            "phone": rng.choice(arsenal.phones) if rng.random() < 0.3 else None,
            "last4": rng.choice(("0000", "1234", "12")),
            "service_id": rng.choice((None, "cut", "colour", "massage")),
            "topic": rng.choice(("address", "price", "owner_phone")),
            "text": rng.choice(arsenal.claims),
            "asks": "nothing",
            "limit": rng.choice((None, 1, 100, 10_000, "many")),
        }
