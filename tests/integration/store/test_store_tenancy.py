"""No statement without its tenant, no row of another, no personal data where none is declared."""

import asyncio
import inspect
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from store_kit import (
    CLINIC,
    NOON,
    SALON,
    HandClock,
    MakeClaim,
    a_call,
    a_delivery,
    a_move,
    a_wish,
    add_tenant,
    an_inbound,
    an_offer,
    claim_of,
    sync_engine,
)

from dalpak.domain.events import appointment_created, lead_left
from dalpak.domain.follow_up import ConsentAnswer, OfferStatus
from dalpak.domain.records import (
    Appointment,
    CallEnd,
    MessageRecord,
    TenantScope,
    TraceRecord,
    TurnRecord,
)
from dalpak.errors import ScopeError
from dalpak.ports.store import Claimed
from dalpak.store.models import PII_COLUMNS, metadata
from dalpak.store.reading import SqlReading
from dalpak.store.unit_of_work import SqlStore
from dalpak.store.writing import SqlWriting

pytestmark = pytest.mark.integration

WITHOUT_A_TENANT = re.compile(r"^(BEGIN|SAVEPOINT|RELEASE|ROLLBACK|PRAGMA)")


def a_message(scope: TenantScope, key: str, text: str) -> MessageRecord:
    return MessageRecord(
        f"msg-{key}", scope.business_id, key, "outbox", text, "confirmation", text, "pending", "",
        None, "call-1", NOON,
    )  # fmt: skip


def every_use(db: SqlWriting, scope: TenantScope) -> dict[str, Callable[[], Awaitable[object]]]:
    """One use of each method, in an order in which each finds what it needs."""
    now = NOON
    event = appointment_created(scope.business_id, "appt-1", now)

    async def note() -> None:
        lead = await db.find_or_create_lead(phone="+1", name="n", call_id="call-1", now=now)
        await db.note_lead(lead.id, "note")

    async def confirm() -> None:
        held = await db.claim(claim_of(HandClock(), "confirm", start=NOON.replace(hour=15)), now)
        assert isinstance(held, Claimed)
        lead = await db.find_or_create_lead(phone="+1", name="n", call_id=None, now=now)
        for _ in range(2):
            booked = await db.confirm(
                held.appointment.id, holder="holder-confirm", lead_id=lead.id, name="n", phone="+1",
                now=now.replace(year=2020),
            )  # fmt: skip
            assert isinstance(booked, Appointment)

    async def wait() -> None:
        lead = await db.find_or_create_lead(phone="+1", name="n", call_id=None, now=now)
        for _ in range(2):
            await db.join_waitlist(a_wish(lead.id))

    return {
        "open_call": lambda: db.open_call(a_call(scope=scope)),
        "touch_call": lambda: db.touch_call("call-1", now=now, stream_id="s"),
        "save_checkpoint": lambda: db.save_checkpoint("call-1", {"a": 1}),
        "confirm_number": lambda: db.confirm_number("call-1", "+972501234567"),
        "add_turn": lambda: db.add_turn(TurnRecord("call-1", 1, "s", "h", now)),
        "add_trace": lambda: db.add_trace(TraceRecord("call-1", 1, "t", {}, True, "", 1, now)),
        "find_or_create_lead": lambda: db.find_or_create_lead(
            phone=None, name=None, call_id="call-1", now=now
        ),
        "note_lead": note,
        "lock_resources": lambda: db.lock_resources(["dana", "room"]),
        "claim": lambda: db.claim(claim_of(HandClock(), "key"), now),
        "confirm": confirm,
        "release": lambda: db.release("appt-1", holder="h"),
        "publish": lambda: db.publish(event),
        "close_call": lambda: db.close_call("call-1", reason=CallEnd.AGENT, now=now),
        "save_message": lambda: db.save_message(a_message(scope, "m", "t")),
        "set_message_state": lambda: db.set_message_state("msg-m", state="sending"),
        "reschedule": lambda: db.reschedule("appt-1", a_move("dana", NOON), now=now),
        "cancel": lambda: db.cancel("appt-1", now=now),
        "join_waitlist": wait,
        "calendar_token": lambda: db.calendar_token("dana", new="s"),
        "save_policy": lambda: db.save_policy({"slot_size_min": 20}),
        **every_follow_up(db, scope),
        **every_question(db),
    }


