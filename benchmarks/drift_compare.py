"""Models against a database, with items, severities and statements of every difference, beside `alembic check`.

Both look at the same database, from which one in a hundred tables has lost an index and a column has lost its NOT NULL.
Ours reads the catalog of the database and compares it with the schema that the models made, which is kept for as long
as the models stay the same; the time to read that one anew is the second number. Building it is told beside them.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from benchmarks.snapshot_compare import _build_models, _database, _server
from bot.drift.compare import compare_schemas
from bot.schema.snapshot import snapshot

SIZES = (10, 100, 1_000, 5_000)
SPACING = 100


def run() -> str:
    """A Markdown table: the time of each for databases of several sizes."""
    lines = [
        "| tables | differences | models ↔ database, ms | both read, ms | models built, ms | Alembic, ms | ratio |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    with _server() as url:
        for size in SIZES:
            found, kept, both, built, theirs = _measure(url, size)
            cells = (f"{size:,}", found, f"{kept:,.0f}", f"{both:,.0f}", f"{built:,.0f}", f"{theirs:,.0f}")
            lines.append(f"| {' | '.join(map(str, cells))} | {theirs / kept:.1f}× |")
            print(lines[-1], flush=True)
    return "\n".join(lines)


def _measure(url: str, size: int) -> tuple[int, float, float, float, float]:
    metadata = _build_models(size)
    with _database(url, f"models_{size}") as models, _database(url, f"live_{size}") as live:
        built = _time(lambda: _create(models, metadata))
        _create(live, metadata)
        drifted = _drift(live, size)
        with models.connect() as connection:
            expected = snapshot(connection)

        def compare() -> None:
            with live.connect() as connection:
                found = compare_schemas(expected, snapshot(connection), expected_name="models", actual_name="live")
            assert len(found.items) == drifted

        def compare_both() -> None:
            with models.connect() as wanted, live.connect() as connection:
                compare_schemas(snapshot(wanted), snapshot(connection), expected_name="models", actual_name="live")

        def autogenerate() -> None:
            with live.connect() as connection:
                options = {"compare_type": True, "compare_server_default": True}
                assert len(compare_metadata(MigrationContext.configure(connection, opts=options), metadata)) == drifted

        compare()
        kept, both = _time(compare), _time(compare_both)
        return drifted, kept, both, built, _time(autogenerate)


def _create(engine: sa.Engine, metadata: sa.MetaData) -> None:
    with engine.begin() as connection:
        metadata.create_all(connection, checkfirst=False)
    with engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def _drift(engine: sa.Engine, size: int) -> int:
    """How many differences were made: two in a table of every hundred, counted from the first."""
    numbers = range(0, size, SPACING)
    with engine.begin() as connection:
        for number in numbers:
            connection.exec_driver_sql(f"DROP INDEX ix_t{number:04}_day")
            connection.exec_driver_sql(f"ALTER TABLE t{number:04} ALTER COLUMN count DROP NOT NULL")
    return 2 * len(numbers)


def _time(run_once: Callable[[], None]) -> float:
    gc.collect()
    started = time.perf_counter()
    run_once()
    return (time.perf_counter() - started) * 1000
