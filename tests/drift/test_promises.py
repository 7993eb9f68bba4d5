"""What a spec promised is held against the schema of today, and only that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from bot.drift.promises import Promise, compare_promises
from tests.drift.databases import execute, look

BASE = "CREATE TABLE customers (id integer PRIMARY KEY, email text);"
FIRST = """
CREATE TABLE notes (id integer PRIMARY KEY, body varchar(20) NOT NULL, CONSTRAINT ck_body CHECK (body <> ''));
CREATE INDEX ix_notes_body ON notes (body);
ALTER TABLE customers ADD COLUMN points integer NOT NULL DEFAULT 0;
"""
SECOND = "ALTER TABLE notes ALTER COLUMN body TYPE text;"


@pytest.fixture
def promises(fresh_database: Callable[[], sa.Engine]) -> tuple[sa.Engine, list[Promise]]:
    engine = fresh_database()
    found = []
    execute(engine, BASE)
    for path, script in (("specs/1-notes.yml", FIRST), ("specs/2-longer.yml", SECOND)):
        before = look(engine)
        execute(engine, script)
        found.append(Promise(path, before, look(engine)))
    return engine, found


@pytest.mark.parametrize(
    ("later", "first", "second"),
    [
        ("", [], []),
        ("ALTER TABLE notes ADD COLUMN more text; CREATE INDEX ON notes (more)", [], []),
        ("ALTER TABLE customers DROP COLUMN email", [], []),  # no spec spoke of it
        ("DROP INDEX ix_notes_body", ["index ix_notes_body on notes: missing in the migrations"], []),
        # The type that the second spec gave to the column has changed the expression, so it speaks last.
        ("ALTER TABLE notes DROP CONSTRAINT ck_body", [], ["check ck_body on notes: missing in the migrations"]),
        (
            "ALTER TABLE customers ALTER COLUMN points DROP NOT NULL",
            ["column customers.points: now nullable"],
            [],
        ),
        (
            "ALTER TABLE notes ALTER COLUMN body TYPE varchar(9)",
            [],
            ["column notes.body: type text → varchar(9)"],
        ),
    ],
)
def test_what_was_promised(
    later: str, first: list[str], second: list[str], promises: tuple[sa.Engine, list[Promise]]
) -> None:
    engine, made = promises
    if later:
        execute(engine, later)
    comparisons = compare_promises(made, look(engine), "the migrations")
    titles = {item.expected: [found.title for found in item.items] for item in comparisons}
    assert titles == {"specs/1-notes.yml": first, "specs/2-longer.yml": second}
