"""Calendars by link, over the real server: the link is the key, and every wrong one is the same 404."""

from datetime import datetime, timedelta

import pytest
from edge_harness import Edge
from icalendar import Calendar

from dalpak.domain.calendar_links import (
    APPOINTMENTS,
    appointment_path,
    staff_path,
    staff_subject,
)
from dalpak.domain.records import Appointment, Business, Resource, Service, TenantScope
from dalpak.ports.store import Claim, Claimed, Move
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)


async def open_studio(store: SqlStore, business_id: str, phone: str) -> TenantScope:
    scope = TenantScope(business_id)
    await store.add_business(
        Business(business_id, f"The {business_id}", phone, "Asia/Jerusalem"),
        policy={},
        services=[Service("cut", "Haircut", 60)],
        resources=[Resource("dana", "Dana"), Resource("yossi", "Yossi")],
    )
    return scope


async def book(
    store: SqlStore, scope: TenantScope, start: datetime, name: str, staff: str = "dana"
) -> Appointment:
    async with store.writing(scope) as tx:
        what = Claim(
            resource_id=staff,
            service_id="cut",
            start=start,
            end=start + HOUR,
            block_start=start,
            block_end=start + HOUR,
            holder=name,
            idem_key=name,
            hold_until=start + HOUR,
            call_id=None,
        )
        held = await tx.claim(what, start - HOUR)
        assert isinstance(held, Claimed)
        lead = await tx.find_or_create_lead(phone=f"+972{name}", name=name, call_id=None, now=start)
        row = await tx.confirm(
            held.appointment.id,
            holder=name,
            lead_id=lead.id,
            name=name,
            phone=lead.phone,
            now=start - HOUR,
        )
    assert isinstance(row, Appointment)
    return row


async def secret(store: SqlStore, scope: TenantScope, subject: str, value: str) -> str:
    async with store.writing(scope) as tx:
        return await tx.calendar_token(subject, new=value, replace=True)


async def summaries(edge: Edge, path: str) -> list[str]:
    answer = await edge.http.get(path)
    assert answer.status_code == 200, answer.text
    return [str(e["summary"]) for e in Calendar.from_ical(answer.content).walk("VEVENT")]


async def test_a_feed_follows_the_diary_of_one_person(edge: Edge) -> None:
    store, now = edge.extensions.store, edge.extensions.clock.now()
    scope = await open_studio(store, "studio", "+97238887777")
    noa = await book(store, scope, now + HOUR, "Noa")
    await book(store, scope, now + HOUR, "Avi", staff="yossi")
    await book(store, scope, now - timedelta(days=60), "Old")
    path = staff_path("studio", "dana", await secret(store, scope, staff_subject("dana"), "s" * 43))

    answer = await edge.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert await summaries(edge, path) == ["Noa, Haircut"]

    start = now + 5 * HOUR
    async with store.writing(scope) as tx:
        await tx.reschedule(noa.id, Move("dana", start, start + HOUR, start, start + HOUR), now=now)
    (event,) = Calendar.from_ical((await edge.http.get(path)).content).walk("VEVENT")
    assert event["uid"] == f"{noa.id}@dalpak"
    assert event.start == start.replace(microsecond=0)
    async with store.writing(scope) as tx:
        await tx.cancel(noa.id, now=now)
    assert await summaries(edge, path) == []


async def test_the_file_of_an_appointment_says_when_it_is_and_when_it_is_off(edge: Edge) -> None:
    store, now = edge.extensions.store, edge.extensions.clock.now()
    scope = await open_studio(store, "studio", "+97238887777")
    noa = await book(store, scope, now + HOUR, "Noa")
    path = appointment_path("studio", noa.id, await secret(store, scope, APPOINTMENTS, "k" * 43))
    assert await summaries(edge, path) == ["Haircut, The studio"]
    async with store.writing(scope) as tx:
        await tx.cancel(noa.id, now=now)
    assert b"METHOD:CANCEL" in (await edge.http.get(path)).content


async def test_every_wrong_link_is_the_same_404(edge: Edge) -> None:
    store, now = edge.extensions.store, edge.extensions.clock.now()
    ours = await open_studio(store, "studio", "+97238887777")
    theirs = await open_studio(store, "salon-2", "+97238887778")
    noa = await book(store, ours, now + HOUR, "Noa")
    feed = await secret(store, ours, staff_subject("dana"), "a" * 43)
    file = await secret(store, ours, APPOINTMENTS, "b" * 43)
    await secret(store, theirs, staff_subject("dana"), "c" * 43)
    await secret(store, theirs, APPOINTMENTS, "d" * 43)
    wrong = [
        staff_path("studio", "dana", "x" * 43),
        staff_path("studio", "yossi", feed),
        staff_path("salon-2", "dana", feed),
        staff_path("nowhere", "dana", feed),
        staff_path("studio", "nobody", feed),
        staff_path("studio", "dana", feed[:-1]),
        staff_path("studio", "dana", "%D7%AA" * 20),
        staff_path("studio", "d" * 500, feed),
        staff_path("studio", "dana", file),
        appointment_path("studio", "appt_404", file),
        appointment_path("salon-2", noa.id, file),
        appointment_path("salon-2", noa.id, "d" * 43),
        appointment_path("studio", noa.id, feed),
        appointment_path("studio", noa.id, "nothing"),
    ]
    answers = {(a.status_code, a.text) for a in [await edge.http.get(path) for path in wrong]}
    assert answers == {(404, "not found")}
    assert (await edge.http.get(staff_path("studio", "dana", feed))).status_code == 200


async def test_a_new_secret_kills_the_old_link_and_nobody_writes_by_it(edge: Edge) -> None:
    store = edge.extensions.store
    scope = await open_studio(store, "studio", "+97238887777")
    old = staff_path("studio", "dana", await secret(store, scope, staff_subject("dana"), "a" * 43))
    foreign = {"host": "voice.example.com"}
    assert (await edge.http.get(old, headers=foreign)).status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        assert (await edge.http.request(method, old)).status_code == 405
    await secret(store, scope, staff_subject("dana"), "b" * 43)
    assert (await edge.http.get(old)).status_code == 404
