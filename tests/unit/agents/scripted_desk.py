"""A desk for tests of agents: the rules of the real tools over a calendar in memory.

Two words of caution it keeps as the real one does: nothing is booked that was not offered, chosen,
read back, heard and agreed to; and an unknown argument is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dalpak.language.base import Spoken
from dalpak.language.he import HEBREW
from dalpak.ports.agent import CollectDigits, SayGoodbye, ToolOutcome, TransferTo

ZONE = ZoneInfo("Asia/Jerusalem")
NOW = datetime(2026, 11, 22, 10, 15, tzinfo=ZONE)  # a Sunday
STEP_MIN = 30
NOTICE = timedelta(minutes=60)
WINDOW = timedelta(days=30)
HOURS: dict[int, tuple[str, str] | None] = {
    6: ("09:00", "19:00"),
    0: ("09:00", "19:00"),
    1: ("09:00", "19:00"),
    2: ("09:00", "19:00"),
    3: ("09:00", "19:00"),
    4: ("08:30", "13:00"),
    5: None,
}
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SERVICES = (
    {"id": "cut", "name": "תספורת", "aliases": [], "ipa": "tispˈoʁet"},
    {"id": "colour", "name": "צבע", "aliases": [], "ipa": "tsˈeva"},
)
STAFF = ({"id": "tamar", "name": "תמר", "aliases": [], "ipa": "tamˈaʁ"},)
ARGUMENTS = {
    "business.overview": set(),
    "business.hours": {"date"},
    "business.facts": {"topic", "service_id"},
    "calendar.find_slots": {
        "date",
        "date_to",
        "time",
        "window_from",
        "window_to",
        "part_of_day",
        "service_id",
        "staff_id",
        "limit",
    },
    "calendar.choose_slot": {"slot_id"},
    "calendar.read_back": set(),
    "calendar.create_appointment": {"slot", "nonce"},
    "leads.note_contact": {"name", "phone"},
    "leads.take_message": {"text"},
    "call.collect_phone": set(),
    "call.transfer": set(),
    "call.goodbye": set(),
    "messages.ask": set(),
    "messages.note": set(),
    "messages.promise": set(),
}
WRITES = {
    "calendar.read_back",
    "calendar.create_appointment",
    "leads.note_contact",
    "leads.take_message",
    "messages.note",
}
PARTS = {
    "morning": (5, 12),
    "noon": (12, 15),
    "afternoon": (15, 18),
    "evening": (18, 22),
    "night": (22, 24),
}


def fail(error: str, **data: object) -> ToolOutcome:
    directive = CollectDigits("phone", 15) if error == "need_phone" else None
    return ToolOutcome({"ok": False, "error": error, "reason": error, **data}, directive=directive)


@dataclass
class ScriptedDesk:
    """`ports.agent.Toolbox`. Tests look at `booked`, `messages`, `calls` and break it at will."""

    caller_phone: str | None = None
    owner_phone: str | None = None
    require_phone: bool = True
    ears: bool = True
    busy: set[datetime] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    taken_at_create: bool = False
    name: str | None = None
    phone: str | None = None
    booked: list[tuple[datetime, str | None, str | None, str | None]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    offered: dict[str, datetime] = field(default_factory=dict)
    chosen: str | None = None
    service: str | None = None
    nonce: str | None = None
    heard: bool = True
    """Whether the caller heard the last read-back to its end."""

    def names(self) -> tuple[str, ...]:
        return tuple(ARGUMENTS)

    def writes(self, name: str) -> bool:
        return name in WRITES

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolOutcome:
        self.calls.append(name)
        if name in self.broken:
            return fail("internal")
        assert set(arguments) <= ARGUMENTS[name], (name, arguments)
        handler = getattr(self, name.replace(".", "_"))
        outcome = handler(**arguments)
        assert isinstance(outcome, ToolOutcome)
        return outcome

    # -- messages: nothing is sent from here, so nothing is asked ---------------------------------

    def messages_ask(self) -> ToolOutcome:
        return ToolOutcome({"ok": True})

    messages_promise = messages_ask

    def messages_note(self) -> ToolOutcome:
        return fail("nothing_said")

    # -- calendar --------------------------------------------------------------------------------

    def starts(self, day: date) -> list[datetime]:
        hours = HOURS[day.weekday()]
        if hours is None or day > (NOW + WINDOW).date():
            return []
        at = datetime.combine(day, time.fromisoformat(hours[0]), ZONE)
        last = datetime.combine(day, time.fromisoformat(hours[1]), ZONE)
        found = []
        while at < last:
            if at >= NOW + NOTICE and at not in self.busy:
                found.append(at)
            at += timedelta(minutes=STEP_MIN)
        return found

    def show(self, at: datetime) -> dict[str, object]:
        slot_id = next((k for k, v in self.offered.items() if v == at), f"s{len(self.offered)}")
        self.offered[slot_id] = at
        return {"slot_id": slot_id, "start_iso": at.isoformat(), "resource_id": "r"}

    def why_not(self, at: datetime) -> str:
        hours = HOURS[at.weekday()]
        if at.date() > (NOW + WINDOW).date():
            return "too_far"
        if hours is None or not hours[0] <= f"{at:%H:%M}" < hours[1]:
            return "closed"
        if at < NOW + NOTICE:
            return "too_soon"
        return "off_grid" if at.minute % STEP_MIN else "taken"

    def around(self, at: datetime) -> list[datetime]:
        near = min(at.date(), (NOW + WINDOW).date())
        days = [near + timedelta(days=n) for n in range(-3, 10)]
        free = [s for day in days for s in self.starts(max(day, NOW.date()))]
        return sorted(sorted(set(free), key=lambda s: abs(s - at))[:2])

    def refuse(self, at: datetime, error: str | None = None) -> ToolOutcome:
        suggestions = [self.show(s) for s in self.around(at)]
        return fail(error or self.why_not(at), suggestions=suggestions)

    def calendar_find_slots(self, **a: object) -> ToolOutcome:
        limit = int(str(a.get("limit") or 3))
        self.service = str(a["service_id"]) if a.get("service_id") else self.service
        first = date.fromisoformat(str(a["date"])) if a.get("date") else None
        last = date.fromisoformat(str(a["date_to"])) if a.get("date_to") else first
        exact = None
        if first and first == last and a.get("time"):
            at = datetime.combine(first, time.fromisoformat(str(a["time"])), ZONE)
            if at not in self.starts(first):
                return self.refuse(at)
            exact = at
        start = max(first or NOW.date(), NOW.date())
        end = min(last or NOW.date() + WINDOW, NOW.date() + WINDOW)
        days = [start + timedelta(days=n) for n in range(max(0, (end - start).days + 1))]
        per_day = [[s for s in self.starts(day) if self.suits(s, a)] for day in days]
        per_day = [day for day in per_day if day]
        if not per_day and exact is None:
            if first and not any(HOURS[day.weekday()] for day in days):
                noon = datetime.combine(first, time(12), ZONE)
                return self.refuse(noon, "too_far" if not days else "closed")
            return self.refuse(datetime.combine(start, time(9), ZONE), "none_free")
        if a.get("time") and exact is None:
            wanted = time.fromisoformat(str(a["time"]))
            per_day = [[s for s in day if s.time() == wanted] or day[:1] for day in per_day]
        slots = self.pick(per_day, limit, ranged=last is not None and last != first)
        if exact:
            slots = [exact, *(s for s in slots if s != exact)][:limit]
        shown = [self.show(s) for s in slots]
        return ToolOutcome(
            {"ok": True, "slots": shown, "exact": shown[0]["slot_id"] if exact else None}
        )

    @staticmethod
    def pick(days: list[list[datetime]], limit: int, *, ranged: bool) -> list[datetime]:
        flat = [s for day in days for s in day]
        if ranged:
            firsts = [day[0] for day in days][:limit]
            return sorted(firsts + [s for day in days for s in day[1:]][: limit - len(firsts)])
        if len(days) == 1 and len(flat) > limit > 1:
            return [flat[round(n * (len(flat) - 1) / (limit - 1))] for n in range(limit)]
        return flat[:limit]

    @staticmethod
    def suits(at: datetime, a: Mapping[str, object]) -> bool:
        clock = f"{at:%H:%M}"
        if a.get("window_from") and clock < str(a["window_from"]):
            return False
        if a.get("window_to") and clock >= str(a["window_to"]):
            return False
        first, last = PARTS[str(a["part_of_day"])] if a.get("part_of_day") else (0, 24)
        return first <= at.hour < last

    def calendar_choose_slot(self, slot_id: str) -> ToolOutcome:
        if slot_id not in self.offered:
            return fail("not_offered")
        self.chosen, self.nonce = slot_id, None
        return ToolOutcome({"ok": True, **self.show(self.offered[slot_id])})

    def calendar_read_back(self) -> ToolOutcome:
        if self.chosen is None:
            return fail("no_slot")
        if self.name is None and self.ears:
            return fail("need_name")
        if self.phone is None and (self.require_phone or self.name is None):
            return fail("need_phone")
        at = self.offered[self.chosen]
        if at in self.busy:
            return self.refuse(at, "taken")
        self.nonce = f"n{len(self.calls)}"
        parts = {"name": Spoken(self.name or ""), "phone": HEBREW.speech.digits(self.phone or "")}
        key = "read_back" if self.name and self.phone else "read_back_no_phone"
        if self.name is None:
            key = "read_back_no_name"
        say = HEBREW.phrase(key, when=HEBREW.speech.moment(at, NOW), **self.what(), **parts)
        return ToolOutcome({"ok": True, "nonce": self.nonce}, say=say, say_tag=self.nonce)

    def what(self) -> dict[str, Spoken]:
        service = next(s for s in SERVICES if s["id"] == (self.service or "cut"))
        return {"service": Spoken(str(service["name"]), str(service["ipa"]))}

    def calendar_create_appointment(self, slot: str, nonce: str) -> ToolOutcome:
        if slot != self.chosen or nonce != self.nonce or not self.heard:
            return fail("not_confirmed")
        at = self.offered[slot]
        if self.taken_at_create or at in self.busy:
            self.taken_at_create = False
            self.busy.add(at)
            return self.refuse(at, "taken")
        self.busy.add(at)
        self.nonce = None
        self.booked.append((at, self.service, self.name, self.phone))
        say = HEBREW.phrase("booked", when=HEBREW.speech.moment(at, NOW), **self.what())
        return ToolOutcome({"ok": True, "appointment_id": "a1"}, say=say)

    # -- the rest --------------------------------------------------------------------------------

    def leads_note_contact(self, name: str | None = None, phone: str | None = None) -> ToolOutcome:
        if name is not None:
            self.name = name
        if phone is not None:
            digits = phone.replace("+972", "0")
            if not (digits.isdecimal() and 9 <= len(digits) <= 10 and digits[0] == "0"):
                return fail("bad_phone")
            self.phone = digits
        self.nonce = None
        return ToolOutcome({"ok": True})

    def leads_take_message(self, text: str) -> ToolOutcome:
        self.messages.append(text)
        return ToolOutcome({"ok": True})

    def call_collect_phone(self) -> ToolOutcome:
        return ToolOutcome({"ok": True}, directive=CollectDigits("phone", 15))

    def call_transfer(self) -> ToolOutcome:
        if self.owner_phone is None:
            return fail("no_person")
        return ToolOutcome({"ok": True}, directive=TransferTo(self.owner_phone))

    def call_goodbye(self) -> ToolOutcome:
        return ToolOutcome({"ok": True}, directive=SayGoodbye())

    def business_overview(self) -> ToolOutcome:
        hours = {NAMES[n]: [list(h)] if h else [] for n, h in HOURS.items()}
        data = {"ok": True, "now_iso": NOW.isoformat(), "timezone": "Asia/Jerusalem"}
        return ToolOutcome({**data, "hours": hours, "services": SERVICES, "staff": STAFF})

    def business_hours(self, date: str | None = None) -> ToolOutcome:
        day = datetime.fromisoformat(date).date() if date else NOW.date()
        spoken = HEBREW.speech.day(day, NOW.date())
        return ToolOutcome({"ok": True}, say=HEBREW.phrase("closed_all_day", day=spoken))

    def business_facts(self, topic: str, service_id: str | None = None) -> ToolOutcome:
        if topic == "address":
            return fail("unknown")
        if service_id is None:
            return fail("need_service")
        price = HEBREW.speech.money(120)
        return ToolOutcome({"ok": True}, say=HEBREW.phrase("price", price=price, **self.what()))
