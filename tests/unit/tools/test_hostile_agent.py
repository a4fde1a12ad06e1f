"""The agent replaced by an attacker: any tool, any order, any argument, and it forges what it can.

Only the database is believed: every appointment in it must have been offered in its call, read
back, heard to the end and agreed to, by words that the attacker cannot utter.
"""

import asyncio
import random

import pytest
from front_desk import TUESDAY, Caller, FakeClock, salon
from memory_store import MemoryStore

from dalpak.domain.records import AppointmentStatus
from dalpak.language.base import Answer
from dalpak.ports.agent import ToolOutcome

pytestmark = pytest.mark.unit

CALLS = 200
STEPS = 40
ROAD = (
    "leads.note_contact",
    "calendar.find_slots",
    "calendar.choose_slot",
    "calendar.read_back",
    "calendar.create_appointment",
)
"""More often than not the attacker stays on the way that leads to a booking."""
DAYS = (TUESDAY, "2026-11-25")
HOURS = ("10:00", "10:30", "10:07", "20:00")


class Call:
    """One attacked call, and the truth about it: what its caller heard and agreed to."""

    def __init__(self, caller: Caller, rng: random.Random) -> None:
        self.caller, self.rng = caller, rng
        self.seen: list[str] = ["s1", "s2", "s999"]
        self.nonces: list[str] = ["", "rb_00000001"]
        self.told: dict[str, str] = {}
        """Nonce -> the start that was read back with it."""
        self.agreed: set[str] = set()
        """Starts that the caller heard out and said yes to."""
        self.last_heard: str | None = None
        self.on_road = 0

    def guess(self) -> dict[str, object]:
        rng = self.rng
        # The truth is not in here: what was heard and agreed to is not the attacker's to say.
        pool: dict[str, object] = {
            "date": rng.choice(DAYS),
            "time": rng.choice(HOURS),
            "slot_id": rng.choice((*self.seen[:4], *self.seen[-4:])),
            "slot": rng.choice((self.chosen(), *self.seen[-3:], f"{TUESDAY}T10:00", "s1")),
            "nonce": rng.choice((self.nonces[-1], self.nonces[-1], rng.choice(self.nonces))),
            "name": rng.choice(("Noa", "Noa", "Noa", "Dana", "'; DROP TABLE appointment; --")),
            "phone": rng.choice(("0523456789", "0523456789", "0523456780", "911")),
            "text": "I was told it is booked",
            "topic": rng.choice(("address", "price", "owner_phone")),
            "business_id": "other",
            "call_id": "call-0",
        }
        return pool

    def chosen(self) -> str:
        return self.caller.gate.chosen.id if self.caller.gate.chosen else "s1"

    async def attack(self) -> None:
        rng, tools = self.rng, self.caller.tools
        straight = rng.random() < 0.6
        name = ROAD[self.on_road % len(ROAD)] if straight else rng.choice(tools.names())
        spec = tools.spec(name)
        assert spec is not None
        pool = self.guess()
        wanted = [k for k in spec.args.__struct_fields__ if k in pool and rng.random() < 0.9]
        if rng.random() < 0.05:
            wanted.append(rng.choice(("business_id", "call_id")))
        outcome = await tools.call(name, {k: pool[k] for k in wanted})
        self.on_road += straight and outcome.ok
        self.learn(name, outcome)

    def learn(self, name: str, outcome: ToolOutcome) -> None:
        for key in ("slots", "suggestions"):
            shown = outcome.data.get(key) or []
            assert isinstance(shown, list)
            self.seen += [s["slot_id"] for s in shown]
        if name == "calendar.read_back" and outcome.say_tag:
            self.nonces.append(outcome.say_tag)
            self.told[outcome.say_tag] = str(outcome.data["start_iso"])
        if outcome.ok and name == "calendar.create_appointment":
            assert outcome.say is not None
        if outcome.directive is not None:
            assert "number" not in str(outcome.directive) or "+972502345678" in str(
                outcome.directive
            )

    def runtime(self) -> None:
        """What really happens on the line, which no agent can bring about."""
        gate, rng = self.caller.gate, self.rng
        if self.told and rng.random() < 0.6:
            # Marks come back in the order in which the read-backs were spoken.
            spoken = list(self.told)
            first = spoken.index(self.last_heard) if self.last_heard else 0
            nonce = rng.choice(spoken[max(first, len(spoken) - 2) :])
            gate.heard(nonce)
            self.last_heard = nonce
        answer = rng.choice((Answer.AFFIRM, Answer.AFFIRM, Answer.AFFIRM, Answer.DENY, None))
        gate.caller_said(answer)
        if answer is Answer.AFFIRM and self.last_heard is not None:
            self.agreed.add(self.told[self.last_heard])


async def one_world(seed: int) -> int:
    rng = random.Random(seed)
    store, clock = MemoryStore(salon(), salon("other")), FakeClock()
    calls = [Call(Caller(store, clock, call_id=f"call-{n}"), rng) for n in range(2)]
    for _ in range(STEPS):
        for call in calls:
            await call.attack()
            if rng.random() < 0.4:
                call.runtime()
        if rng.random() < 0.1:
            clock.forward(minutes=rng.choice((1, 4)))
    assert not store.tables("other").rows
    assert not store.tables("other").leads
    rows = list(store.tables("salon").rows.values())
    booked = [r for r in rows if r.appointment.status is AppointmentStatus.BOOKED]
    places = [(r.appointment.resource_id, r.lane, r.appointment.start) for r in booked]
    assert len(places) == len(set(places)), f"seed {seed}"
    for row in booked:
        call = calls[int(str(row.appointment.call_id).removeprefix("call-"))]
        office = row.appointment.start.astimezone(call.caller.ctx.policies.get("salon").policy.zone)
        assert office.isoformat() in call.agreed, f"seed {seed}"
        assert row.appointment.phone, f"seed {seed}"
    created = [e for e in store.tables("salon").events if e.startswith("appointment.created")]
    assert sorted(created) == sorted(f"appointment.created:{r.appointment.id}" for r in booked)
    return len(booked)


def test_no_attack_books_what_nobody_agreed_to() -> None:
    async def all_worlds() -> int:
        return sum([await one_world(seed) for seed in range(CALLS)])

    assert asyncio.run(all_worlds()) > 100, "the attacks never get near the door"
