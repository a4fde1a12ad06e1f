"""Booking under contention: exact winners, on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from store_kit import CLINIC, NOON, SALON, HandClock, MakeClaim, sync_engine

from dalpak.domain.records import Appointment, AppointmentStatus, TenantScope
from dalpak.errors import ScopeError
from dalpak.ports.store import Claim, Claimed, SlotTaken
from dalpak.store.claims import Claims
from dalpak.store.models import appointment
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

MINUTE = timedelta(minutes=1)


async def claim(
    store: SqlStore, what: Claim, now: Any = None, scope: TenantScope = SALON
) -> Claimed | SlotTaken:
    async with store.writing(scope) as db:
        return await db.claim(what, now or what.hold_until - 3 * MINUTE)


async def race(store: SqlStore, claims: list[Claim]) -> list[Claimed]:
    results = await asyncio.gather(*(claim(store, c) for c in claims))
    return [r for r in results if isinstance(r, Claimed)]


async def book(
    store: SqlStore, held: Appointment, holder: str, now: Any
) -> Appointment | SlotTaken:
    async with store.writing(SALON) as db:
        lead = await db.find_or_create_lead(phone="+972501", name="נועה", call_id=None, now=now)
        return await db.confirm(
            held.id, holder=holder, lead_id=lead.id, name="נועה", phone="+972501", now=now
        )


def rows(url: str) -> list[sa.Row[Any]]:
    engine = sync_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.select(appointment)).all()
    engine.dispose()
    return list(found)


async def test_fifty_at_one_slot_one_wins(store: SqlStore, url: str, make_claim: MakeClaim) -> None:
    winners = await race(store, [make_claim(f"k{i}") for i in range(50)])
    assert len(winners) == 1
    assert [r.id for r in rows(url)] == [winners[0].appointment.id]


async def test_fifty_staggered_overlapping_one_wins(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    starts = [NOON + i * MINUTE for i in range(50)]
    winners = await race(store, [make_claim(f"k{i}", start=s) for i, s in enumerate(starts)])
    assert len(winners) == 1
    assert len(rows(url)) == 1


async def test_fifty_distinct_all_win(store: SqlStore, url: str, make_claim: MakeClaim) -> None:
    starts = [NOON + i * timedelta(hours=1) for i in range(50)]
    winners = await race(store, [make_claim(f"k{i}", start=s) for i, s in enumerate(starts)])
    assert len(winners) == 50
    assert len({r.start_at for r in rows(url)}) == 50


async def test_capacity_three_three_win_on_three_lanes(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    winners = await race(store, [make_claim(f"k{i}", resource_id="room") for i in range(50)])
    assert len(winners) == 3
    assert sorted(r.lane for r in rows(url)) == [0, 1, 2]


async def test_twenty_retries_of_one_key_make_one_row(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    results = await race(store, [make_claim("same") for _ in range(20)])
    assert len(results) == 20
    assert [r.repeated for r in results].count(False) == 1
    assert len({r.appointment.id for r in results}) == 1
    assert len(rows(url)) == 1


async def test_a_hold_is_respected_until_its_end_and_free_exactly_then(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    first = make_claim("first")
    held = await claim(store, first)
    assert isinstance(held, Claimed)
    assert held.appointment.status is AppointmentStatus.HELD
    last_moment = first.hold_until - timedelta(microseconds=1)
    assert await claim(store, make_claim("early"), last_moment) == SlotTaken()
    second = await claim(store, make_claim("due"), first.hold_until)
    assert isinstance(second, Claimed)
    async with store.reading(SALON) as db:
        expired = await db.appointment(held.appointment.id)
    assert expired is not None
    assert expired.status is AppointmentStatus.EXPIRED


async def test_a_late_confirm_is_refused(store: SqlStore, make_claim: MakeClaim) -> None:
    what = make_claim("late")
    held = await claim(store, what)
    assert isinstance(held, Claimed)
    assert await book(store, held.appointment, what.holder, what.hold_until) == SlotTaken()
    just_in_time = what.hold_until - timedelta(microseconds=1)
    booked = await book(store, held.appointment, what.holder, just_in_time)
    assert isinstance(booked, Appointment)
    assert booked.status is AppointmentStatus.BOOKED
    assert booked.hold_until is None


async def test_only_the_holder_confirms_and_releases(
    store: SqlStore, make_claim: MakeClaim, clock: HandClock
) -> None:
    what = make_claim("mine")
    held = await claim(store, what)
    assert isinstance(held, Claimed)
    assert await book(store, held.appointment, "somebody else", clock.now()) == SlotTaken()
    async with store.writing(SALON) as db:
        assert not await db.release(held.appointment.id, holder="somebody else")
    booked = await book(store, held.appointment, what.holder, clock.now())
    assert isinstance(booked, Appointment)
    assert (booked.name, booked.phone) == ("נועה", "+972501")


async def test_confirming_again_gives_the_same_row(
    store: SqlStore, make_claim: MakeClaim, clock: HandClock
) -> None:
    what = make_claim("twice")
    held = await claim(store, what)
    assert isinstance(held, Claimed)
    first = await book(store, held.appointment, what.holder, clock.now())
    again = await book(store, held.appointment, what.holder, what.hold_until + timedelta(days=1))
    assert isinstance(first, Appointment)
    assert first == again


async def test_a_released_slot_is_free_and_may_be_asked_for_again_in_the_same_words(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    what = make_claim("a")
    held = await claim(store, what)
    assert isinstance(held, Claimed)
    async with store.writing(SALON) as db:
        assert await db.release(held.appointment.id, holder=what.holder)
        assert not await db.release(held.appointment.id, holder=what.holder)
    again = await claim(store, what)
    assert isinstance(again, Claimed)
    assert (again.repeated, again.appointment.id) == (False, held.appointment.id)
    assert again.appointment.status is AppointmentStatus.HELD
    assert len(rows(url)) == 1
    async with store.writing(SALON) as db:
        await db.release(held.appointment.id, holder=what.holder)
    assert isinstance(await claim(store, make_claim("b")), Claimed)
    assert await claim(store, what) == SlotTaken()


async def test_a_cancelled_booking_is_not_revived_by_a_late_retry(
    store: SqlStore, url: str, make_claim: MakeClaim, clock: HandClock
) -> None:
    what = make_claim("gone")
    held = await claim(store, what)
    assert isinstance(held, Claimed)
    await book(store, held.appointment, what.holder, clock.now())
    by_hand(url, sa.update(appointment).values(status="cancelled"))
    again = await claim(store, what)
    assert isinstance(again, Claimed)
    assert again.repeated
    assert again.appointment.status is AppointmentStatus.CANCELLED


async def test_buffers_keep_neighbours_apart(store: SqlStore, make_claim: MakeClaim) -> None:
    quarter = 15 * MINUTE
    first = make_claim("first", block_end=NOON + timedelta(hours=1) + quarter)
    assert isinstance(await claim(store, first), Claimed)
    at_end = make_claim("touching", start=first.end)
    assert await claim(store, at_end) == SlotTaken()
    after = make_claim("after", start=first.block_end)
    assert isinstance(await claim(store, after), Claimed)
    before = make_claim("before", start=NOON - timedelta(hours=1))
    assert isinstance(await claim(store, before), Claimed)


async def test_busy_shows_bookings_and_living_holds_only(
    store: SqlStore, make_claim: MakeClaim, clock: HandClock
) -> None:
    first, second = make_claim("a"), make_claim("b", start=NOON + timedelta(hours=2))
    held = await claim(store, first)
    assert isinstance(held, Claimed)
    await book(store, held.appointment, first.holder, clock.now())
    assert isinstance(await claim(store, second), Claimed)
    async with store.reading(SALON) as db:
        day = (NOON - timedelta(hours=9), NOON + timedelta(hours=9))
        living = await db.busy(*day, clock.now())
        later = await db.busy(*day, second.hold_until)
        edge = await db.busy(first.end, second.start, clock.now())
        listed = await db.appointments()
    assert [b.start for b in living] == [first.start, second.start]
    assert [b.start for b in later] == [first.start]
    assert edge == []
    assert [a.id for a in listed] == [held.appointment.id]


async def test_appointments_are_found_by_every_condition_together(
    store: SqlStore, make_claim: MakeClaim, clock: HandClock
) -> None:
    for i in range(3):
        what = make_claim(f"k{i}", start=NOON + i * timedelta(hours=1), call_id=f"call-{i}")
        held = await claim(store, what)
        assert isinstance(held, Claimed)
        await book(store, held.appointment, what.holder, clock.now())
    hour = timedelta(hours=1)
    async with store.reading(SALON) as db:
        between = await db.appointments(start=NOON, end=NOON + 2 * hour, phone="+972501")
        one = await db.appointments(phone="+972501", call_id="call-2")
        none = await db.appointments(phone="+972509", call_id="call-2")
    assert [a.start for a in between] == [NOON, NOON + hour]
    assert [a.call_id for a in one] == ["call-2"]
    assert none == []


async def test_an_exception_undoes_the_claim(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    async def claim_and_fail() -> None:
        async with store.writing(SALON) as db:
            assert isinstance(await db.claim(make_claim(), NOON - timedelta(days=1)), Claimed)
            raise KeyError("the tool failed after its claim")

    with pytest.raises(KeyError):
        await claim_and_fail()
    assert rows(url) == []


async def test_a_resource_of_another_business_cannot_be_claimed(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    with pytest.raises(ScopeError):
        await claim(store, make_claim(resource_id="nobody"))
    assert isinstance(await claim(store, make_claim("s")), Claimed)
    assert isinstance(await claim(store, make_claim("s"), scope=CLINIC), Claimed)


async def test_locking_many_resources_at_once_never_deadlocks(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    async def both(i: int) -> int:
        async with store.writing(SALON) as db:
            await db.lock_resources(["room", "dana"] if i % 2 else ["dana", "room"])
            first = await db.claim(make_claim(f"d{i}"), NOON - timedelta(days=1))
            second = await db.claim(
                make_claim(f"r{i}", resource_id="room"), NOON - timedelta(days=1)
            )
            return isinstance(first, Claimed) + isinstance(second, Claimed)

    assert sum(await asyncio.gather(*(both(i) for i in range(20)))) == 1 + 3


# -- the database's own guard --------------------------------------------------------------------


def by_hand(url: str, statement: sa.Executable) -> None:
    engine = sync_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(statement)
    finally:
        engine.dispose()


def copied(url: str, **changes: object) -> sa.Insert:
    """An INSERT that repeats the one appointment there is, as another program might."""
    values = dict(rows(url)[0]._mapping) | {"id": "raw", "idem_key": "raw"} | changes
    return sa.insert(appointment).values(values)


async def test_the_database_refuses_what_bypasses_the_store(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    assert isinstance(await claim(store, make_claim()), Claimed)
    overlap = NOON + 30 * MINUTE
    later = {"start_at": overlap, "block_start": overlap, "end_at": overlap + timedelta(hours=1)}
    raw = copied(url, **later, block_end=overlap + timedelta(hours=1))
    with pytest.raises(sa.exc.IntegrityError, match="no_double_booking"):
        by_hand(url, raw)
    assert len(rows(url)) == 1
    by_hand(url, copied(url, lane=1))
    with pytest.raises(sa.exc.IntegrityError, match="no_double_booking"):
        by_hand(url, sa.update(appointment).where(appointment.c.id == "raw").values(lane=0))


async def test_uncancelling_into_a_taken_slot_is_refused_by_the_database(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    assert isinstance(await claim(store, make_claim()), Claimed)
    by_hand(url, copied(url, status="cancelled", hold_until=None))
    assert len(rows(url)) == 2
    back = sa.update(appointment).where(appointment.c.id == "raw").values(status="booked")
    with pytest.raises(sa.exc.IntegrityError, match="no_double_booking"):
        by_hand(url, back)


async def test_a_faulty_search_for_lanes_is_caught_by_the_constraint(
    store: SqlStore, url: str, make_claim: MakeClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always_the_first(_self: Claims, _claim: Claim) -> int:
        return 0

    monkeypatch.setattr(Claims, "_free_lane", always_the_first)
    results = await asyncio.gather(*(claim(store, make_claim(f"k{i}")) for i in range(10)))
    assert sorted(type(r).__name__ for r in results) == ["Claimed"] + ["SlotTaken"] * 9
    assert len(rows(url)) == 1


async def test_the_transaction_goes_on_after_the_constraint_spoke(
    store: SqlStore, make_claim: MakeClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always_the_first(_self: Claims, _claim: Claim) -> int:
        return 0

    assert isinstance(await claim(store, make_claim("first")), Claimed)
    monkeypatch.setattr(Claims, "_free_lane", always_the_first)
    async with store.writing(SALON) as db:
        now = NOON - timedelta(days=1)
        assert await db.claim(make_claim("second"), now) == SlotTaken()
        lead = await db.find_or_create_lead(phone="+972502", name=None, call_id=None, now=now)
    async with store.reading(SALON) as db:
        assert await db.lead(lead.id) == lead


@pytest.mark.parametrize(
    "bad",
    [
        {"end_at": NOON - MINUTE, "block_end": NOON + timedelta(hours=9)},
        {"block_start": NOON + MINUTE},
        {"lane": -1},
        {"status": "perhaps"},
        {"status": "held", "hold_until": None},
        {"resource_id": "nobody"},
    ],
    ids=["backwards", "block", "lane", "status", "hold", "resource"],
)
async def test_impossible_rows_are_refused_by_the_database(
    store: SqlStore, make_claim: MakeClaim, url: str, bad: dict[str, object]
) -> None:
    assert isinstance(await claim(store, make_claim()), Claimed)
    by_hand(url, sa.update(appointment).values(status="expired"))
    good = {"status": "held", **bad}
    engine = sync_engine(url)
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        with pytest.raises(sa.exc.IntegrityError):
            connection.execute(copied(url, **good))
    engine.dispose()
