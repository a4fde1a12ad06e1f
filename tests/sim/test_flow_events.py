"""Follow-up in virtual time: ten thousand bookings through every kind of trouble, and reminders that
meet cancellations in every order."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flow_world import SCOPE, START, Provider, World
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dalpak.clock import VirtualClock, run_virtual
from dalpak.domain.events import appointment_cancelled, appointment_rescheduled
from dalpak.domain.messaging import MessagingRules, ReminderRule
from dalpak.domain.records import AppointmentStatus
from dalpak.domain.reminders import JUST_TOLD, due_at
from dalpak.flows.housekeeping import tell_due_reminders
from dalpak.ports.messenger import Features

pytestmark = pytest.mark.sim

EVENTS, EVENTS_LONG = 500, 10_000
"""`--long` (make chaos) has as many as the figures tell of."""
ASKED = Features(can_be_asked=True)
SAME_KEY = Features(deduplicates=True)
RECEIPTS = Features(receipts=True)


async def follow_up(features: Features, events: int, seed: int) -> tuple[World, list[Provider]]:
    dice = random.Random(seed)
    world = World(VirtualClock(START, seed), dice)
    first = Provider(world, "first", features, trouble=0.3)
    last = Provider(world, "last", SAME_KEY, trouble=0.0)
    world.messengers = {"first": first, "last": last}
    told = [world.book(n) for n in range(events)]
    # Late, twice, and in any order.
    told += dice.sample(told, events // 5)
    dice.shuffle(told)
    for n, event in enumerate(told):
        world.hear(event)
        if n % 50 == 0:
            await world.clock.sleep(dice.random())
    await world.quiet()
    await first.told_all()
    await world.quiet()
    return world, [first, last]


@pytest.mark.parametrize(
    ("name", "features"), [("asked", ASKED), ("same key", SAME_KEY), ("receipts", RECEIPTS)]
)
def test_nothing_is_lost_and_nothing_is_repeated(
    name: str, features: Features, capsys: pytest.CaptureFixture[str], long_run: bool
) -> None:
    events = EVENTS_LONG if long_run else EVENTS
    world, providers = run_virtual(follow_up(features, events, seed=7))
    first, last = providers

    got = {key.split(":")[2] for provider in providers for key in provider.taken}
    lost = world.tables.appointments.keys() - got
    repeated = sum(count - 1 for provider in providers for count in provider.taken.values())
    states = {m.state for m in world.tables.messages.values()}
    with capsys.disabled():
        print(  # noqa: T201
            f"\n  {events} events, provider: {name}: {len(lost)} lost, {repeated} repeated; "
            f"trouble: {dict(sorted(first.happened.items()))}"
        )
    assert lost == set()
    assert repeated == 0
    assert states <= {"accepted", "sent", "delivered"}
    assert len(world.tables.messages) == events
    # The second messenger got exactly what the first refused, at once or later.
    refused = {d.message_id for d in world.tables.deliveries.values() if d.state == "failed"}
    assert sum(last.taken.values()) == len(refused) > 0
    assert min(first.happened.values()) > 0


# -- reminders -------------------------------------------------------------------------------------

FIRST_START_H, MOVES_BY_H, LEAD_H, END_H = 30, 4, 3, 56
RULE = ReminderRule(hours_before=LEAD_H)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["move", "cancel"]), st.floats(0, 40 * 3600)), max_size=4
)


async def days_with(changes: list[tuple[str, float]], seed: int) -> World:
    world = World(VirtualClock(START, seed), random.Random(seed))
    world.tables.raw_rules = {"quiet_hours": None, "reminders": [{"hours_before": LEAD_H}]}
    world.messengers = {"only": Provider(world, "only", ASKED, trouble=0.3)}
    world.book(1, start=START + timedelta(hours=FIRST_START_H))
    for what, at_s in sorted(changes, key=lambda change: change[1]):
        await sweep_until(world, START + timedelta(seconds=at_s))
        await change(world, what)
    await sweep_until(world, START + timedelta(hours=END_H))
    await world.quiet()
    return world


async def sweep_until(world: World, until: datetime) -> None:
    """The chore looks every half minute; here only while something may be due."""
    while (now := world.clock.now()) < until:
        row = world.tables.appointments["appt_1"]
        near = timedelta(0) <= row.start - now <= timedelta(hours=LEAD_H, minutes=11)
        pause_s = 30.0 if near and row.start - now > timedelta(hours=LEAD_H - 1) else 600.0
        await world.clock.sleep(min(pause_s, max(0.001, (until - now).total_seconds())))
        await tell_due_reminders(world, world.clock)  # type: ignore[arg-type]


async def change(world: World, what: str) -> None:
    async with world.writing(SCOPE) as w:
        row, now = await w.appointment("appt_1"), world.clock.now()
        if row is None or row.status is not AppointmentStatus.BOOKED or row.start <= now:
            return
        row = replace(row, version=row.version + 1, updated_at=now)
        if what == "cancel":
            row = replace(row, status=AppointmentStatus.CANCELLED)
            await w.publish(appointment_cancelled("salon", row.id, "call_1", now))
        else:
            start = row.start + timedelta(hours=MOVES_BY_H)
            row = replace(row, start=start, end=start + timedelta(minutes=30))
            await w.publish(appointment_rescheduled("salon", row.id, row.version, "call_1", now))
        world.tables.appointments[row.id] = row


@settings(max_examples=30, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(changes=CHANGES, near_s=st.floats(-5, 40), seed=st.integers(0, 2**32))
def test_no_reminder_of_a_visit_that_was_cancelled_or_moved(
    changes: list[tuple[str, float]], near_s: float, seed: int
) -> None:
    # One change at the very moment of the first reminder, whatever the others do.
    due_s = (FIRST_START_H - LEAD_H) * 3600
    what = "cancel" if seed % 2 else "move"
    world = run_virtual(days_with([*changes, (what, due_s + near_s)], seed))

    for said, stood in world.tables.reminded:
        assert said == stood
    row = world.tables.appointments["appt_1"]
    due = due_at(RULE, row.start, MessagingRules(quiet_hours=None), ZoneInfo("Asia/Jerusalem"))
    stands = row.status is AppointmentStatus.BOOKED and row.updated_at is not None
    if stands and due is not None and due > row.updated_at + JUST_TOLD:
        states = [
            m.state
            for m in world.tables.messages.values()
            if m.kind == "reminder" and f":{row.start:%Y%m%dT%H%M}:" in m.idem_key
        ]
        assert states == ["accepted"] or states == ["failed"], "refused, or sent once"
