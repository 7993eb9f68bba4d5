"""A second connection to the scratch database, through the driver that the migrating connection uses.

It is opened below SQLAlchemy's engines, so that nothing that env.py set up for those acts on it; an asynchronous driver
works too, as statements run inside of SQLAlchemy's greenlet. It commits by itself and holds no snapshot, for which
`CREATE INDEX CONCURRENTLY` would wait.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from .connection import fit_socket, get_scratch_url
from .state import DriverError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect

END_SECONDS = 30
PAUSE_SECONDS = 0.005


def open_second(dialect: Dialect) -> Any:
    """A DBAPI connection."""
    arguments, options = dialect.create_connect_args(fit_socket(get_scratch_url(), dialect.driver))
    connection = dialect.connect(*arguments, **options)
    dialect.set_isolation_level(connection, "AUTOCOMMIT")
    return connection


def ask(connection: Any, query: str) -> Any:
    """The one value of a query, past SQLAlchemy and its events; `query` has no parameters and no percent signs."""
    cursor = connection.cursor()
    try:
        cursor.execute(query)
        return cursor.fetchone()[0]
    finally:
        cursor.close()


def ask_json(connection: Any, query: str) -> Any:
    """The value of a query that gives JSON as text, which every driver reads alike."""
    return json.loads(ask(connection, query))


def get_pid(connection: Connection) -> int:
    """The server's process behind the connection."""
    return int(ask(connection.connection, "SELECT pg_catalog.pg_backend_pid()"))


def end_session(connection: Connection) -> None:
    """End the connection's session as an administrator or a crash would, and wait until it is gone."""
    pid = get_pid(connection)
    second = open_second(connection.dialect)
    ask(second, f"SELECT pg_catalog.pg_terminate_backend({pid})")
    deadline = time.monotonic() + END_SECONDS
    # pg_terminate_backend only sends the signal; its own time limit is there from Postgres 14 on.
    while ask(second, f"SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE pid = {pid}"):  # noqa: S608 (a number)
        if time.monotonic() > deadline:
            raise DriverError("not_ended", f"the session was not ended within {END_SECONDS} seconds")
        time.sleep(PAUSE_SECONDS)
    second.close()
