"""Moving and cancelling under contention: exact winners, on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from store_kit import CLINIC, NOON, SALON, HandClock, MakeClaim, a_move, sync_engine

from dalpak.domain.records import Appointment, AppointmentStatus, TenantScope
from dalpak.ports.store import Claim, Claimed, Move, NotBooked, SlotTaken
from dalpak.store.claims import Claims
from dalpak.store.models import appointment
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)
NOW = NOON - timedelta(days=1)


async def booked(store: SqlStore, what: Claim) -> str:
    async with store.writing(SALON) as db:
        held = await db.claim(what, NOW)
        assert isinstance(held, Claimed)
        lead = await db.find_or_create_lead(phone="+972501", name="נועה", call_id=None, now=NOW)
        row = await db.confirm(
            held.appointment.id,
            holder=what.holder,
            lead_id=lead.id,
            name="נועה",
            phone="+972501",
            now=NOW,
        )
        assert isinstance(row, Appointment)
    return row.id


async def move(
    store: SqlStore, appointment_id: str, to: Move, scope: TenantScope = SALON
) -> Appointment | SlotTaken | NotBooked:
    async with store.writing(scope) as db:
        return await db.reschedule(appointment_id, to, now=NOW)


async def cancel(store: SqlStore, appointment_id: str, scope: TenantScope = SALON) -> bool:
    async with store.writing(scope) as db:
        return await db.cancel(appointment_id, now=NOW)


def rows(url: str) -> dict[str, sa.Row[Any]]:
    engine = sync_engine(url)
    with engine.connect() as connection:
        found = connection.execute(sa.select(appointment)).all()
    engine.dispose()
    return {row.id: row for row in found}


def overlaps(url: str) -> int:
    """Pairs of live rows that stand in each other's way, counted without the store."""
    live = [r for r in rows(url).values() if r.status in ("held", "booked")]
    return sum(
        a.block_end > b.block_start and b.block_end > a.block_start
        for i, a in enumerate(live)
        for b in live[i + 1 :]
        if (a.business_id, a.resource_id, a.lane) == (b.business_id, b.resource_id, b.lane)
    )


