"""Who is logged in to the pages: one row a login, read by every process of the installation.

The only table without a tenant: an admin sees all businesses. What a session may do, and how long it lasts, is
decided by the pages (web/console/access.py); only digests of their cookies come here.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Column, Table, Text, delete, insert, or_, select, update

from dalpak.store.columns import OF_NO_TENANT, instant, metadata
from dalpak.store.tenancy import Transaction

FRESH: Final = timedelta(seconds=60)
"""A session used again so soon is not written again: pages ask many times a minute, and SQLite has one writer."""
SESSIONS_MAX: Final = 200
"""The oldest go first."""

admin_session = Table(
    "admin_session",
    metadata,
    Column("digest", Text, primary_key=True),
    instant("began_at"),
    instant("used_at"),
    info={OF_NO_TENANT: True},
)

Open = Callable[[], AbstractAsyncContextManager[Transaction]]


class AdminSessions:
    """In transactions of the store's own."""

    def __init__(self, reading: Open, writing: Open) -> None:
        self._reading, self._writing = reading, writing

    async def begin(
        self, digest: str, *, now: datetime, began_after: datetime, used_after: datetime
    ) -> None:
        """A new one. Those that are over by these bounds go, and so do the oldest of too many."""
        c = admin_session.c
        over = or_(c.began_at <= began_after, c.used_at <= used_after)
        newest = select(c.digest).order_by(c.began_at.desc()).limit(SESSIONS_MAX - 1)
        async with self._writing() as transaction:
            await transaction.execute(delete(admin_session).where(over))
            await transaction.execute(delete(admin_session).where(c.digest.not_in(newest)))
            new = insert(admin_session).values(digest=digest, began_at=now, used_at=now)
            await transaction.execute(new)

    async def use(
        self, digest: str, *, now: datetime, began_after: datetime, used_after: datetime
    ) -> bool:
        """Whether there is one that began and was used after these; it counts as used now."""
        c = admin_session.c
        living = (c.digest == digest, c.began_at > began_after, c.used_at > used_after)
        async with self._reading() as transaction:
            row = (await transaction.execute(select(admin_session).where(*living))).one_or_none()
        if row is None:
            return False
        if now - row.used_at >= FRESH:
            async with self._writing() as transaction:
                await transaction.execute(
                    update(admin_session).where(c.digest == digest).values(used_at=now)
                )
        return True

    async def end(self, digest: str) -> None:
        """It holds nowhere any more."""
        async with self._writing() as transaction:
            await transaction.execute(delete(admin_session).where(admin_session.c.digest == digest))
