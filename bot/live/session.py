"""A session with a live database, in one read-only transaction that is always rolled back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import psycopg
import sqlalchemy as sa

CONNECT_SECONDS = 5
LOCK_TIMEOUT_SECONDS = 1
DRIVER = "postgresql+psycopg"
FailureKind = Literal["url", "unreachable", "tls", "credentials", "no_database", "rights", "busy", "refused"]
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_REASONS: dict[str, tuple[FailureKind, str]] = {
    "28P01": ("credentials", "the user or the password is refused"),
    "28000": ("credentials", "the server does not let this user in from here"),
    "3D000": ("no_database", "there is no database of that name"),
    "42501": ("rights", "the user lacks a right that is needed"),
    "53300": ("busy", "the server has no connection left"),
    "55P03": ("busy", "a table is locked for longer than a second"),
    "57014": ("busy", "the answer took longer than the time limit"),
    "57P03": ("busy", "the server is starting up or shutting down"),
}


class LiveUnavailable(Exception):
    """The database cannot be asked. The message is ours alone: what a driver says may hold the URL and the password."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        self.kind = kind
        super().__init__(message)


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
        raise _explain(error) from None
    finally:
        engine.dispose()


def _read_url(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url.strip())
    except (sa.exc.ArgumentError, ValueError):
        raise LiveUnavailable("url", "its URL cannot be read") from None
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise LiveUnavailable("url", "its URL is not one of a Postgres database")
    return parsed.set(drivername=DRIVER)


def _limit(connection: sa.Connection, setting: str, seconds: float) -> None:
    values = {"name": setting, "value": f"{max(1, round(seconds * 1000))}ms"}
    connection.execute(sa.text("SELECT pg_catalog.set_config(:name, :value, true)"), values)


def _explain(error: sa.exc.DBAPIError) -> LiveUnavailable:
    original = error.orig
    state = original.sqlstate if isinstance(original, psycopg.Error) else None
    if state is not None:
        return LiveUnavailable(*_REASONS.get(state, ("refused", f"the server answers with error {state}")))
    text = str(original).lower()  # libpq gives no code for what goes wrong before the server answers
    reasons: dict[str, tuple[FailureKind, str]] = {
        "password authentication failed": _REASONS["28P01"],
        "no password supplied": ("credentials", "its URL has no password"),
        "pg_hba.conf": _REASONS["28000"],
        "permission denied": _REASONS["42501"],
        "does not exist": ("no_database", "there is no such database or user"),
        "certificate": ("tls", "TLS failed"),
        "ssl": ("tls", "TLS failed"),
        "too many": _REASONS["53300"],
        "starting up": _REASONS["57P03"],
    }
    found = (reason for words, reason in reasons.items() if words in text)
    return LiveUnavailable(*next(found, ("unreachable", "it cannot be reached")))
