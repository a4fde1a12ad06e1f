"""What every table is made of: instants, the tenant's key, short names for columns. No table here."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Integer, MetaData, Text, TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Naive values are refused; UTC goes in and UTC comes out.

    SQLite keeps it as text of one width, so that comparing text compares instants.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a naive datetime cannot be stored: its instant is unknown")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        if instant.utcoffset() is None:
            return instant.replace(tzinfo=UTC)
        return instant.astimezone(UTC)


OF_NO_TENANT = "of_no_tenant"
"""Key of a table's `info`: it belongs to the whole installation."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def tenant() -> Column[str]:
    return Column("business_id", Text, ForeignKey("business.business_id"), nullable=False)


def instant(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=nullable)


def text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def number(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=nullable)
