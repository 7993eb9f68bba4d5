"""Written revisions on tables with rows: what stays, what is filled in, what is refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.schema.diff import diff, material
from tests.migration.changes import BASE, RENAMED, ROWS, SINGLE
from tests.migration.revisions import Project, prove, take_pair

Fresh = Callable[[], sa.Engine]


def query(engine: sa.Engine, sql: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


# What the change makes of the rows: (the change, a query, what it gives after the upgrade, and after the downgrade).
KEPT: list[tuple[str, str, str, list[object], list[object]]] = [
    ("text to jsonb", "type json", "SELECT note FROM orders ORDER BY id", [12, 7, None], ["12", "7", None]),
    (
        "text to integer",
        "type text to integer",
        "SELECT note FROM orders ORDER BY id",
        [12, 7, None],
        ["12", "7", None],
    ),
    ("integer to boolean", "type boolean", "SELECT total FROM orders ORDER BY id", [True, None, False], [1, None, 0]),
    (
        "varchar to enum",
        "type varchar to enum",
        "SELECT kind::text FROM products ORDER BY id",
        ["book", "toy"],
        ["book", "toy"],
    ),
    (
        "enum to text",
        "type enum to text",
        "SELECT status::text FROM orders ORDER BY id",
        ["pending", "paid", "shipped"],
        ["pending", "paid", "shipped"],
    ),
    (
        "to an array",
        "type to array",
        "SELECT phone FROM customers ORDER BY id",
        [None, ["+49"], [""]],
        [None, "+49", ""],
    ),
    (
        "an enum loses a value that no row has",
        "enum value removed",
        "SELECT status::text FROM orders ORDER BY id",
        ["pending", "paid", "shipped"],
        ["pending", "paid", "shipped"],
    ),
    (
        "an enum gets another order",
        "enum reordered",
        "SELECT o.status::text FROM orders o ORDER BY o.status",
        ["paid", "pending", "shipped"],
        ["pending", "paid", "shipped"],
    ),
    (
        "a column that rows get a default for",
        "column not null with default",
        "SELECT to_jsonb(c) -> 'level' FROM customers c",
        [1, 1, 1],
        [None, None, None],
    ),
    (
        "a dropped column comes back with placeholders",
        "drop column not null",
        "SELECT to_jsonb(c) -> 'name' FROM customers c",
        [None, None, None],
        ["", "", ""],
    ),
    (
        "identity goes on after the rows",
        "add identity",
        "SELECT nextval(s) FROM pg_get_serial_sequence('employees', 'id') AS s WHERE s IS NOT NULL",
        [12],
        [],
    ),
    (
        "serial to identity and back goes on after the rows",
        "serial to identity",
        "SELECT nextval(pg_get_serial_sequence('products', 'id'))",
        [3],
        [3],
    ),
    (
        "a computed column is computed anew",
        "generated changed",
        "SELECT round(gross, 2)::text FROM products ORDER BY id",
        ["10.69", "0.00"],
        ["11.89", "0.00"],
    ),
]


@pytest.mark.parametrize(("change", "sql", "up", "down"), [case[1:] for case in KEPT], ids=[case[0] for case in KEPT])
def test_rows_are_kept(
    change: str, sql: str, up: list[object], down: list[object], fresh_database: Fresh, tmp_path: Path
) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, SINGLE[change], ROWS)
    project = Project(tmp_path, engine)
    written = project.write(pair)
    assert material(diff(project.upgrade(), pair.after)) == (), written.text
    assert [row[0] for row in query(engine, sql)] == up, written.text
    assert material(diff(project.downgrade(), pair.before)) == (), written.text
    assert [row[0] for row in query(engine, sql)] == down, written.text


# Not null columns that go and come back: each must find a value that its constraints let pass.
COME_BACK = [
    "drop column unique not null",
    "drop column not null with foreign key",
    "drop table",
    "drop generated column",
]


@pytest.mark.parametrize("change", COME_BACK)
def test_downgrade_runs_with_rows(change: str, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    prove(Project(tmp_path, engine), take_pair(engine, BASE, SINGLE[change], ROWS))


def test_null_is_filled_with_the_default_before_it_is_forbidden(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    ddl = "ALTER TABLE customers ALTER phone SET DEFAULT 'none', ALTER phone SET NOT NULL"
    pair = take_pair(engine, BASE, ddl, ROWS)
    prove(Project(tmp_path, engine), pair)
    assert query(engine, "SELECT phone FROM customers ORDER BY id") == [("none",), ("+49",), ("",)]


REFUSED = {
    "null where none is allowed and no default is stated": SINGLE["set not null"],
    "a new column that needs a value and has none": SINGLE["column not null without default"],
    "an enum loses a value that rows have": SINGLE["enum values replaced"],
    "a text that is too long for the new length": "ALTER TABLE customers ALTER name TYPE varchar(2)",
    "a check that rows break": "ALTER TABLE customers ADD CHECK (points > 0)",
}


@pytest.mark.parametrize("ddl", REFUSED.values(), ids=REFUSED)
def test_what_rows_do_not_allow_is_refused_and_changes_nothing(ddl: str, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, ddl, ROWS)
    project = Project(tmp_path, engine)
    project.write(pair)
    everything = "SELECT to_jsonb(c)::text FROM customers c UNION ALL SELECT to_jsonb(o)::text FROM orders o ORDER BY 1"
    rows = query(engine, everything)
    with pytest.raises(sa.exc.DBAPIError):
        project.upgrade()
    assert diff(project.look(), pair.before) == ()
    assert query(engine, everything) == rows


@pytest.mark.parametrize("name", RENAMED)
def test_renames_keep_every_row(name: str, fresh_database: Fresh, tmp_path: Path) -> None:
    change = RENAMED[name]
    engine = fresh_database()
    pair = take_pair(engine, BASE, change.ddl, ROWS)
    rows = count_values(engine)
    written = prove(Project(tmp_path, engine), pair, change.renames)
    assert count_values(engine) == rows
    upgrade = written.text.split("def downgrade")[0]
    assert "drop_column" not in upgrade
    assert "drop_table" not in upgrade


@pytest.mark.parametrize("name", ["column", "serial key", "constraint", "index", "enum", "enum value", "sequence"])
def test_rename_is_all_that_is_written(name: str, fresh_database: Fresh, tmp_path: Path) -> None:
    """No constraint, index or default is rebuilt only because a name in it has changed."""
    change = RENAMED[name]
    engine = fresh_database()
    written = Project(tmp_path, engine).write(take_pair(engine, BASE, change.ddl), change.renames)
    upgrade = written.text.split("def upgrade")[1].split("def downgrade")[0]
    views = upgrade.count("VIEW")
    assert upgrade.count("op.") - views <= len(change.renames), written.text


def count_values(engine: sa.Engine) -> list[tuple[object, ...]]:
    """Every value of the tables with rows, whatever its column or table is called."""
    tables = query(
        engine,
        "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables "
        "WHERE schemaname IN ('public', 'audit') AND tablename <> 'alembic_version'",
    )
    values: list[tuple[object, ...]] = []
    for (name,) in tables:
        pairs = f"{name} t, jsonb_each_text(to_jsonb(t)) AS e(k, v)"
        values += query(engine, f"SELECT array_agg(v ORDER BY v) FROM {pairs} WHERE k NOT IN ('x', 'extra')")
    return sorted(values, key=str)
