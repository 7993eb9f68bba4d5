"""Where the law of writing is checked: a Postgres database that is used again and again, and files of SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.migration.renames import Rename
from bot.schema.snapshot import snapshot
from tests.migration.drawn import Statement
from tests.migration.law import Stage
from tests.migration.revisions import Pair

EMPTY = """
DO $$ DECLARE name text; BEGIN
FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
END LOOP; END $$;
CREATE SCHEMA public;
"""


class PostgresPlace:
    """The target is built in a transaction, which is taken back."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    def build(self, stage: Stage) -> tuple[Pair, tuple[Rename, ...]]:
        """See `Place`."""
        with self.engine.begin() as connection:
            _execute(connection, [EMPTY])
            _apply(connection, stage.before)
            before = snapshot(connection)
        with self.engine.connect() as connection:
            _execute(connection, [] if stage.stays else [EMPTY])
            told = _apply(connection, stage.after)
            after = snapshot(connection)
            connection.rollback()
        return Pair(before, after), tuple(told)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Postgres does so itself."""
        yield


class SqlitePlace:
    """The target is built in memory, the start in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)

    def build(self, stage: Stage) -> tuple[Pair, tuple[Rename, ...]]:
        """See `Place`."""
        self.path.unlink(missing_ok=True)
        with self.engine.connect() as connection:
            _apply_sqlite(connection, stage.before)
            before = snapshot(connection)
        engine = sa.create_engine("sqlite://")
        with engine.connect() as connection:
            _apply_sqlite(connection, stage.before if stage.stays else [])
            told = _apply_sqlite(connection, stage.after)
            after = snapshot(connection)
        engine.dispose()
        return Pair(before, after), tuple(told)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Python's driver has no transaction around DDL."""
        kept = self.path.read_bytes() if self.path.exists() else b""
        try:
            yield
        except BaseException:
            self.path.write_bytes(kept)
            raise


def _execute(connection: sa.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _apply(connection: sa.Connection, statements: Iterable[Statement]) -> list[Rename]:
    """Run those that the server takes; returned is what they rename."""
    told = []
    for statement in statements:
        try:
            with connection.begin_nested():
                _execute(connection, [statement.sql])
        except sa.exc.DBAPIError:
            continue
        if statement.rename is not None:
            told.append(statement.rename)
    return told


def _apply_sqlite(connection: sa.Connection, statements: Iterable[Statement]) -> list[Rename]:
    """As `_apply`; SQLite takes much that does not fit together and refuses it later, which is left out here, too."""
    told = []
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.isolation_level = None
    for statement in statements:
        driver.execute("SAVEPOINT one")
        try:
            driver.execute(statement.sql)
            _check(driver)
        except sqlite3.Error:
            driver.execute("ROLLBACK TO one")
        else:
            told += [] if statement.rename is None else [statement.rename]
        driver.execute("RELEASE one")
    driver.isolation_level = ""
    return told


def _check(driver: sqlite3.Connection) -> None:
    """Raises `sqlite3.Error` where a key, a view or a trigger refers to nothing."""
    driver.execute("PRAGMA foreign_key_check").fetchall()
    lost = driver.execute(
        """SELECT f."table" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
           WHERE m.type = 'table' AND f."table" NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table')"""
    ).fetchall()
    if lost:
        raise sqlite3.IntegrityError(f"a key refers to {lost}")
    driver.execute("SAVEPOINT two")
    try:  # a rename goes through the whole schema
        driver.execute("CREATE TABLE checked (x)")
        driver.execute("ALTER TABLE checked RENAME TO checked_2")
        for (name,) in driver.execute("SELECT name FROM sqlite_schema WHERE type = 'view'").fetchall():
            driver.execute(f'SELECT * FROM "{name}" LIMIT 0')
    finally:
        driver.execute("ROLLBACK TO two")
        driver.execute("RELEASE two")
