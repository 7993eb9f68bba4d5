"""Template databases: finished ones stand under their own name, so that a half-built one is never taken for one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql

from bot.workspace.database_names import TEMPLATE, make_lock_number
from bot.workspace.postgres_admin import PostgresAdmin

LOCK_CLASS = 0x5357_0002
KEEP = 40  # two a base: empty and with rows
KEEP_AT_LEAST = timedelta(days=1)  # a run that was told a template's name may come back for it
TOUCH_AFTER = timedelta(minutes=5)
DISCONNECT_SECONDS = 10


class TemplateShelf:
    """The finished templates of a server.

    When each was last asked for stands in its comment, what was noted of it in its owner's.
    """

    def __init__(self, admin: PostgresAdmin) -> None:
        self._admin = admin

    def has(self, connection: psycopg.Connection, name: str) -> bool:
        """Whether the template is finished."""
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        return TEMPLATE.fullmatch(name) is not None and found is not None

    @contextmanager
    def lock(self, connection: psycopg.Connection, name: str) -> Iterator[None]:
        """Hold the template's lock; it ends with the connection, so also with the process."""
        number = make_lock_number(name)
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, number))
        try:
            yield
        finally:
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_CLASS, number))

    def get_note(self, connection: psycopg.Connection, name: str) -> str:
        """What `put` was given."""
        query = "SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s"
        row = connection.execute(query, (name,)).fetchone()
        return (row and row[0]) or ""

    def put(self, connection: psycopg.Connection, database: str, name: str, note: str | None = None) -> None:
        """Make the scratch database `database` the template `name`: nobody can connect to it any more."""
        old, new = sql.Identifier(database), sql.Identifier(name)
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(old))
        connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN NOCREATEDB").format(old))
        _disconnect(connection, database)
        with connection.transaction():
            # The database goes to the superuser because REASSIGN OWNED, in a clone, hands over databases too.
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(old))
            connection.execute(sql.SQL("ALTER ROLE {} RENAME TO {}").format(old, new))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, new))
            connection.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(new, sql.Literal(note)))

    def touch(self, connection: psycopg.Connection, name: str) -> None:
        """Note that the template is used now."""
        now = datetime.now(UTC)
        if now - _read_time(_list_templates(connection).get(name)) < TOUCH_AFTER:
            return
        with suppress(psycopg.errors.InternalError_):  # "tuple concurrently updated": then another has noted it
            statement = sql.SQL("COMMENT ON DATABASE {} IS {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Literal(now.isoformat())))

    def clear(self, connection: psycopg.Connection) -> None:
        """Drop all but the newest templates, and those of the last day."""
        used = {name: _read_time(comment) for name, comment in _list_templates(connection).items()}
        oldest_first = sorted(used, key=lambda name: used[name])
        for name in oldest_first[: max(0, len(used) - KEEP)]:
            if datetime.now(UTC) - used[name] > KEEP_AT_LEAST:
                self._admin.drop(connection, name)


def _list_templates(connection: psycopg.Connection) -> dict[str, str | None]:
    query = "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
    return {name: comment for name, comment in connection.execute(query) if TEMPLATE.fullmatch(name)}


def _read_time(comment: str | None) -> datetime:
    try:
        return datetime.fromisoformat(comment or "")
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


def _disconnect(connection: psycopg.Connection, database: str) -> None:
    """End every connection to the database, and wait until they are gone."""
    deadline = time.monotonic() + DISCONNECT_SECONDS
    query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s"
    while time.monotonic() < deadline:
        row = connection.execute(query, (database,)).fetchone()
        if row is None or row[0] == 0:
            return
        time.sleep(0.02)
