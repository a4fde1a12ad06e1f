"""`dalpak forget`: erase what is kept about one person, in the database and in the journals of calls.

Which rows those are is in `store/forgetting.py`. Exit codes: 0 done, or there was nothing; 1 not
done, or not wholly; 2 a wrong use.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import typer

from dalpak.cli.common import emit_json, fail, masked, settings_for
from dalpak.clock import SystemClock
from dalpak.config import Settings
from dalpak.domain.phones import carrier_phone
from dalpak.domain.records import TenantScope
from dalpak.store.compact import compact
from dalpak.store.engines import sqlite_path
from dalpak.store.forgetting import Found
from dalpak.store.migrate import schema_version
from dalpak.store.unit_of_work import SqlStore


@dataclass(frozen=True, slots=True)
class _Kept:
    """What one business has of the person."""

    business_id: str
    is_owner: bool
    """The number is the business's own, which is a setting and nobody's trace."""
    found: Found


def forget(*, phone: str, business: str, db: str, as_json: bool, yes: bool) -> int:
    """Look, ask, erase, and leave nothing in the files' free space."""
    settings = settings_for(db)
    number = carrier_phone(phone.strip())
    if number is None:
        return fail(f"PHONE: expected a number such as 050-123-4567, got {masked(phone)!r}")
    if schema_version(settings.db_url) is None:
        return fail("no database yet: start the server once (make run)")
    kept, live = asyncio.run(_look(settings, number, business))
    if kept is None:
        return fail(f"--business: expected the id of a business, got {business!r}")
    mine = [each for each in kept if not each.found.nothing]
    told = {each.business_id: _counts(each.found) for each in mine}
    if live and mine and sqlite_path(settings.db_url) is not None:
        typer.secho(
            f"{live} calls are going on, and the database's file is written anew, for which they "
            "would have to wait: repeat this when nobody talks",
            err=True,
        )
        return 1
    if refused := _refusal(mine):
        typer.secho(refused, err=True)
        return 1
    if not as_json:
        _show(number, told)
    if mine and not yes and not typer.confirm("Erase this for good?", err=True):
        return 1
    journals, whole = 0, True
    if mine:
        journals = asyncio.run(_erase(settings, number, mine))
    if not live or sqlite_path(settings.db_url) is None:
        # Also where nothing was found: an earlier time may have left the log to a reader.
        whole = compact(settings.db_url)
    if as_json:
        emit_json({"erased": told, "journals": journals, "log_emptied": whole})
    elif mine:
        typer.echo(f"erased, with {journals} journals of calls")
    if not whole:
        typer.secho(
            "another process still reads the database, so old pages may be in its log: repeat this "
            "when it has stopped",
            err=True,
        )
    return 0 if whole else 1


async def _look(settings: Settings, phone: str, business: str) -> tuple[list[_Kept] | None, int]:
    """By business, None for an unknown one; and how many calls are going on, whoever's."""
    clock = SystemClock()
    store = SqlStore.open(settings.db_url, clock)
    try:
        wanted = [b for b in await store.businesses() if business in ("", b.id)]
        if business and not wanted:
            return None, 0
        kept = [
            _Kept(b.id, b.owner_phone == phone, await store.kept_of(TenantScope(b.id), phone))
            for b in wanted
        ]
        return kept, len(await store.stale_calls(before=clock.now()))
    finally:
        await store.aclose()


def _refusal(kept: list[_Kept]) -> str:
    for each in kept:
        if each.is_owner:
            return (
                f"it is the number of the business {each.business_id} itself, which is told about "
                "every call: give the business another one first"
            )
        if each.found.live_calls:
            return (
                f"{each.business_id}: a call that this is about is going on, and would write it "
                "anew: repeat this when it is over"
            )
    return ""


async def _erase(settings: Settings, phone: str, kept: list[_Kept]) -> int:
    store = SqlStore.open(settings.db_url, SystemClock())
    try:
        for each in kept:
            await store.forget(TenantScope(each.business_id), phone)
    finally:
        await store.aclose()
    folder = settings.data_dir / "journal"
    calls = [call_id for each in kept for call_id in each.found.calls]
    return sum(_removed(folder / f"{call_id}.jsonl") for call_id in calls)


def _removed(file: Path) -> bool:
    there = file.is_file()
    file.unlink(missing_ok=True)
    return there


def _counts(found: Found) -> dict[str, object]:
    return {
        "leads": len(found.leads),
        "appointments": len(found.appointments),
        "calls": len(found.calls),
        "messages": len(found.messages),
        "replies": len(found.replies),
        "offers": len(found.offers),
        "consents": found.consents,
        "refusal_kept_as_digest": found.opted_out,
    }


def _show(phone: str, told: dict[str, dict[str, object]]) -> None:
    if not told:
        typer.echo(f"nothing is kept about {masked(phone)}")
    for business_id, counts in told.items():
        listed = ", ".join(f"{name} {count}" for name, count in counts.items())
        typer.echo(f"{business_id}  {masked(phone)}: {listed}")
