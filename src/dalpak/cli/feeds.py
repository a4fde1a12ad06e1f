"""`dalpak feeds`: the private calendar links of a business's staff. Whoever has a link sees the diary."""

import asyncio

import typer

from dalpak.cli.common import emit_json, fail, settings_for
from dalpak.clock import SystemClock
from dalpak.domain.calendar_links import staff_path, staff_subject
from dalpak.domain.records import TenantScope
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore


def feeds(*, business: str, new: str, db: str, as_json: bool) -> int:
    """`new` names a member of staff whose old link shall die."""
    settings = settings_for(db)
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")
    clock = SystemClock()

    async def run() -> list[dict[str, str]] | str:
        store = SqlStore.open(settings.db_url, clock)
        try:
            known = [b.id for b in await store.businesses()]
            if business not in known:
                return f"BUSINESS: expected one of {', '.join(known)}, got {business!r}"
            async with store.writing(TenantScope(business)) as tx:
                staff = await tx.resources()
                if new and new not in [r.id for r in staff]:
                    return f"--new: expected one of {', '.join(r.id for r in staff)}, got {new!r}"
                links = []
                for person in staff:
                    secret = await tx.calendar_token(
                        staff_subject(person.id),
                        new=clock.new_secret(),
                        replace=person.id == new,
                    )
                    path = staff_path(business, person.id, secret)
                    links.append(
                        {
                            "staff_id": person.id,
                            "name": person.name,
                            "url": settings.public_base_url + path,
                        }
                    )
                return links
        finally:
            await store.aclose()

    found = asyncio.run(run())
    if isinstance(found, str):
        return fail(found)
    if as_json:
        emit_json(found)
        return 0
    for link in found:
        typer.echo(f"{link['name']:<12} {link['url']}")
    typer.secho("  keep these private: a link is all it takes to read the diary", dim=True)
    return 0
