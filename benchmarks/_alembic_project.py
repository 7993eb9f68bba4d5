"""A repository with a long history: Alembic, SQLAlchemy models, one small change a revision."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

VERSIONS = {"alembic": "1.20.1", "sqlalchemy": "2.1.9", "psycopg[binary]": "3.3.9"}
ENV = """
import os
import sqlalchemy as sa
from alembic import context
from models import metadata

def run(connection):
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()

given = context.config.attributes.get("connection")
if given is not None:
    with given.connect() as connection:
        run(connection)
else:
    engine = sa.create_engine(os.environ["DATABASE_URL"], poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        run(connection)
"""
MAKO = '''"""${message}"""
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
'''
CONFTEST = """
import os
import pytest
import sqlalchemy as sa

@pytest.fixture
def alembic_engine():
    return sa.create_engine(os.environ["DATABASE_URL"])
"""
REVISION = '''"""{message}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {down_revision!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''
COLUMNS = """
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("price", sa.Numeric(10, 2), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_{name}"),
        sa.UniqueConstraint("code", name="uq_{name}_code"),"""


@dataclass(frozen=True, slots=True)
class Step:
    """What one revision does."""

    message: str
    upgrade: str
    downgrade: str


@dataclass(slots=True)
class Models:
    """The tables with what was added to each: the lines of its columns and its indexes."""

    tables: dict[str, list[str]] = field(default_factory=dict)

    def add_table(self) -> Step:
        """A table more."""
        name = f"t{len(self.tables):03}"
        self.tables[name] = []
        made = f'op.create_table(\n        "{name}",{COLUMNS.format(name=name)}\n    )'
        return Step(f"A table {name}.", made, f'op.drop_table("{name}")')

    def add_column(self, table: str, column: str) -> Step:
        """A column that may be empty."""
        line = f'sa.Column("{column}", sa.String(80), nullable=True)'
        self.tables[table].append(f"{line},")
        return Step(
            f"{table} gets {column}.", f'op.add_column("{table}", {line})', f'op.drop_column("{table}", "{column}")'
        )

    def add_index(self, table: str, column: str) -> Step:
        """An index on it."""
        name = f"ix_{table}_{column}"
        self.tables[table].append(f'sa.Index("{name}", "{column}"),')
        made, dropped = f'op.create_index("{name}", "{table}", ["{column}"])', f'op.drop_index("{name}", "{table}")'
        return Step(f"{table} gets an index on {column}.", made, dropped)

    def drop_last(self, table: str, step: Step) -> Step:
        """What the step did is undone by a revision of its own."""
        self.tables[table].pop()
        return Step(f"Back: {step.message}", step.downgrade, step.upgrade)

    def render(self) -> str:
        """`models.py`."""
        lines = ["import sqlalchemy as sa", "", "metadata = sa.MetaData()"]
        for name, added in self.tables.items():
            more = "".join(f"\n        {line}" for line in added)
            lines.append(f'sa.Table("{name}", metadata,{COLUMNS.format(name=name)}{more}\n)')
        return "\n".join(lines) + "\n"


def list_growing(models: Models) -> Iterator[Step]:
    """A table, a column of it, an index on that, and so on: the schema grows with the history."""
    for number in itertools.count():
        yield models.add_table()
        table = f"t{number:03}"
        yield models.add_column(table, "note")
        yield models.add_index(table, "note")


def list_steady(models: Models) -> Iterator[Step]:
    """Four tables, then columns and indexes that come and go: the schema stays as large as it is."""
    yield from (models.add_table() for _ in range(4))
    for number in itertools.count():
        table, column = f"t{number % 4:03}", f"note_{number}"
        added = models.add_column(table, column)
        yield added
        indexed = models.add_index(table, column)
        yield indexed
        yield models.drop_last(table, indexed)
        yield models.drop_last(table, added)


def commit_project(folder: Path, size: int, *, grows: bool) -> int:
    """Commit a history of `size` revisions in the git repository `folder`, and a new one (a column) on top of it.

    What was there before is removed. Returned is the number of tables.
    """
    _git(folder, "rm", "-r", "-q", "--ignore-unmatch", ".")
    models = Models()
    history = list(itertools.islice((list_growing if grows else list_steady)(models), size))
    files = {f"migrations/versions/{number:04}.py": _render(step, number) for number, step in enumerate(history)}
    files |= {"requirements.txt": "".join(f"{name}=={version}\n" for name, version in VERSIONS.items())}
    files |= {"migrations/env.py": ENV, "migrations/script.py.mako": MAKO, "tests/conftest.py": CONFTEST}
    files |= {"alembic.ini": "[alembic]\nscript_location = migrations\nprepend_sys_path = .\npath_separator = os\n"}
    files |= {".gitignore": "__pycache__/\n", "models.py": models.render()}
    _commit(folder, files)
    new = models.add_column("t000", "email")
    _commit(folder, {f"migrations/versions/{size:04}.py": _render(new, size), "models.py": models.render()})
    return len(models.tables)


def _render(step: Step, number: int) -> str:
    down_revision = f"{number - 1:012x}" if number else None
    return REVISION.format(
        message=step.message,
        revision=f"{number:012x}",
        down_revision=down_revision,
        upgrade=step.upgrade,
        downgrade=step.downgrade,
    )


def _commit(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--message", "change")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)
