"""The store: opens transactions, guards the single writer, answers what must be known before the
tenant is.

What happens inside a tenant is in `reading.py`, `writing.py` and `claims.py`. Policy and call logic
never come here.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, Self

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from dalpak.clock import Clock
from dalpak.domain.follow_up import DeliveryRecord
from dalpak.domain.policy import Policy
from dalpak.domain.records import Business, CallRecord, Resource, Service, TenantScope
from dalpak.errors import ProviderError
from dalpak.store import models as m
from dalpak.store.admin_sessions import AdminSessions
from dalpak.store.engines import Engines, faults_translated, open_engines
from dalpak.store.follow_rows import as_delivery
from dalpak.store.forgetting import Found, erase, find
from dalpak.store.limits import MAX_ROWS
from dalpak.store.reading import SqlReading
from dalpak.store.rows import (
    as_business,
    as_call,
    business_values,
    resource_values,
    service_values,
)
from dalpak.store.tenancy import Scoped, Transaction
from dalpak.store.writing import OnEvent, SqlWriting

GATE_WAIT_S: Final = 5.0
"""How long a writer queues behind the others of this process before it is told that the store is
busy.
"""


class SqlStore:
    """`ports.store.Store`. Belongs to one event loop: a second loop opens its own with
    `SqlStore.open`.
    """

    def __init__(self, engines: Engines, clock: Clock, on_event: OnEvent | None = None) -> None:
        self._engines = engines
        self._clock = clock
        self._on_event = on_event
        # SQLite has one writer. Queueing here is fair and takes microseconds; its own busy handler
        # sleeps.
        self._gate = asyncio.Lock() if engines.one_writer else None
        self.admin_sessions = AdminSessions(self._read, self._write)

    @classmethod
    def open(cls, url: str, clock: Clock, on_event: OnEvent | None = None) -> Self:
        """A store with engines of its own. Connects when it is first asked something."""
        return cls(open_engines(url), clock, on_event)

    async def aclose(self) -> None:
        with self._clock.real_work():
            await self._engines.aclose()

    # -- transactions --------------------------------------------------------------------------

    @asynccontextmanager
    async def reading(self, scope: TenantScope) -> AsyncIterator[SqlReading]:
        async with self._read() as transaction:
            yield SqlReading(Scoped(transaction, scope))

    @asynccontextmanager
    async def writing(self, scope: TenantScope) -> AsyncIterator[SqlWriting]:
        async with self._write() as transaction:
            yield SqlWriting(Scoped(transaction, scope), self._clock, self._on_event)

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[Transaction]:
        async with self._transaction(self._engines.reading) as transaction:
            yield transaction

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[Transaction]:
        if self._gate is None:
            async with self._transaction(self._engines.writing) as transaction:
                yield transaction
            return
        try:
            async with asyncio.timeout(GATE_WAIT_S):
                await self._gate.acquire()
        except TimeoutError as e:
            raise ProviderError("store_busy", "other writers of this process") from e
        try:
            async with self._transaction(self._engines.writing) as transaction:
                yield transaction
        finally:
            self._gate.release()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Transaction]:
        connection = engine.connect()
        with self._clock.real_work(), faults_translated():
            await connection.start()
        try:
            with self._clock.real_work(), faults_translated():
                await connection.begin()
            yield Transaction(connection, self._clock)
            with self._clock.real_work(), faults_translated():
                await connection.commit()
        finally:
            # Closing rolls back what was not committed. Shielded, so that a cancelled tool call
            # cannot leave the one writing connection in the middle of a transaction.
            with self._clock.real_work(), faults_translated():
                await asyncio.shield(connection.close())

    async def add_business(
        self,
        business: Business,
        *,
        policy: Mapping[str, object],
        services: Sequence[Service],
        resources: Sequence[Resource],
    ) -> bool:
        """A new tenant with all it needs, or False and nothing written if its id is known.

        Raises PolicyError for a policy that could not be kept.
        """
        Policy.from_json(policy)
        try:
            return await self._add_business(business, policy, services, resources)
        except IntegrityError:
            # Another process added it at the same moment, and its number was there first.
            if business.id in [known.id for known in await self.businesses()]:
                return False
            raise

    async def _add_business(
        self,
        business: Business,
        policy: Mapping[str, object],
        services: Sequence[Service],
        resources: Sequence[Resource],
    ) -> bool:
        now = self._clock.now()
        async with self._write() as transaction:
            db = Scoped(transaction, TenantScope(business.id))
            values = {**business_values(business), "created_at": now}
            if not await db.insert_unless_there(m.business, values, key=("business_id",)):
                return False
            await db.insert(m.policy, {"raw": dict(policy), "version": 1, "updated_at": now})
            for position, service in enumerate(services):
                await db.insert(m.service, {**service_values(service), "position": position})
            for position, resource in enumerate(resources):
                await db.insert(m.resource, {**resource_values(resource), "position": position})
        return True

    async def give_number(self, scope: TenantScope, phone: str) -> bool:
        """The number that this business's callers dial, E.164. False when another one has it."""
        try:
            async with self._write() as transaction:
                return await Scoped(transaction, scope).update(m.business, phone=phone) == 1
        except IntegrityError:
            return False

    # -- one person --------------------------------------------------------------------------------

    async def kept_of(self, scope: TenantScope, phone: str) -> Found:
        """What is kept in this business under the number, E.164."""
        async with self._read() as transaction:
            return await find(Scoped(transaction, scope), phone)

    async def forget(self, scope: TenantScope, phone: str) -> Found:
        """Erase it; what was found. A number that asked for no messages is kept as a digest."""
        async with self._write() as transaction:
            db = Scoped(transaction, scope)
            found = await find(db, phone)
            await erase(db, phone, found)
        return found

    # -- before the tenant is known --------------------------------------------------------------

    async def business_by_number(self, called: str) -> Business | None:
        statement = select(m.business).where(m.business.c.phone == called)
        async with self._read() as transaction:
            row = (await transaction.execute(statement)).one_or_none()
        return None if row is None else as_business(row)

    async def businesses(self) -> Sequence[Business]:
        statement = select(m.business).order_by(m.business.c.created_at, m.business.c.business_id)
        async with self._read() as transaction:
            rows = (await transaction.execute(statement.limit(MAX_ROWS))).all()
        return [as_business(row) for row in rows]

    async def scope_of_call(
        self, *, call_id: str = "", external_id: str = ""
    ) -> tuple[TenantScope, CallRecord] | None:
        """By our id or the carrier's; both are unguessable and come from signed requests."""
        c = m.call_log.c
        named = [
            column == value
            for column, value in ((c.id, call_id), (c.external_id, external_id))
            if value
        ]
        if not named:
            return None
        async with self._read() as transaction:
            row = (await transaction.execute(select(m.call_log).where(*named))).one_or_none()
        return None if row is None else (TenantScope(row.business_id), as_call(row))

    async def scope_of_delivery(
        self, *, delivery_id: str = "", channel: str = "", provider_id: str = ""
    ) -> tuple[TenantScope, DeliveryRecord] | None:
        """By our id, which the provider gave back, else by the provider's own."""
        c = m.delivery.c
        statement = select(m.delivery).order_by(c.created_at.desc(), c.id.desc()).limit(1)
        for named in (
            [c.id == delivery_id] if delivery_id else [],
            [c.channel == channel, c.provider_id == provider_id] if provider_id else [],
        ):
            if not named:
                continue
            async with self._read() as transaction:
                row = (await transaction.execute(statement.where(*named))).one_or_none()
            if row is not None:
                return TenantScope(row.business_id), as_delivery(row)
        return None

    async def mint_stream_token(
        self, *, digest: str, call: CallRecord, expires_at: datetime
    ) -> None:
        values = {
            "digest": digest,
            "call_id": call.id,
            "external_id": call.external_id,
            "account_id": call.account_id,
            "expires_at": expires_at,
            "redeemed_at": None,
        }
        async with self._write() as transaction:
            db = Scoped(transaction, TenantScope(call.business_id))
            # A token that was minted before keeps its fate: minting again must not make it fresh.
            await db.insert_unless_there(m.stream_token, values, key=("digest",))

    async def redeem_stream_token(
        self, *, digest: str, external_id: str, account_id: str, now: datetime
    ) -> CallRecord | None:
        c = m.stream_token.c
        redeem = (
            update(m.stream_token)
            .where(
                c.digest == digest,
                c.redeemed_at.is_(None),
                c.expires_at > now,
                c.external_id == external_id,
                c.account_id == account_id,
            )
            .values(redeemed_at=now)
            .returning(c.business_id, c.call_id)
        )
        async with self._write() as transaction:
            won = (await transaction.execute(redeem)).one_or_none()
            if won is None:
                return None
            db = Scoped(transaction, TenantScope(won.business_id))
            row = await db.one(m.call_log, m.call_log.c.id == won.call_id)
        return None if row is None else as_call(row)

    async def stale_calls(self, *, before: datetime) -> Sequence[CallRecord]:
        c = m.call_log.c
        statement = (
            select(m.call_log)
            .where(c.ended_at.is_(None), c.last_seen_at < before)
            .order_by(c.last_seen_at, c.id)
            .limit(MAX_ROWS)
        )
        async with self._read() as transaction:
            rows = (await transaction.execute(statement)).all()
        return [as_call(row) for row in rows]
