"""Connections to the bot's own database: SQLite (WAL) by default, Postgres by URL."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_TIMEOUT_MILLISECONDS = 8_000  # GitHub waits 10 seconds for an answer
LOOK_SECONDS = 0.02


def make_engine(url: str) -> sa.Engine:
    """An engine whose transactions are safe among processes: on SQLite write-ahead log, foreign keys, BEGIN IMMEDIATE.

    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#enabling-non-legacy-sqlite-transactional-modes
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed, pool_pre_ping=True, hide_parameters=True)  # parameters hold payloads
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(parsed, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _set_write_ahead_log(cursor: Any) -> None:
    """Waits for others who open the file: for this change SQLite does not (https://www.sqlite.org/wal.html)."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MILLISECONDS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(LOOK_SECONDS)


def _prepare_sqlite(connection: Any, record: object) -> None:
    connection.isolation_level = None  # the driver must not begin by itself: we say how in _begin_immediate
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}")
    _set_write_ahead_log(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # NORMAL may lose commits on a power cut; what is answered must be kept
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_immediate(connection: sa.Connection) -> None:
    # A deferred transaction that turns from reading to writing fails at once with "database is locked".
    connection.exec_driver_sql("BEGIN IMMEDIATE")