def every_follow_up(
    db: SqlWriting, scope: TenantScope
) -> dict[str, Callable[[], Awaitable[object]]]:
    """The same for messages, replies, consent and offers."""
    now = NOON

    async def deliver() -> None:
        for _ in range(2):
            await db.begin_delivery(a_delivery(scope, "d"))

    async def agree() -> None:
        for _ in range(2):
            await db.record_consent("+1", ConsentAnswer.GRANTED, source="call", now=now)

    async def write_templates() -> None:
        for text in ("t", None):
            await db.save_template("he", "reminder", text)

    return {
        "lock_appointment": lambda: db.lock_appointment("appt-1"),
        "lock_message": lambda: db.lock_message("msg-m"),
        "lock_sending": lambda: db.lock_sending("+1", "call-1"),
        "begin_delivery": deliver,
        "set_delivery_state": lambda: db.set_delivery_state("d", state="accepted", attempts=2),
        "record_receipt": lambda: db.record_receipt("d", state="failed", now=now),
        "record_inbound": lambda: db.record_inbound(an_inbound(scope)),
        "settle_inbound": lambda: db.settle_inbound("in-1", meaning="", outcome="", now=now),
        "record_consent": agree,
        "save_messaging": lambda: db.save_messaging({"consent_required": True}),
        "save_template": write_templates,
        "make_offer": lambda: db.make_offer(an_offer()),
        "forget_messages": lambda: db.forget_messages(before=NOON.replace(year=2030), limit=9),
        "settle_offer": lambda: db.settle_offer("offer-1", OfferStatus.EXPIRED),
        "close_waitlist_entry": lambda: db.close_waitlist_entry("wait-1"),
    }


def every_question(db: SqlReading) -> dict[str, Callable[[], Awaitable[object]]]:
    return {
        "business": db.business,
        "policy": db.policy,
        "services": db.services,
        "resources": db.resources,
        "busy": lambda: db.busy(NOON.replace(hour=0), NOON.replace(hour=23), NOON),
        "appointment": lambda: db.appointment("appt-1"),
        "appointments": lambda: db.appointments(start=NOON.replace(hour=0)),
        "lead": lambda: db.lead("lead-1"),
        "waitlist": db.waitlist,
        "known_calendar_token": lambda: db.known_calendar_token("dana"),
        "call": lambda: db.call("call-1"),
        "calls": db.calls,
        "turns": lambda: db.turns("call-1"),
        "traces": lambda: db.traces("call-1"),
        "messages": lambda: db.messages(call_id="call-1"),
        "events": lambda: db.events("call-1"),
        "message": lambda: db.message("msg-m"),
        "deliveries": lambda: db.deliveries("msg-m"),
        "delivery": lambda: db.delivery("d"),
        "sent": lambda: db.sent("+1", "call-1", since=NOON),
        "consent": lambda: db.consent("+1"),
        "inbound": lambda: db.inbound("in-1"),
        "inbounds": lambda: db.inbounds(sender="+1", since=NOON),
        "messaging": db.messaging,
        "templates": db.templates,
        "known_events": lambda: db.known_events(["call.ended:call-1"]),
        "offer": lambda: db.offer("offer-1"),
        "offers": lambda: db.offers(phone="+1", entry_id="wait-1"),
    }


def methods_of(kind: type) -> set[str]:
    found = inspect.getmembers(kind, inspect.iscoroutinefunction)
    return {name for name, _ in found if not name.startswith("_")}


def names_its_tenant(statement: str) -> bool:
    text = " ".join(statement.split())
    if text.startswith("SELECT pg_advisory_xact_lock("):
        return "hashtext" in text.partition(",")[0]
    if text.startswith("INSERT"):
        into = text[: text.index("VALUES")]
        conflict = text.partition("DO UPDATE")[2]
        return "business_id" in into and (not conflict or "business_id =" in conflict)
    return bool(re.search(r"WHERE .*business_id = ", text))


