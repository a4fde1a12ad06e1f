"""Which databases are accepted, and how their faults look from outside."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from dalpak.errors import ConfigError, ProviderError
from dalpak.store.engines import faults_translated, parse_url, sqlite_path

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:///data/x.db", "sqlite+aiosqlite"),
        ("sqlite+aiosqlite:////data/x.db", "sqlite+aiosqlite"),
        ("postgresql://u@h/d", "postgresql+asyncpg"),
        ("postgresql+psycopg://u@h/d", "postgresql+asyncpg"),
    ],
)
def test_urls_get_their_async_driver(url: str, driver: str) -> None:
    assert parse_url(url).drivername == driver


@pytest.mark.parametrize(
    "url", ["", "dalpak.db", "sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d"]
)
def test_other_databases_are_refused_without_telling_passwords(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_url(url)
    assert caught.value.field == "DATABASE_URL"
    assert "secret" not in str(caught.value)


def test_only_sqlite_has_a_file() -> None:
    assert sqlite_path("sqlite+aiosqlite:////data/x.db") == Path("/data/x.db")
    assert sqlite_path("postgresql://u@h/d") is None


def raised(kind: type[sa.exc.DBAPIError], text: str) -> sa.exc.DBAPIError:
    return kind("SELECT name FROM lead", {"phone": "+972501234567"}, sqlite3.OperationalError(text))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (raised(sa.exc.OperationalError, "database is locked"), "store_busy"),
        (raised(sa.exc.DBAPIError, "canceling statement due to lock timeout"), "store_busy"),
        (raised(sa.exc.DBAPIError, "deadlock detected"), "store_busy"),
        (raised(sa.exc.OperationalError, "database or disk is full"), "store_full"),
        (raised(sa.exc.OperationalError, "could not extend file: No space left"), "store_full"),
        (raised(sa.exc.OperationalError, "disk I/O error"), "store_unavailable"),
        (sa.exc.TimeoutError("pool"), "store_busy"),
        (ConnectionRefusedError("refused"), "store_unavailable"),
        (TimeoutError(), "store_unavailable"),
    ],
)
def test_faults_become_provider_errors_without_personal_data(error: Exception, code: str) -> None:
    with pytest.raises(ProviderError) as caught, faults_translated():
        raise error
    assert caught.value.code == code
    assert "+9725" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        raised(sa.exc.IntegrityError, "UNIQUE constraint failed"),
        raised(sa.exc.OperationalError, "no such table: lead"),
        sa.exc.StatementError("naive", "INSERT", {}, ValueError("naive")),
        KeyError("ours"),
    ],
)
def test_our_own_mistakes_pass_as_they_are(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, faults_translated():
        raise error
    assert caught.value is error
