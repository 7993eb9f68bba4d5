"""The start of a proof is made once for all that depends on the same base and the same rows."""

from __future__ import annotations

from dataclasses import replace

from bot.config import MigrationsConfig, RepositoryConfig
from bot.migration.contents import read_contents
from bot.migration.start import Start, ensure_start, list_tables_to_fill
from bot.schema.model import Column, ForeignKey, PrimaryKey, Schema, Table
from tests.migration.bench import Bench, Benches

ROWS = "INSERT INTO customers (email) VALUES ('{}');"


def count_customers(bench: Bench, start: Start) -> int:
    database = bench.create(start.template)
    with database.connect() as connection:
        return read_contents(connection, bench.look(database).tables)["public", "customers"].count


def test_the_start_is_filled_once_and_again_when_the_rows_are_others(benches: Benches) -> None:
    config = RepositoryConfig(migrations=MigrationsConfig(rows="rows.sql"))
    bench = benches.open({"rows.sql": ROWS.format("a@b.c")}, config=config)
    base = bench.ensure_base()
    first = ensure_start(bench.workspace, base, None)
    assert ensure_start(bench.workspace, base, base.schema) == first
    rows = count_customers(bench, first)
    assert first.filling.rows["public", "customers"] == rows > 1
    bench.write({"rows.sql": ROWS.format("d@e.f") + ROWS.format("g@h.i")})
    second = ensure_start(bench.workspace, base, None)
    assert second.template != first.template
    assert count_customers(bench, second) == rows + 1
    assert count_customers(bench, first) == rows


def test_of_a_very_large_schema_what_changes_is_filled_and_what_refers_to_it() -> None:
    tables = tuple(Table("public", f"t{number:03}", (Column("id", "bigint"),)) for number in range(300))
    key = ForeignKey("fk", ("id",), "public", "t007", ("id",))
    referring = replace(tables[200], foreign_keys=(key,))
    schema = Schema("postgresql", tables=(*tables[:200], referring, *tables[201:]))
    changed = replace(tables[7], primary_key=PrimaryKey("pk", ("id",)))
    target = replace(schema, tables=(*tables[:7], changed, *schema.tables[8:]))
    assert list_tables_to_fill(schema, target) == (("public", "t007"), ("public", "t200"))
    assert len(list_tables_to_fill(schema, None)) == 300
