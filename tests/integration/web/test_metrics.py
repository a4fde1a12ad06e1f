"""`/metrics`: what it says after a real call, what it never says, and to whom it says it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from edge_harness import PUBLIC, settings_for
from fastapi import FastAPI
from scraped import samples

from dalpak.app_factory import create_app
from dalpak.cli import call as scripted
from dalpak.cli.call import Options, run_script
from dalpak.clock import VirtualClock, run_virtual
from dalpak.config import Settings
from dalpak.extensions import Extensions, build_extensions
from dalpak.language.he.check_lines import OFF_GRID_BOOKING, PHONE
from dalpak.web.metrics import answer_for

pytestmark = pytest.mark.integration

NOW = datetime.fromisoformat("2026-11-24T10:00:00+02:00")
TOKEN = "scrape-me"
HOME = "http://127.0.0.1:8080"


def small(folder: Path, **changes: Any) -> Settings:
    values = {"seed_demo": True, "flows_enabled": False, "tts_provider": "silent"}
    return settings_for(folder, **values | changes)


@pytest.fixture(scope="module")
def after_a_call(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """The page after one whole typed call that booked, and what came of the call."""
    kept: list[Extensions] = []

    @asynccontextmanager
    async def keeping(settings: Settings, **how: Any) -> AsyncIterator[Extensions]:
        async with build_extensions(settings, **how) as extensions:
            kept.append(extensions)
            yield extensions

    folder = tmp_path_factory.mktemp("metrics")
    idle = {"idle_prompt_ms": 3_600_000, "idle_goodbye_ms": 7_200_000}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scripted, "build_extensions", keeping)
        options = Options(business="", caller=None, keypad=False)
        result = run_virtual(
            run_script(small(folder, **idle), VirtualClock(NOW), options, list(OFF_GRID_BOOKING))
        )
    assert isinstance(result, dict)
    return answer_for(kept[0], 7).decode(), result


def test_a_call_is_told_in_numbers(after_a_call: tuple[str, dict[str, Any]]) -> None:
    text, result = after_a_call
    told = samples(text)

    assert told["dalpak_calls_total", ("terminal",)] == 1
    assert told["dalpak_calls_ended_total", (result["ended"],)] == 1
    assert told["dalpak_live_calls", ()] == 0
    assert told["dalpak_tasks", ()] == 7
    assert told["dalpak_bookings_total", ()] == len(result["appointments"]) == 1
    assert told["dalpak_turns_total", ()] == told["dalpak_turn_latency_seconds_count", ("total",)]
    assert told["dalpak_turns_total", ()] > 3
    assert told["dalpak_turn_latency_seconds_count", ("heard",)] > 3
    for ok in (True, False):
        counted = sum(
            value
            for (name, labels), value in told.items()
            if name == "dalpak_tool_calls_total" and labels[0] == str(ok).lower()
        )
        assert counted == sum(tool["ok"] is ok for tool in result["tools"]) > 0
    assert told["dalpak_process_resident_memory_bytes", ()] > 0


def test_it_tells_nothing_about_anybody(after_a_call: tuple[str, dict[str, Any]]) -> None:
    text, result = after_a_call

    (appointment,) = result["appointments"]
    private = [PHONE, appointment["phone"], appointment["name"], result["call_id"]]
    assert [word for word in private if word in text] == []
    assert text.isascii(), "no word of a call is Hebrew here"


def test_buckets_are_cumulative(after_a_call: tuple[str, dict[str, Any]]) -> None:
    told = samples(after_a_call[0])
    counts = [
        value
        for (name, labels), value in told.items()
        if name == "dalpak_turn_latency_seconds_bucket" and labels[1] == "total"
    ]

    assert counts == sorted(counts)
    assert counts[-1] == told["dalpak_turn_latency_seconds_count", ("total",)]


@asynccontextmanager
async def app_with(folder: Path, **changes: Any) -> AsyncIterator[FastAPI]:
    """The app with its real parts, started."""
    app = create_app(small(folder, **changes), build=partial(build_extensions, serving=False))
    async with app.router.lifespan_context(app):
        yield app


async def ask(app: FastAPI, client: str, base: str, headers: dict[str, str]) -> httpx.Response:
    """From this address, under this name."""
    transport = httpx.ASGITransport(app, client=(client, 5000))
    async with httpx.AsyncClient(transport=transport, base_url=base) as http:
        return await http.get("/metrics", headers=headers)


async def test_this_machine_may_read(tmp_path: Path) -> None:
    async with app_with(tmp_path) as app:
        answer = await ask(app, "127.0.0.1", HOME, {})

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert samples(answer.text)["dalpak_live_calls_max", ()] == 50


STRANGERS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("203.0.113.7", HOME, {}),
    ("127.0.0.1", PUBLIC, {}),
    ("127.0.0.1", HOME, {"x-forwarded-for": "203.0.113.7"}),
    ("127.0.0.1", HOME, {"cf-connecting-ip": "203.0.113.7"}),
    ("203.0.113.7", HOME, {"authorization": "Bearer wrong"}),
    ("127.0.0.1", HOME, {"authorization": "Bearer wrong"}),
    ("203.0.113.7", HOME, {"authorization": "Bearer "}),
)


@pytest.mark.parametrize("password", ["", "$argon2id$x"])
async def test_strangers_may_not(tmp_path: Path, password: str) -> None:
    """Neither through a tunnel on this machine, nor with a guess; with a password for the pages or without."""
    secrets = {"metrics_token": TOKEN, "admin_password_hash": password}
    async with app_with(tmp_path, **secrets) as app:
        answers = [await ask(app, *stranger) for stranger in STRANGERS]

    assert [(a.status_code, a.text) for a in answers] == [(403, "forbidden")] * len(STRANGERS)


async def test_the_token_opens_from_anywhere_and_an_empty_one_from_nowhere(tmp_path: Path) -> None:
    async with app_with(tmp_path, metrics_token=TOKEN) as app:
        shown = {"authorization": f"Bearer {TOKEN}"}
        with_token = await ask(app, "203.0.113.7", PUBLIC, shown)
    async with app_with(tmp_path) as app:
        without = await ask(app, "203.0.113.7", PUBLIC, {"authorization": "Bearer "})

    assert (with_token.status_code, without.status_code) == (200, 403)
