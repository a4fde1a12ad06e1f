"""`dalpak number`: which telephone number is whose. The number that is dialled says which business answers."""

import asyncio
import re

import typer

from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.domain.records import TenantScope
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore

E164 = re.compile(r"\+[1-9]\d{6,14}")
"""As Twilio writes the number that was called, of any country."""


def number(*, business: str, phone: str, db: str, as_json: bool) -> int:
    """Without a business: the list. The change counts from the next call on; live calls go on."""
    settings = settings_for(db)
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")
    if business:
        trouble = asyncio.run(_give(settings, business, phone))
        if trouble:
            return fail(trouble)
    rows = asyncio.run(_list(settings))
    if as_json:
        emit_json(rows)
    else:
        for row in rows:
            typer.echo(f"{row['phone']:<16} {row['id']:<16} {row['name']}")
    return 0


async def _give(settings: Settings, business: str, phone: str) -> str:
    """What is wrong, or nothing."""
    if not E164.fullmatch(phone):
        return f"NUMBER: expected E.164 such as +97237654321, got {phone!r}"
    store = SqlStore.open(settings.db_url, SystemClock())
    try:
        known = [b.id for b in await store.businesses()]
        if business not in known:
            return f"BUSINESS: expected one of {', '.join(known)}, got {business!r}"
        if not await store.give_number(TenantScope(business), phone):
            return f"NUMBER: {phone} belongs to another business here"
    finally:
        await store.aclose()
    return ""


async def _list(settings: Settings) -> list[dict[str, str]]:
    store = SqlStore.open(settings.db_url, SystemClock())
    try:
        return [{"phone": b.phone, "id": b.id, "name": b.name} for b in await store.businesses()]
    finally:
        await store.aclose()
