"""The demo salon: written once, only where nobody lives, and usable as it is."""

import asyncio
from datetime import date

import pytest
from store_kit import SALON, HandClock, add_tenant

from dalpak.domain.policy import Policy, windows_on
from dalpak.domain.records import TenantScope
from dalpak.store.demo import DEMO_BUSINESS_ID, seed_demo
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

DEMO = TenantScope(DEMO_BUSINESS_ID)


@pytest.fixture
async def empty(url: str) -> SqlStore:
    store = SqlStore.open(url, HandClock())
    yield store  # type: ignore[misc]
    await store.aclose()


async def test_an_empty_database_gets_the_salon_once(empty: SqlStore) -> None:
    seeded = await asyncio.gather(*(seed_demo(empty) for _ in range(5)))
    (salon,) = [business for business in seeded if business is not None]
    assert salon.id == DEMO_BUSINESS_ID
    assert await seed_demo(empty) is None
    assert await empty.business_by_number("+97237654321") == salon


async def test_a_database_with_a_business_is_left_alone(empty: SqlStore) -> None:
    await add_tenant(empty, SALON, "+1")
    assert await seed_demo(empty) is None
    assert [b.id for b in await empty.businesses()] == ["salon"]


async def test_the_salon_can_be_booked(empty: SqlStore) -> None:
    await seed_demo(empty)
    async with empty.reading(DEMO) as db:
        policy = Policy.from_json((await db.policy()).raw)
        services = await db.services()
        staff = await db.resources()
    assert len(staff) == 2
    ids = {person.id for person in staff}
    for service in services:
        assert set(service.resource_ids) <= ids
        assert service.duration_min % policy.slot_size_min == 0
        assert service.price
        assert service.ipa
    names = [alias for s in services for alias in (s.name, *s.aliases)]
    assert len(names) == len(set(names)), "two services share a name: a caller could not choose"
    open_days = {
        "sunday": date(2026, 11, 22),
        "thursday": date(2026, 11, 26),
        "friday": date(2026, 11, 27),
        "saturday": date(2026, 11, 28),
    }
    hours = {name: windows_on(policy, day) for name, day in open_days.items()}
    assert hours == {
        "sunday": ((540, 1140),),
        "thursday": ((540, 1140),),
        "friday": ((510, 780),),
        "saturday": (),
    }
    assert (policy.min_notice_min, policy.booking_window_days) == (60, 30)
    assert policy.require_phone_before_booking
