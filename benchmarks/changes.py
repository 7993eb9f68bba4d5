"""What Specwright makes of every kind of change, and what Alembic's autogenerate makes of it alone: docs/changes.md.

`python -m benchmarks.changes` writes the page anew. Nothing is timed: each line is a real database that was led there
and back.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import sqlalchemy as sa

from bot.migration.rows import fill
from bot.schema.snapshot import snapshot
from tests.databases import make_databases, start_postgres
from tests.migration import sqlite_changes
from tests.migration.changes import BASE, COMBINED, RENAMED, ROWS, SINGLE, Stated
from tests.migration.law_places import EMPTY
from tests.migration.outcomes import Outcome, prove_change
from tests.migration.revisions import execute

PAGE = Path(__file__).parents[1] / "docs" / "changes.md"
_HEAD = "| change | written | applied | rolled back | rows kept | autogenerate alone |\n|---|---|---|---|---|---|"
Outcomes = Mapping[str, Outcome]
_METHOD = """# Changes

What is written for every kind of change, proved on real databases. `python -m benchmarks.changes` writes this page; a
test keeps that it lists the changes of the test suite, where each is proved again.

**How.** The base schema ([tests/migration/base.sql](../tests/migration/base.sql)) with rows in its tables is one
database, the same without rows and with the change made by hand is another: the target.

- *Written*: from the snapshots of the two, with `migrations.online` on, so one change may take several revisions,
  each for its own place in the deploy order.
- *Applied*: Alembic ran them on the database with rows, and the snapshot is the target's (the order of columns does
  not count). *Rolled back*: `downgrade` ran, and the snapshot is the one before.
  Where rows do not allow the way back (a key to rows that went on the way up), that is said, and it is gone without.
- *Rows kept*: every row and value is compared before and after both. What goes is named here, and in the docstring of
  the revision. Where rows do not allow a change (a null where none may be), the revision stops, and the rest of the
  line was found out on empty tables.
