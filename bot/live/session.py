"""A session with a live database, in one read-only transaction that is always rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

CONNECT_SECONDS = 5
LOCK_TIMEOUT_SECONDS = 1
DRIVER = "postgresql+psycopg"
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_REASONS = {
    "28P01": "the user or the password is refused",
    "28000": "the server does not let this user in from here",
    "3D000": "there is no database of that name",
    "42501": "the user lacks a right that is needed",
    "53300": "the server has no connection left",
    "55P03": "a table is locked for longer than a second",
    "57014": "the answer took longer than the time limit",
    "57P03": "the server is starting up or shutting down",
}


class LiveUnavailable(Exception):
    """The database cannot be asked. The message is ours alone: what a driver says may hold the URL and the password."""


@contextmanager
def open_live(url: str, timeout_seconds: float) -> Iterator[sa.Connection]:
    """A connection for catalog queries, each of which may take that long. Raises `LiveUnavailable`, also inside."""
    arguments = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": round(2000 * timeout_seconds)}
    engine = sa.create_engine(_read_url(url), poolclass=sa.NullPool, connect_args=arguments)
    try:
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            # In the transaction, since a pooler (PgBouncer) takes no settings when a session starts.
            _limit(connection, "statement_timeout", timeout_seconds)
            _limit(connection, "lock_timeout", LOCK_TIMEOUT_SECONDS)
            yield connection
            connection.rollback()
    except sa.exc.DBAPIError as error:
        raise LiveUnavailable(_explain(error)) from None
    finally:
        engine.dispose()


def _read_url(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url.strip())
    except (sa.exc.ArgumentError, ValueError):
        raise LiveUnavailable("its URL cannot be read") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise LiveUnavailable("its URL is not one of a Postgres database")
    return parsed.set(drivername=DRIVER)


def _limit(connection: sa.Connection, setting: str, seconds: float) -> None:
    values = {"name": setting, "value": f"{max(1, round(seconds * 1000))}ms"}
    connection.execute(sa.text("SELECT pg_catalog.set_config(:name, :value, true)"), values)


def _explain(error: sa.exc.DBAPIError) -> str:
    original = error.orig
    state = original.sqlstate if isinstance(original, psycopg.Error) else None
    if state is not None:
        return _REASONS.get(state, f"the server answers with error {state}")
    text = str(original).lower()  # libpq gives no code for what goes wrong before the server answers
    reasons = {
        "password authentication failed": _REASONS["28P01"],
        "no password supplied": "its URL has no password",
        "pg_hba.conf": _REASONS["28000"],
        "does not exist": "there is no such database or user",
        "certificate": "TLS failed",
        "ssl": "TLS failed",
        "too many": _REASONS["53300"],
        "starting up": _REASONS["57P03"],
    }
    return next((reason for words, reason in reasons.items() if words in text), "it cannot be reached")
