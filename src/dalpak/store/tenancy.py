"""Tenancy: the only way from a repository to the database, and it always carries the tenant.

`Transaction` is one open transaction; `Scoped` runs statements in it, each bound to one business.
Repositories get a `Scoped` and nothing else, so that a statement without its tenant cannot be
written by accident.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Executable,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from dalpak.clock import Clock
from dalpak.domain.records import TenantScope
from dalpak.errors import ScopeError
from dalpak.store.engines import faults_translated, upsert
from dalpak.store.rows import AnyRow

Condition = ColumnElement[bool]
Values = Mapping[str, object]


class Transaction:
    """One open transaction. Each wait for the database is announced to the clock."""

    def __init__(self, connection: AsyncConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    async def execute(self, statement: Executable) -> CursorResult[*tuple[Any, ...]]:
        with self._clock.real_work(), faults_translated():
            return await self._connection.execute(statement)

    async def run_sync(self, work: Callable[[Connection], None]) -> None:
        with self._clock.real_work(), faults_translated():
            await self._connection.run_sync(work)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone: PostgreSQL would give up the whole transaction."""
        with self._clock.real_work(), faults_translated():
            async with self._connection.begin_nested():
                yield


class Scoped:
    """Statements on the tables of one business, in one transaction."""

    def __init__(self, transaction: Transaction, scope: TenantScope) -> None:
        if not scope.business_id:
            raise ScopeError("a scope needs a business id")
        self.scope = scope
        self.transaction = transaction

    def require_mine(self, business_id: str) -> None:
        """Raises ScopeError for a record that names another tenant."""
        if business_id != self.scope.business_id:
            raise ScopeError(f"{business_id!r} is not the tenant {self.scope.business_id!r}")

    def _mine(self, table: Table) -> Condition:
        return table.c.business_id == self.scope.business_id

    def _with_tenant(self, values: Values) -> dict[str, object]:
        return {**values, "business_id": self.scope.business_id}

    async def lock_name(self, name: str) -> None:
        """Nobody else of this tenant has the name until the transaction ends. It is no row: for what
        is about to be written. On SQLite a writing transaction is alone as it is."""
        if self.transaction.dialect == "postgresql":
            keys = (func.hashtext(self.scope.business_id), func.hashtext(name))
            await self.transaction.execute(select(func.pg_advisory_xact_lock(*keys)))

    async def all(
        self,
        table: Table,
        *conditions: Condition,
        order_by: Sequence[ColumnElement[Any]] = (),
        limit: int | None = None,
    ) -> Sequence[AnyRow]:
        statement = select(table).where(self._mine(table), *conditions).order_by(*order_by)
        if limit is not None:
            statement = statement.limit(limit)
        return (await self.transaction.execute(statement)).all()

    async def one(self, table: Table, *conditions: Condition) -> AnyRow | None:
        """The row that a unique key names, or None."""
        statement = select(table).where(self._mine(table), *conditions)
        return (await self.transaction.execute(statement)).one_or_none()

    async def insert(self, table: Table, values: Values) -> None:
        await self.transaction.execute(insert(table).values(self._with_tenant(values)))

    async def insert_returning(self, table: Table, values: Values) -> AnyRow:
        """The new row, in the same round trip."""
        statement = insert(table).values(self._with_tenant(values)).returning(*table.c)
        return (await self.transaction.execute(statement)).one()

    async def insert_unless_there(
        self, table: Table, values: Values, *, key: Sequence[str]
    ) -> bool:
        """True if the row is new; False, and nothing written, if its unique `key` is taken."""
        statement = (
            upsert(self.transaction.dialect, table)
            .values(self._with_tenant(values))
            .on_conflict_do_nothing(index_elements=list(key))
        )
        return (await self.transaction.execute(statement)).rowcount == 1

    async def insert_or_update(
        self, table: Table, values: Values, *, key: Sequence[str], changes: Mapping[str, Any]
    ) -> AnyRow:
        """The row as it stands after an insert, or after `changes` to the one with that unique
        `key`.
        """
        statement = (
            upsert(self.transaction.dialect, table)
            .values(self._with_tenant(values))
            .on_conflict_do_update(
                index_elements=list(key), set_=dict(changes), where=self._mine(table)
            )
            .returning(*table.c)
        )
        return (await self.transaction.execute(statement)).one()

    async def update(self, table: Table, *conditions: Condition, **values: object) -> int:
        """How many rows were changed."""
        statement = update(table).where(self._mine(table), *conditions).values(**values)
        return (await self.transaction.execute(statement)).rowcount

    async def update_returning(
        self, table: Table, column: Column[Any], *conditions: Condition, **values: object
    ) -> Sequence[Any]:
        """`column` of each row that was changed."""
        statement = (
            update(table).where(self._mine(table), *conditions).values(**values).returning(column)
        )
        return (await self.transaction.execute(statement)).scalars().all()

    async def delete(self, table: Table, *conditions: Condition) -> int:
        """How many rows went."""
        statement = delete(table).where(self._mine(table), *conditions)
        return (await self.transaction.execute(statement)).rowcount