async def test_every_statement_of_every_method_names_its_tenant(store: SqlStore) -> None:
    seen: list[tuple[str, str]] = []

    def watch(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not WITHOUT_A_TENANT.match(statement):
            seen.append((statement, str(parameters)))

    for engine in (store._engines.writing, store._engines.reading):
        sa.event.listen(engine.sync_engine, "before_cursor_execute", watch)
    async with store.writing(SALON) as db:
        uses = every_use(db, SALON)
        assert uses.keys() == methods_of(SqlWriting)
        for name, use in uses.items():
            before = len(seen)
            await use()
            assert len(seen) > before or name in {"lock_resources", "lock_sending"}, name
    async with store.reading(SALON) as reading:
        questions = every_question(reading)
        assert questions.keys() == methods_of(SqlReading)
        for question in questions.values():
            await question()
    assert len(seen) > 50
    for statement, parameters in seen:
        assert names_its_tenant(statement), statement
        assert "'salon'" in parameters, statement


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT business_id FROM lead WHERE id = ?",
        "UPDATE lead SET business_id=? WHERE id = ?",
        "INSERT INTO lead (id) VALUES (?)",
        "INSERT INTO turn (business_id) VALUES (?) ON CONFLICT (n) DO UPDATE SET a = 1",
    ],
)
def test_the_guard_itself_sees_a_missing_tenant(statement: str) -> None:
    assert not names_its_tenant(statement)


async def test_a_scope_needs_a_tenant(store: SqlStore) -> None:
    with pytest.raises(ScopeError):
        async with store.reading(TenantScope("")):
            pass


# -- two tenants, any order of operations ----------------------------------------------------------

Operation = tuple[str, str, int]
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["salon", "clinic"]),
        st.sampled_from(
            ["call", "close", "checkpoint", "turn", "lead", "note", "claim", "confirm", "release",
             "message", "state", "policy", "event", "move", "cancel", "wait", "token"]
        ),
        st.integers(0, 2),
    ),
    max_size=25,
)  # fmt: skip


async def view(store: SqlStore, scope: TenantScope) -> str:
    """All that a tenant can see, as text."""
    async with store.reading(scope) as db:
        calls = await db.calls()
        parts: list[object] = [await db.policy(), calls, await db.messages()]
        parts += [await db.waitlist()]
        parts += [await db.known_calendar_token(f"subject-{i}") for i in range(3)]
        parts.append(
            await db.busy(NOON.replace(hour=0), NOON.replace(hour=23), NOON.replace(year=2020))
        )
        for i in range(3):
            parts += [await db.turns(f"call-{i}"), await db.traces(f"call-{i}")]
            parts += [await db.events(f"call-{i}"), await db.events(f"lead-{i}")]
        for appointment in await db.appointments():
            parts.append(await db.lead(appointment.lead_id or ""))
    return repr(parts)