- *Autogenerate alone* is `alembic revision --autogenerate` (Alembic {alembic}, SQLAlchemy {sqlalchemy}) with
  `compare_type`, `compare_server_default` and `include_schemas` (on SQLite `render_as_batch`), on a copy of the same
  database. Its models are the target, reflected: all that SQLAlchemy can say of it, which is more than most models
  say, and less where it cannot reflect a thing. It is not told of renames, since it has no way to be told. Its
  revision is taken as it comes, with nobody to correct it, run up and down and compared in the same way. *nothing*:
  the schema is as before. *part*: what then still differs from the target. *loses*: values that are gone after both,
  for both columns alike. What it does not look for is [in its
  documentation](https://alembic.sqlalchemy.org/en/latest/autogenerate.html).
"""


def run() -> str:
    """How many of each kind of change came out how, as a Markdown table; docs/changes.md has each of them."""
    return _summarize(_measure())


def main() -> None:
    """Write the page."""
    tables = _measure()
    parts = [_METHOD.format(alembic=version("alembic"), sqlalchemy=version("sqlalchemy")), _summarize(tables)]
    for title, outcomes in tables.items():
        lines = [_render(name, outcome) for name, outcome in outcomes.items()]
        parts.append(f"## {title}\n\n{_HEAD}\n" + "\n".join(lines))
    PAGE.write_text("\n\n".join(part.strip() for part in parts) + "\n")


def list_changes() -> dict[str, list[str]]:
    """The names of all changes under their headings, as they stand on the page."""
    return {
        "Postgres, one at a time": list(SINGLE),
        "Postgres, names": list(RENAMED),
        "Postgres, combined": list(COMBINED),
        "SQLite, one at a time": list(sqlite_changes.CHANGES),
        "SQLite, combined": list(sqlite_changes.COMBINED),
    }


def _measure() -> dict[str, Outcomes]:
    single, renamed, combined, lite, lite_combined = list_changes()
    plain = {name: Stated(ddl) for name, ddl in SINGLE.items()}
    known = {name: sqlite_changes.Stated(tuple(old), new) for name, (old, new) in sqlite_changes.CHANGES.items()}
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as name, _postgres(Path(name)) as admin:
        folder = Path(name)
        return {
            single: _prove_all(plain, admin, folder / "a"),
            renamed: _prove_all(RENAMED, admin, folder / "b"),
            combined: _prove_all(COMBINED, admin, folder / "c"),
            lite: _prove_all_sqlite(known, folder / "d"),
            lite_combined: _prove_all_sqlite(sqlite_changes.COMBINED, folder / "e"),
        }


def _prove_all(changes: Mapping[str, Stated], admin: sa.Engine, folder: Path) -> Outcomes:
    with make_databases(admin) as make:
        places = make(), make(), make()
        return {name: _prove(change, places, folder / str(n)) for n, (name, change) in enumerate(changes.items())}


def _prove(change: Stated, places: tuple[sa.Engine, sa.Engine, sa.Engine], folder: Path) -> Outcome:
    """The three databases are used again and again: to drop one takes the server longer than all the rest."""
    *starts, target = places
    for engine in places:
        with engine.begin() as connection:
            execute(connection, EMPTY)
            execute(connection, BASE + change.before)
            if engine is target:
                execute(connection, change.ddl)
            else:
                execute(connection, ROWS)
                _fill_the_rest(connection)
        engine.dispose()
    return prove_change(iter(starts).__next__, target, folder, change.renames)


def _fill_the_rest(connection: sa.Connection) -> None:
    schema = snapshot(connection)
    names = {f'"{table.schema}"."{table.name}"': (table.schema, table.name) for table in schema.tables}
    empty = [n for sql, n in names.items() if not connection.exec_driver_sql(f"SELECT 1 FROM {sql} LIMIT 1").first()]
    fill(connection, schema, empty)


def _prove_all_sqlite(changes: Mapping[str, sqlite_changes.Stated], folder: Path) -> Outcomes:
    outcomes = {}
    for number, (name, change) in enumerate(changes.items()):
        (folder / str(number)).mkdir(parents=True)
        outcomes[name] = _prove_sqlite(change, folder / str(number))
    return outcomes


def _prove_sqlite(change: sqlite_changes.Stated, folder: Path) -> Outcome:
    made: list[sa.Engine] = []

    def make(script: str = sqlite_changes.BASE + sqlite_changes.ROWS) -> sa.Engine:
        made.append(sqlite_changes.open_database(folder / f"{len(made)}.db", script))
        return made[-1]

    outcome = prove_change(make, make(change.target), folder, change.renames)
    for engine in made:
        engine.dispose()
    return outcome


def _summarize(tables: Mapping[str, Outcomes]) -> str:
    lines = [
        "| | changes | applied and rolled back | of these, rows refuse it | autogenerate: complete, there and back "
        "| part | nothing | fails or cannot be written |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for title, outcomes in tables.items():
        proved = sum(outcome.applied == outcome.rolled_back == "yes" for outcome in outcomes.values())
        refused = sum(outcome.rows.startswith("refused") for outcome in outcomes.values())
        theirs = Counter(_sort(outcome.autogenerate) for outcome in outcomes.values())
        cells = [len(outcomes), proved, refused, *(theirs[kind] for kind in ("complete", "part", "nothing", "fails"))]
        lines.append(f"| {title} | {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _sort(text: str) -> str:
    if text.startswith(("upgrade", "cannot")) or "downgrade fails" in text:
        return "fails"
    if text == "nothing":
        return "nothing"
    return "complete" if text.startswith("complete") and "does not lead back" not in text else "part"


def _render(name: str, outcome: Outcome) -> str:
    cells = [name, outcome.written, outcome.applied, outcome.rolled_back, outcome.rows, outcome.autogenerate]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


@contextmanager
def _postgres(folder: Path) -> Iterator[sa.Engine]:
    folder.chmod(0o755)  # root's Postgres runs as somebody else
    with start_postgres(folder / "pg") as url:
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        yield admin
        admin.dispose()


if __name__ == "__main__":
    main()
