"""A small project for one revision after another on top of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.migration.proof_result import Proof
from bot.schema.model import Schema
from tests.migration.bench import Bench
from tests.migration.projects import revision
from tests.migration.revisions import execute

ADD = "op.add_column('customers', sa.Column('note', sa.String(200)))"
TAKE = "op.drop_column('customers', 'note')"


class Shop:
    """The plain project at its base, for one revision after another on top of it."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.base = bench.ensure_base()

    def make_target(self, ddl: str) -> Schema:
        """What the DDL makes of the base."""
        database = self.bench.create(self.base.template)
        with database.connect() as connection, connection.begin():
            execute(connection, ddl)
        return self.bench.look(database)

    def prove(self, up: str, down: str, ddl: str | None = "ALTER TABLE customers ADD note varchar(200)") -> Proof:
        """The proof of one revision with these bodies."""
        with self.write({"a3": revision("a3", "a2", up, down)}):
            return self.bench.prove(self.base, None if ddl is None else self.make_target(ddl))

    @contextmanager
    def write(self, revisions: Mapping[str, str]) -> Iterator[None]:
        """Revision files that are there for a while."""
        files = {f"migrations/versions/{name}.py": text for name, text in revisions.items()}
        self.bench.write(files)
        yield
        for name in files:
            (self.bench.workspace.tree.path / name).unlink()
