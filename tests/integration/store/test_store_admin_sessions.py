"""A login holds in every process of the installation and in none after its end: on both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from store_kit import NOON, HandClock, sync_engine

from dalpak.app_factory import create_app
from dalpak.config import Settings
from dalpak.extensions import build_extensions
from dalpak.store.admin_sessions import FRESH, SESSIONS_MAX, admin_session
from dalpak.store.unit_of_work import SqlStore
from dalpak.web.console.access import COOKIE

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)
LONG_AGO = NOON - 100 * HOUR
HOME = "http://127.0.0.1:8080"
PASSWORD = "correct horse battery staple"
CHEAP = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


def rows(url: str) -> list[Any]:
    engine = sync_engine(url)
    with engine.connect() as connection:
        found = list(connection.execute(sa.select(admin_session).order_by(admin_session.c.digest)))
    engine.dispose()
    return found


# -- the rows --------------------------------------------------------------------------------------


async def test_a_session_lives_between_its_bounds_and_ends_at_once(store: SqlStore) -> None:
    sessions = store.admin_sessions
    always = {"began_after": LONG_AGO, "used_after": LONG_AGO}
    await sessions.begin("d1", now=NOON, **always)

    assert await sessions.use("d1", now=NOON + HOUR, **always)
    assert not await sessions.use("d2", now=NOON, **always)
    assert not await sessions.use("d1", now=NOON, began_after=NOON, used_after=LONG_AGO)
    assert not await sessions.use("d1", now=NOON, began_after=LONG_AGO, used_after=NOON + HOUR)
    await sessions.end("d1")
    assert not await sessions.use("d1", now=NOON, **always)


async def test_use_keeps_it_alive_and_is_not_written_every_time(store: SqlStore, url: str) -> None:
    always = {"began_after": LONG_AGO, "used_after": LONG_AGO}
    await store.admin_sessions.begin("d", now=NOON, **always)
    for later, written in ((FRESH / 2, NOON), (FRESH, NOON + FRESH), (FRESH * 1.5, NOON + FRESH)):
        await store.admin_sessions.use("d", now=NOON + later, **always)
        assert [row.used_at for row in rows(url)] == [written]


async def test_what_is_over_goes_with_the_next_login_and_so_do_too_many(
    store: SqlStore, url: str
) -> None:
    for n in range(SESSIONS_MAX + 3):
        now = NOON + n * timedelta(seconds=1)
        await store.admin_sessions.begin(
            f"{n:03}", now=now, began_after=LONG_AGO, used_after=LONG_AGO
        )
    assert len(rows(url)) == SESSIONS_MAX
    assert rows(url)[0].digest == "003"
    last = NOON + HOUR
    await store.admin_sessions.begin(
        "new", now=last, began_after=LONG_AGO, used_after=NOON + HOUR / 2
    )
    assert [row.digest for row in rows(url)] == ["new"]


# -- two processes of one installation -------------------------------------------------------------


@asynccontextmanager
async def process(
    folder: Path, url: str, clock: HandClock, password: str = PASSWORD
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in front of one of them. All share a database and a clock, and nothing else."""
    folder.mkdir()
    settings = Settings(
        _env_file=None, data_dir=folder, database_url=url, flows_enabled=False, seed_demo=False,
        tts_provider="silent", admin_password_hash=hashed(password), run_migrations_on_start=False,
    )  # type: ignore[call-arg]  # fmt: skip
    app = create_app(settings, build=partial(build_extensions, clock=clock, serving=False))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=HOME, headers={"origin": HOME}
        ) as browser,
    ):
        yield browser


HASHES: dict[str, str] = {}


def hashed(password: str) -> str:
    """The setting, which is one for the whole installation."""
    return HASHES.setdefault(password, CHEAP.hash(password))


async def is_in(browser: httpx.AsyncClient) -> bool:
    return (await browser.get("/")).status_code == 200


async def test_a_login_holds_in_each_process_and_a_logout_ends_it_in_each(
    tmp_path: Path, url: str, clock: HandClock
) -> None:
    async with (
        process(tmp_path / "one", url, clock) as one,
        process(tmp_path / "two", url, clock) as two,
    ):
        assert (await one.post("/login", data={"password": PASSWORD})).status_code == 303
        two.cookies = one.cookies
        assert (await is_in(one), await is_in(two)) == (True, True)
        assert rows(url)[0].digest not in one.cookies[COOKIE], "a database does not open the pages"

        csrf = (await two.get("/")).text.split('name="csrf" value="')[1].split('"')[0]
        assert (await one.post("/logout", data={"csrf": "guessed"})).status_code == 403
        assert (await two.post("/logout", data={"csrf": csrf})).status_code == 303
        assert one.cookies[COOKIE], "a thief of the cookie would still have it"
        assert not await is_in(one)
    assert rows(url) == []


async def test_it_survives_a_restart_and_ends_by_time_or_by_another_password(
    tmp_path: Path, url: str, clock: HandClock
) -> None:
    async with process(tmp_path / "before", url, clock) as browser:
        await browser.post("/login", data={"password": PASSWORD})
        cookies = browser.cookies
    async with process(tmp_path / "other", url, clock, "another password") as browser:
        browser.cookies = cookies
        assert not await is_in(browser)
    async with process(tmp_path / "after", url, clock) as browser:
        browser.cookies = cookies
        for minutes in (25, 25, 25):
            clock.at += timedelta(minutes=minutes)
            assert await is_in(browser), "used every half hour"
        clock.at += timedelta(minutes=31)
        assert not await is_in(browser)
