"""Over the cap: a spoken busy message at once, whatever providers and database are doing; and who asks is told why."""

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest
from edge_harness import SALON, Edge, running_edge, settings_for, sid

from dalpak.call.limits import Limits
from dalpak.language.he.written import WRITTEN
from dalpak.runtime.calls import Calls, Kit
from dalpak.runtime.loop_lag import WINDOW

pytestmark = pytest.mark.integration


class Untouched:
    """A provider that must not be asked anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a provider was touched: {name}")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Edge]:
    """Room for two, with the product's own admission before providers that nobody may touch."""
    async with running_edge(settings_for(tmp_path, max_live_calls=2)) as edge:
        nobody = cast(Any, Untouched())
        kit = Kit(
            limits=Limits(),
            store=edge.extensions.store,
            clock=edge.extensions.clock,
            agent=nobody,
            open_desk=nobody,
            voice=nobody,
            stt=nobody,
            make_vad=nobody,
            debounce_ms=40,
            tts_timeout_s=1.0,
            max_live_calls=2,
            journal_dir=None,
        )
        edge.extensions.calls = cast(Any, Calls(kit))
        yield edge


async def load(edge: Edge) -> dict[str, Any]:
    answer = await edge.http.get("/health/load")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_who_is_one_too_many_hears_so_while_the_database_takes_nothing(house: Edge) -> None:
    """Another process holds the database's only pen for the whole test: a write would wait for it, and fail."""
    for number in range(2):
        await house.ring(sid(number))
    database = house.settings.data_dir / "dalpak.db"
    with closing(sqlite3.connect(database, isolation_level=None)) as pen:
        pen.execute("BEGIN IMMEDIATE")
        answer = await house.post("/voice/incoming", house.form(sid(2)))
        pen.execute("ROLLBACK")

    said = re.search(r"<Say [^>]*>([^<]+)</Say><Hangup", answer.text)
    assert said is not None, answer.text
    assert said[1] == WRITTEN["twiml_busy"]
    assert await house.extensions.store.scope_of_call(external_id=sid(2)) is None


async def test_a_late_loop_refuses_too_and_says_so_at_the_health_page(house: Edge) -> None:
    empty = await load(house)
    assert (empty["live"], empty["reserved"], empty["has_room"]) == (0, 0, True)

    await house.ring(sid(0))
    lag = house.extensions.calls.lag  # type: ignore[attr-defined]
    for _ in range(WINDOW):
        lag.note(house.settings.max_loop_lag_ms + 1)
    late = await load(house)
    refused = await house.post("/voice/incoming", house.form(sid(1)))

    assert late == {
        "live": 0,
        "reserved": 1,
        "has_room": False,
        "loop_lag_p95_ms": house.settings.max_loop_lag_ms + 1,
        "loop_lag_p999_ms": house.settings.max_loop_lag_ms + 1,
        "loop_lag_worst_ms": house.settings.max_loop_lag_ms + 1,
    }
    assert "<Connect" not in refused.text


async def test_the_health_page_knows_a_full_house(house: Edge) -> None:
    for number in range(2):
        assert (await load(house))["has_room"]
        await house.ring(sid(number), To=SALON.phone)
    full = await load(house)

    assert (full["reserved"], full["has_room"]) == (2, False)