async def test_a_move_frees_the_old_time_and_takes_the_new_in_one_row(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    one = await booked(store, make_claim("a"))
    to = Move(
        "room", NOON + HOUR, NOON + 2 * HOUR, NOON + HOUR - HOUR / 4, NOON + 2 * HOUR + HOUR / 4
    )
    moved = await move(store, one, to)
    assert isinstance(moved, Appointment)
    assert (moved.start, moved.end, moved.resource_id) == (to.start, to.end, "room")
    assert (moved.status, moved.phone, moved.version) == (AppointmentStatus.BOOKED, "+972501", 3)
    row = rows(url)[one]
    assert (row.lane, row.idem_key, row.holder) == (0, "a", "holder-a")
    async with store.reading(SALON) as db:
        (busy,) = await db.busy(NOON - HOUR, NOON + 9 * HOUR, NOW)
    assert (busy.block_start, busy.block_end) == (to.block_start, to.block_end)
    async with store.writing(SALON) as db:
        assert isinstance(await db.claim(make_claim("b"), NOW), Claimed)


async def test_moving_again_to_the_same_place_changes_nothing(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    one = await booked(store, make_claim("a"))
    moved = await move(store, one, a_move("dana", NOON + HOUR))
    assert isinstance(moved, Appointment)
    assert await move(store, one, a_move("dana", NOON + HOUR)) == moved


async def test_its_own_old_time_never_stands_in_its_way(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    one = await booked(store, make_claim("a"))
    for minutes in (15, -15, 30):
        moved = await move(store, one, a_move("dana", NOON + timedelta(minutes=minutes)))
        assert isinstance(moved, Appointment)


async def test_a_taken_time_is_refused_and_a_stale_hold_is_not_in_the_way(
    store: SqlStore, url: str, make_claim: MakeClaim, clock: HandClock
) -> None:
    one = await booked(store, make_claim("a"))
    await booked(store, make_claim("b", start=NOON + HOUR))
    assert await move(store, one, a_move("dana", NOON + HOUR)) == SlotTaken()
    stale = make_claim("c", start=NOON + 3 * HOUR, hold_until=NOW)
    async with store.writing(SALON) as db:
        held = await db.claim(stale, NOW - HOUR)
        assert isinstance(held, Claimed)
    assert isinstance(await move(store, one, a_move("dana", NOON + 3 * HOUR)), Appointment)
    assert rows(url)[held.appointment.id].status == "expired"
    living = make_claim("d", start=NOON + 5 * HOUR)
    async with store.writing(SALON) as db:
        assert isinstance(await db.claim(living, NOW), Claimed)
    assert await move(store, one, a_move("dana", NOON + 5 * HOUR)) == SlotTaken()


async def test_fifty_moves_to_one_free_slot_one_moves_and_all_rows_live(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    fifty = [await booked(store, make_claim(f"k{i}", start=NOON + i * HOUR)) for i in range(50)]
    to = a_move("dana", NOON + 60 * HOUR)
    results = await asyncio.gather(*(move(store, one, to) for one in fifty))
    winners = [r for r in results if isinstance(r, Appointment)]
    assert len(winners) == 1
    assert [r for r in results if not isinstance(r, Appointment)] == [SlotTaken()] * 49
    found = rows(url)
    assert len(found) == 50
    assert {r.status for r in found.values()} == {"booked"}
    assert [r.id for r in found.values() if r.start_at == to.start] == [winners[0].id]
    assert overlaps(url) == 0


async def test_moves_into_a_room_for_three_fill_it_to_the_last_lane(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    """The lock decides, not the constraint: nobody is refused while a lane is free."""
    for n in range(5):
        ids = [
            await booked(store, make_claim(f"k{n}-{i}", start=NOON + (10 * n + i) * HOUR))
            for i in range(8)
        ]
        to = a_move("room", NOON + n * HOUR)
        results = await asyncio.gather(*(move(store, one, to) for one in ids))
        assert sum(isinstance(r, Appointment) for r in results) == 3
    assert overlaps(url) == 0


@pytest.mark.parametrize("resources", [("dana", "dana"), ("dana", "room")])
async def test_two_that_want_each_others_time_never_deadlock_and_never_vanish(
    store: SqlStore, url: str, make_claim: MakeClaim, resources: tuple[str, str]
) -> None:
    places = [a_move(resources[0], NOON), a_move(resources[1], NOON + HOUR)]
    a = await booked(store, make_claim("a", resource_id=resources[0]))
    b = await booked(store, make_claim("b", resource_id=resources[1], start=NOON + HOUR))
    for n in range(30):
        there, here = places[1 - n % 2], places[n % 2]
        await asyncio.gather(move(store, a, there), move(store, b, here))
        found = rows(url)
        assert set(found) == {a, b}
        assert {r.status for r in found.values()} == {"booked"}
        assert overlaps(url) == 0


async def test_moves_both_ways_between_many_resources_and_claims_never_deadlock(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    """What would deadlock if a move locked where it comes from as well."""
    ids = [
        await booked(
            store,
            make_claim(f"k{i}", resource_id=("dana", "room")[i % 2], start=NOON + (i // 2) * HOUR),
        )
        for i in range(12)
    ]

    async def step(n: int) -> object:
        to = a_move(("room", "dana")[n % 2], NOON + (n * 7 % 12) * HOUR)
        if n % 5 == 0:
            async with store.writing(SALON) as db:
                return await db.claim(make_claim(f"x{n}", start=to.start), NOW)
        return await move(store, ids[n % 12], to)

    results = await asyncio.gather(*(step(n) for n in range(60)))
    assert len(results) == 60
    assert overlaps(url) == 0
    assert {rows(url)[i].status for i in ids} == {"booked"}


async def test_cancelling_twice_does_it_once(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    one = await booked(store, make_claim("a"))
    results = await asyncio.gather(cancel(store, one), cancel(store, one))
    assert sorted(results) == [False, True]
    assert await cancel(store, one) is False
    assert rows(url)[one].status == "cancelled"
    async with store.writing(SALON) as db:
        assert isinstance(await db.claim(make_claim("b"), NOW), Claimed)


async def test_what_is_not_booked_is_neither_moved_nor_cancelled(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    async with store.writing(SALON) as db:
        held = await db.claim(make_claim("a"), NOW)
        assert isinstance(held, Claimed)
    for unknown in (held.appointment.id, "appt_404"):
        assert await move(store, unknown, a_move("dana", NOON + HOUR)) == NotBooked()
        assert await cancel(store, unknown) is False
    one = await booked(store, make_claim("b", start=NOON + 2 * HOUR))
    assert await cancel(store, one)
    assert await move(store, one, a_move("dana", NOON + 4 * HOUR)) == NotBooked()


async def test_another_tenants_booking_is_not_there(store: SqlStore, make_claim: MakeClaim) -> None:
    one = await booked(store, make_claim("a"))
    assert await move(store, one, a_move("dana", NOON + HOUR), CLINIC) == NotBooked()
    assert await cancel(store, one, CLINIC) is False
    async with store.reading(SALON) as db:
        kept = await db.appointment(one)
    assert kept is not None
    assert (kept.status, kept.start) == (AppointmentStatus.BOOKED, NOON)


async def test_a_move_and_a_cancellation_at_once_end_in_one_of_the_two(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    for n in range(10):
        one = await booked(store, make_claim(f"k{n}", start=NOON + 2 * n * HOUR))
        to = a_move("room", NOON + 2 * n * HOUR)
        moved, gone = await asyncio.gather(move(store, one, to), cancel(store, one))
        assert gone, "a booking that moved is still a booking"
        assert isinstance(moved, Appointment | NotBooked)
        assert rows(url)[one].status == "cancelled"


async def test_the_constraint_stands_behind_a_faulty_search(
    store: SqlStore, url: str, make_claim: MakeClaim, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always_the_first(_self: Claims, _place: object, ignoring: str = "") -> int:
        return 0

    ids = [await booked(store, make_claim(f"k{i}", start=NOON + i * HOUR)) for i in range(5)]
    monkeypatch.setattr(Claims, "_free_lane", always_the_first)
    to = a_move("dana", NOON + 20 * HOUR)
    results = await asyncio.gather(*(move(store, one, to) for one in ids))
    assert sorted(type(r).__name__ for r in results) == ["Appointment"] + ["SlotTaken"] * 4
    assert overlaps(url) == 0


async def test_an_exception_after_a_move_undoes_it(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    one = await booked(store, make_claim("a"))

    async def move_and_fail() -> None:
        async with store.writing(SALON) as db:
            assert isinstance(
                await db.reschedule(one, a_move("room", NOON + HOUR), now=NOW), Appointment
            )
            assert await db.cancel(one, now=NOW)
            raise KeyError("the tool failed after its change")

    with pytest.raises(KeyError):
        await move_and_fail()
    row = rows(url)[one]
    assert (row.status, row.resource_id) == ("booked", "dana")


async def test_phones_are_found_by_their_last_digits(
    store: SqlStore, make_claim: MakeClaim
) -> None:
    one = await booked(store, make_claim("a"))
    async with store.reading(SALON) as db:
        assert [a.id for a in await db.appointments(phone_ending="2501")] == [one]
        assert await db.appointments(phone_ending="2502") == []
        assert await db.appointments(phone_ending="%") == []


async def test_services_of_one_visit_are_kept(store: SqlStore, make_claim: MakeClaim) -> None:
    one = await booked(store, make_claim("a", more_service_ids=("dye",)))
    async with store.reading(SALON) as db:
        row = await db.appointment(one)
    assert row is not None
    assert row.service_ids == ("cut", "dye")
