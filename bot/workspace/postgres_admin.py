"""The superuser's side of the server of scratch databases: connections, the sign of life, dropping and sweeping."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg
import sqlalchemy as sa
from psycopg import sql

from bot.workspace.database_names import find_token, make_token

LIFE_LOCK_CLASS = 0x5357_0001  # advisory locks are named by two numbers; the first keeps ours apart from others'
CONNECT_TIMEOUT_SECONDS = 10
# The search path is given by the client, which wins over ALTER DATABASE … SET: in a database whose owner is a
# stranger, an operator of his own must not be found first by a statement of the superuser.
OPTIONS = "-c search_path=pg_catalog -c statement_timeout=0 -c default_transaction_read_only=off"
_inherited: list[object] = []  # connections of a parent process: closing them here would end them there


class PostgresAdmin:
    """Superuser connections to one server."""

    def __init__(self, url: sa.URL) -> None:
        self._url = url.set(drivername="postgresql", database=url.database or "postgres")
        self._life: psycopg.Connection | None = None
        self._token, self._pid = 0, 0

    @property
    def token(self) -> int:
        """This process's token; as long as the process lives, its advisory lock is held."""
        if self._pid != os.getpid():
            _inherited.append(self._life)
            self._life, self._pid, self._token = None, os.getpid(), make_token()
        if self._life is None or self._life.closed or not _is_alive(self._life):
            self._life = self.connect()
            self._life.execute("SELECT pg_advisory_lock(%s, %s)", (LIFE_LOCK_CLASS, self._token))
        return self._token

    def connect(self, database: str | None = None) -> psycopg.Connection:
        """A new autocommitting connection, to the maintenance database unless another is named."""
        url = self._url if database is None else self._url.set(database=database)
        return psycopg.connect(
            url.render_as_string(hide_password=False),
            autocommit=True,
            options=OPTIONS,
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            application_name="specwright",
        )

    def drop(self, connection: psycopg.Connection, name: str) -> None:
        """Drop the role `name` with every database that it owns. Does nothing when there is neither."""
        query = "SELECT datname FROM pg_database JOIN pg_roles ON pg_roles.oid = datdba WHERE rolname = %s"
        owned = [row[0] for row in connection.execute(query, (name,))]
        for database in {*owned, name}:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))

    def sweep(self) -> None:
        """Drop the databases and roles of processes that live no more."""
        own = self.token
        with self.connect() as connection:
            for token, names in _list_by_token(connection).items():
                if token != own and _try_lock(connection, token):
                    for name in names:
                        self.drop(connection, name)
                    connection.execute("SELECT pg_advisory_unlock(%s, %s)", (LIFE_LOCK_CLASS, token))

    def close(self) -> None:
        """End the sign of life."""
        if self._life is not None and self._pid == os.getpid():
            self._life.close()
            self._life = None


def _list_by_token(connection: psycopg.Connection) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for name in _list_names(connection):
        token = find_token(name)
        if token is not None:
            found.setdefault(token, set()).add(name)
    return found


def _list_names(connection: psycopg.Connection) -> Iterator[str]:
    for row in connection.execute("SELECT rolname FROM pg_roles UNION SELECT datname FROM pg_database"):
        yield row[0]


def _try_lock(connection: psycopg.Connection, token: int) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (LIFE_LOCK_CLASS, token)).fetchone()
    return row is not None and bool(row[0])


def _is_alive(connection: psycopg.Connection) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