class Play:
    """Both tenants use the same ids for everything, so that a missing condition shows."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.appointments: list[str] = []
        self.leads: list[str] = []

    async def perform(self, scope: TenantScope, what: str, i: int) -> None:
        canary = f"canary of the {scope.business_id}"
        async with self.store.writing(scope) as db:
            match what:
                case "call":
                    call = a_call(f"call-{i}", scope, caller=canary)
                    await db.open_call(replace(call, external_id=f"{scope.business_id}-{i}"))
                case "close":
                    await db.close_call(f"call-{i}", reason=CallEnd.CALLER, now=NOON)
                case "checkpoint":
                    await db.save_checkpoint(f"call-{i}", {"name": canary})
                case "turn":
                    await db.add_turn(TurnRecord(f"call-{i}", i, canary, canary, NOON))
                    trace = TraceRecord(f"call-{i}", i, canary, {}, True, "", 1, NOON)
                    await db.add_trace(trace)
                case "lead":
                    lead = await db.find_or_create_lead(
                        phone=f"+{i}", name=canary, call_id=None, now=NOON
                    )
                    self.leads.append(lead.id)
                case "note":
                    await db.note_lead(self.leads[i], canary)
                case "claim":
                    made = await db.claim(
                        claim_of(
                            HandClock(), f"k{i}", start=NOON.replace(hour=8 + 2 * i), holder="h"
                        ),
                        NOON.replace(year=2020),
                    )
                    if isinstance(made, Claimed):
                        self.appointments.append(made.appointment.id)
                case "confirm":
                    await db.confirm(
                        self.appointments[i], holder="h", lead_id=self.leads[-1], name=canary,
                        phone=canary, now=NOON.replace(year=2020),
                    )  # fmt: skip
                case "release":
                    await db.release(self.appointments[i], holder="h")
                case "message":
                    await db.save_message(a_message(scope, f"m{i}", canary))
                case "state":
                    await db.set_message_state(f"msg-m{i}", state="failed", reason=canary)
                case "policy":
                    await db.save_policy({"slot_size_min": 5 + i})
                case "event":
                    await db.publish(lead_left(scope.business_id, f"lead-{i}", f"call-{i}", NOON))
                case _:
                    await self.change(db, what, i, canary)

    async def change(self, db: SqlWriting, what: str, i: int, canary: str) -> None:
        match what:
            case "move":
                to = a_move("dana", NOON.replace(hour=9 + 2 * i))
                await db.reschedule(self.appointments[i], to, now=NOON)
            case "cancel":
                await db.cancel(self.appointments[i], now=NOON)
            case "wait":
                await db.join_waitlist(a_wish(self.leads[i], f"wait-{i}"))
            case "token":
                await db.calendar_token(f"subject-{i}", new=canary)


@settings(max_examples=20, deadline=None)
@given(operations=OPERATIONS)
def test_no_operation_of_one_tenant_is_seen_by_the_other(
    sqlite_template: Path, operations: list[Operation]
) -> None:
    async def main(path: Path) -> None:
        store = SqlStore.open(f"sqlite:///{path}", HandClock())
        await add_tenant(store, SALON, "+1")
        await add_tenant(store, CLINIC, "+2")
        play = Play(store)
        for name, what, i in operations:
            mine, other = (SALON, CLINIC) if name == "salon" else (CLINIC, SALON)
            before = await view(store, other)
            # Ids of rows that are there already, theirs included, are refused: that is the point.
            with suppress(ScopeError, sa.exc.IntegrityError, IndexError):
                await play.perform(mine, what, i)
            assert await view(store, other) == before
            assert f"canary of the {other.business_id}" not in await view(store, mine)
        await store.aclose()

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "dalpak.db"
        shutil.copy(sqlite_template, path)
        asyncio.run(main(path))


# -- personal data ---------------------------------------------------------------------------------


async def test_personal_data_lies_in_declared_columns_only(
    store: SqlStore, url: str, make_claim: MakeClaim
) -> None:
    phone, name, words = "+972509876543", "קנרית פרטית", "מילים של מתקשר"
    business = replace((await store.businesses())[0], id="third", phone="+3", owner_phone=phone)
    await store.add_business(business, policy={}, services=[], resources=[])
    async with store.writing(SALON) as db:
        now = NOON
        await db.open_call(a_call(caller=phone))
        await db.save_checkpoint("call-1", {"name": name, "phone": phone})
        await db.confirm_number("call-1", phone)
        await db.add_turn(TurnRecord("call-1", 1, words, words, now))
        lead = await db.find_or_create_lead(phone=phone, name=name, call_id="call-1", now=now)
        await db.note_lead(lead.id, words)
        held = await db.claim(make_claim("c"), now.replace(year=2020))
        assert isinstance(held, Claimed)
        confirmed = await db.confirm(
            held.appointment.id, holder="holder-c", lead_id=lead.id, name=name, phone=phone,
            now=now.replace(year=2020),
        )  # fmt: skip
        assert isinstance(confirmed, Appointment)
        await db.publish(appointment_created("salon", held.appointment.id, now))
        await db.close_call("call-1", reason=CallEnd.CALLER, now=now)
        await db.save_message(replace(a_message(SALON, "m", words), to=phone, parts=(name, words)))
        await db.record_inbound(an_inbound(sender=phone, text=words))
        await db.record_consent(phone, ConsentAnswer.GRANTED, source="call", now=now)
        await db.make_offer(an_offer(phone=phone))
    found: dict[str, set[str]] = {}
    engine = sync_engine(url)
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(sa.select(table)).mappings():
                for column, value in row.items():
                    if any(canary in str(value) for canary in (phone, name, words)):
                        found.setdefault(table.name, set()).add(column)
    engine.dispose()
    assert found == {table: set(columns) for table, columns in PII_COLUMNS.items()}
