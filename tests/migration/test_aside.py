"""What is dropped and kept: put aside with its values, refused, or said to be lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.config import MigrationsConfig
from bot.migration.bookkeeping import take_snapshot
from bot.migration.errors import CannotWrite
from bot.schema.diff import diff, material
from tests.migration.changes import BASE, ROWS, SINGLE
from tests.migration.revisions import ONLINE, Project, take_pair

Fresh = Callable[[], sa.Engine]
DROPS = {
    "column": "ALTER TABLE customers DROP phone",
    "column that may not be null": "ALTER TABLE customers DROP name",
    "column of an enum that goes, too": SINGLE["enum dropped"] + "ALTER TABLE orders DROP total",
    "unique column": SINGLE["drop column unique not null"],
    "column with foreign key": SINGLE["drop column not null with foreign key"],
    "serial column": "ALTER TABLE products ADD x int; DROP TABLE order_items; ALTER TABLE products DROP id",
    "table": "DROP TABLE order_items",
    "table that is referred to": SINGLE["drop table that is referred to"],
    "table and its enum": """DROP VIEW open_emails; DROP VIEW open_orders; DROP TABLE order_items; DROP TABLE orders;
        DROP TYPE order_status""",
    "beside other changes": "ALTER TABLE customers DROP phone, ADD x integer; CREATE INDEX ix_x ON customers (x)",
}


@pytest.mark.parametrize("online", [True, False])
@pytest.mark.parametrize("name", DROPS)
def test_values_come_back(name: str, online: bool, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, DROPS[name], ROWS)
    values = read_values(engine)
    config = MigrationsConfig(online=online, keep_dropped="aside")
    project = Project(tmp_path, engine, replace(ONLINE, migrations=config))
    written = project.write(pair)
    for _attempt in range(2):
        project.upgrade()
        with engine.connect() as connection:
            assert material(diff(take_snapshot(connection), pair.after)) == (), written.text
        assert material(diff(project.downgrade(), pair.before)) == (), written.text
        assert read_values(engine) == values, written.text
    assert not [line for file in written.files for line in file.lossy if " go with " in line]


def read_values(engine: sa.Engine) -> list[Any]:
    tables = ("customers", "orders", "order_items", "products")
    with engine.connect() as connection:
        return [
            sorted(connection.exec_driver_sql(f"SELECT to_jsonb(t)::text FROM {table} t").scalars()) for table in tables
        ]


@pytest.mark.parametrize("ddl", [DROPS["column"], DROPS["table"]])
def test_refused(ddl: str, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, ddl)
    conventions = replace(ONLINE, migrations=MigrationsConfig(keep_dropped="refuse"))
    with pytest.raises(CannotWrite, match="keep_dropped"):
        Project(tmp_path, engine, conventions).write(pair)


LOST = {
    DROPS["column"]: "the values of customers.phone go with the column.",
    DROPS["table"]: "the rows of order_items go with the table.",
    "ALTER TABLE customers ALTER points TYPE smallint": "customers.points may come back changed",
    "ALTER TYPE order_status ADD VALUE 'lost'": "rows that have come to be 'lost'",
    "ALTER TABLE orders ALTER total TYPE bigint": None,
    "ALTER TABLE customers ALTER name TYPE text": None,
    SINGLE["table"]: None,
}


def test_what_cannot_be_restored_is_said(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    base = take_pair(engine, BASE, "")
    plain = replace(ONLINE, migrations=MigrationsConfig(online=False))
    for ddl, words in LOST.items():
        pair = replace(base, after=take_pair(engine, "", ddl).after)
        written = Project(tmp_path, engine, plain).write(pair)
        lines = [line for file in written.files for line in file.lossy]
        assert (words in " ".join(lines)) if words else lines == [], ddl
        assert ("The downgrade cannot restore:" in written.text) == (words is not None)
