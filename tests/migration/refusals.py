"""What the rows of a database do not allow, and the database without them."""

from __future__ import annotations

import sqlalchemy as sa

from bot.schema.snapshot import snapshot

# https://www.postgresql.org/docs/current/errcodes-appendix.html: data exception, integrity constraint violation.
_CLASSES = ("22", "23")


def is_of_rows(error: BaseException) -> bool:
    """Whether the statement was refused because of what is in the tables. SQLite has one class for that."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    return state[:2] in _CLASSES or isinstance(error, sa.exc.IntegrityError)


def empty_tables(engine: sa.Engine) -> None:
    """Take the rows out of all tables."""
    with engine.begin() as connection:
        for table in snapshot(connection).tables:
            name = f'"{table.schema}"."{table.name}"'
            is_sqlite = engine.dialect.name == "sqlite"
            statement = f"DELETE FROM {name}" if is_sqlite else f"TRUNCATE {name} CASCADE"
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
