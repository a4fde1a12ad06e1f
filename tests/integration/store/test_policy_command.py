"""`dalpak policy explain` and `dalpak feeds` against a real database."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from store_kit import claim_of
from typer.testing import CliRunner

from dalpak.cli.app import app
from dalpak.clock import SystemClock
from dalpak.domain.records import TenantScope
from dalpak.ports.store import Claimed
from dalpak.store.demo import DEMO_BUSINESS_ID, seed_demo
from dalpak.store.unit_of_work import SqlStore

pytestmark = pytest.mark.integration

TUESDAY = "2026-11-24"
NOW = "2026-11-24T09:20:00+02:00"
TEN = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def db(sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The demo salon, Tamar taken from ten to eleven."""
    monkeypatch.chdir(tmp_path)

    async def fill() -> None:
        store = SqlStore.open(sqlite_url, SystemClock())
        await seed_demo(store)
        async with store.writing(TenantScope(DEMO_BUSINESS_ID)) as tx:
            what = claim_of(
                SystemClock(),
                "k",
                start=TEN,
                resource_id="tamar",
                service_id="colour",
                hold_until=TEN + timedelta(days=1),
            )
            assert isinstance(await tx.claim(what, TEN - timedelta(days=1)), Claimed)
        await store.aclose()

    asyncio.run(fill())
    return sqlite_url


def run(db: str, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, [*arguments, "--db", db])
    return result.exit_code, result.output


def explained(db: str, *more: str) -> dict[str, Any]:
    code, out = run(
        db, "policy", "explain", DEMO_BUSINESS_ID, TUESDAY, "--now", NOW, "--json", *more
    )
    assert code == 0, out
    data: dict[str, Any] = json.loads(out)
    return data


def at(data: dict[str, Any], clock: str) -> dict[str, Any]:
    (step,) = [s for s in data["steps"] if s["at"] == clock]
    return step


def test_every_step_of_the_day_with_its_reason(db: str) -> None:
    data = explained(db, "--service", "colour")
    assert (data["service_minutes"], data["staff"], data["windows"]) == (
        90, ["tamar"], [["09:00", "19:00"]],
    )  # fmt: skip
    assert len(data["steps"]) == 96
    assert data["offered"] == sum(s["offered"] for s in data["steps"])
    assert at(data, "09:00")["why"] == "in the past"
    assert at(data, "10:15")["why"] == "nearer than the notice of 60 min"
    assert at(data, "10:30") == {
        "at": "10:30", "offered": False, "code": "taken", "why": "taken", "free": [],
        "taken_by": ["tamar 10:00-11:00"],
    }  # fmt: skip
    assert at(data, "11:00") == {
        "at": "11:00", "offered": True, "code": "offered", "why": "", "free": ["tamar"],
        "taken_by": [],
    }  # fmt: skip
    assert at(data, "17:45")["why"] == "would end after closing"
    assert at(data, "19:00")["why"] == "closed"


def test_services_of_one_visit_and_staff_by_name(db: str) -> None:
    both = explained(db, "--service", "colour", "--service", "תספורת נשים")
    assert (both["service_minutes"], both["staff"]) == (135, ["tamar"])
    alone = explained(db, "--service", "haircut-men", "--staff", "יוסי")
    assert alone["staff"] == ["yossi"]
    assert at(alone, "10:30")["offered"]


def test_for_people_stretches_are_one_line(db: str) -> None:
    code, out = run(db, "policy", "explain", DEMO_BUSINESS_ID, TUESDAY, "--now", NOW)
    assert code == 0
    lines = out.splitlines()
    assert any("in the past (38 steps)" in line for line in lines)
    assert any("closed (20 steps)" in line for line in lines)
    assert any(line.lstrip().startswith("11:00") and "●" in line for line in lines)
    holiday = run(db, "policy", "explain", DEMO_BUSINESS_ID, "2027-04-22", "--now", NOW)[1]
    assert "holiday pesach: closed" in holiday


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["nobody", TUESDAY], "BUSINESS"),
        ([DEMO_BUSINESS_ID, "soon"], "DATE"),
        ([DEMO_BUSINESS_ID, TUESDAY, "--service", "massage"], "--service"),
        ([DEMO_BUSINESS_ID, TUESDAY, "--staff", "ronit"], "--staff"),
        ([DEMO_BUSINESS_ID, TUESDAY, "--now", "2026-11-24"], "--now"),
    ],
)
def test_what_is_wrong_is_named(db: str, arguments: list[str], named: str) -> None:
    code, out = run(db, "policy", "explain", *arguments)
    assert code == 2
    assert named in out


def test_feeds_are_told_again_and_renewed_one_by_one(db: str) -> None:
    def links(*more: str) -> dict[str, str]:
        code, out = run(db, "feeds", DEMO_BUSINESS_ID, "--json", *more)
        assert code == 0, out
        return {link["staff_id"]: link["url"] for link in json.loads(out)}

    first = links()
    assert set(first) == {"tamar", "yossi"}
    assert len(set(first.values())) == 2
    assert all(len(u.rsplit("/", 1)[1]) >= 43 for u in first.values())
    assert links() == first
    renewed = links("--new", "tamar")
    assert renewed["tamar"] != first["tamar"]
    assert renewed["yossi"] == first["yossi"]
    assert "tamar" in run(db, "feeds", DEMO_BUSINESS_ID)[1]
    assert run(db, "feeds", "nobody")[0] == 2
    assert run(db, "feeds", DEMO_BUSINESS_ID, "--new", "ronit")[0] == 2
