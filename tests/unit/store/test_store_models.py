"""What the tables promise by themselves: instants, declared personal data, a tenant everywhere."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from dalpak.store.columns import OF_NO_TENANT, UtcDateTime, metadata
from dalpak.store.models import LIVE, PII_COLUMNS, appointment

pytestmark = pytest.mark.unit

ZONES = st.builds(
    lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-14 * 60, 14 * 60)
)
INSTANTS = st.datetimes(
    min_value=datetime(1970, 1, 2),
    max_value=datetime(2100, 1, 1),
    timezones=ZONES,
)
DIALECTS = [sqlite.dialect(), postgresql.dialect()]


@given(instant=INSTANTS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=["sqlite", "postgresql"])
def test_an_instant_survives_the_database_and_comes_back_as_utc(
    dialect: sqlite.dialect, instant: datetime
) -> None:
    column = UtcDateTime()
    stored = column.process_bind_param(instant, dialect)
    assert stored is not None
    assert stored.tzinfo is UTC
    for read in (
        stored,
        stored.replace(tzinfo=None),
        stored.astimezone(timezone(timedelta(hours=2))),
    ):
        back = column.process_result_value(read, dialect)
        assert back == instant
        assert back is not None
        assert back.tzinfo is UTC


@given(pair=st.tuples(INSTANTS, INSTANTS))
def test_the_text_that_sqlite_keeps_sorts_like_the_instants(
    pair: tuple[datetime, datetime],
) -> None:
    process = UtcDateTime().dialect_impl(sqlite.dialect()).bind_processor(sqlite.dialect())
    assert process is not None
    first, second = (process(instant) for instant in pair)
    assert (first < second) == (pair[0] < pair[1])
    assert (first == second) == (pair[0] == pair[1])


def test_a_naive_instant_is_refused() -> None:
    naive = datetime(2026, 11, 23, 12, 0)
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(naive, sqlite.dialect())
    assert UtcDateTime().process_bind_param(None, sqlite.dialect()) is None
    assert UtcDateTime().process_result_value(None, sqlite.dialect()) is None


def test_every_table_has_its_tenant() -> None:
    of_none = [table for table in metadata.sorted_tables if table.info.get(OF_NO_TENANT)]
    assert [table.name for table in of_none] == ["admin_session"]
    for table in metadata.sorted_tables:
        assert table in of_none or not table.c.business_id.nullable, table.name


def test_declared_personal_columns_exist() -> None:
    for table, columns in PII_COLUMNS.items():
        assert set(columns) <= set(metadata.tables[table].c.keys())


def test_columns_that_sound_personal_are_declared() -> None:
    personal = {
        "phone",
        "caller",
        "recipient",
        "note",
        "said",
        "heard",
        "owner_phone",
        "checkpoint",
    }
    public = {("business", "phone")}
    for table in metadata.sorted_tables:
        for name in personal & set(table.c.keys()):
            declared = name in PII_COLUMNS.get(table.name, ())
            assert declared or (table.name, name) in public, f"{table.name}.{name}"


def test_the_states_that_occupy_are_states_of_the_check() -> None:
    checks = [str(c.sqltext) for c in appointment.constraints if hasattr(c, "sqltext")]  # type: ignore[attr-defined]
    (states,) = [text for text in checks if text.startswith("status IN")]
    assert all(f"'{state}'" in states for state in LIVE)
