"""Revisions that are linted after they really ran: base schema, code and history as text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from bot.config import LintLevel
from bot.migration.alembic_runner import RanStatement
from bot.migration.driver.capture import is_autocommit, is_catalog_read, render_statement
from bot.migration.finding import Finding
from bot.migration.lint_context import HistoryFacts, LintContext
from bot.migration.revision_source import RevisionSource, digest_revision, read_revision_source
from bot.migration.rules import get_rules
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot

HEADER = "import sqlalchemy as sa\nfrom alembic import op\n\n"
SHOP = """
CREATE TYPE order_status AS ENUM ('pending', 'paid', 'shipped', 'cancelled');
CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text);
CREATE TABLE orders (
    id bigint PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers, status order_status NOT NULL,
    note text, total numeric(10, 2) NOT NULL DEFAULT 0, number integer);
CREATE INDEX ix_orders_customer_id ON orders (customer_id);
"""


@dataclass(frozen=True)
class Example:
    """`revisions` are the texts of the new ones; `base` is DDL, `code` and `changed` map paths to text.

    `old` and `now` are revision files of the base, as they were and as they are (None: deleted).
    """

    revisions: tuple[str, ...] = ()
    base: str = SHOP
    code: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, str | None] = field(default_factory=dict)
    old: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str | None] = field(default_factory=dict)
    naming_convention: Mapping[str, str] | None = None
    severities: Mapping[str, LintLevel] = field(default_factory=dict)
    is_proved: bool = True
    transaction_per_revision: bool = False


def revise(upgrade: str, downgrade: str | None = "op.execute('SELECT 1')") -> str:
    """A revision with these bodies."""
    text = f"def upgrade():\n{_indent(upgrade)}\n"
    return text if downgrade is None else f"{text}\n\ndef downgrade():\n{_indent(downgrade)}\n"


def make_context(engine: sa.Engine, root: Path, example: Example) -> LintContext:
    """Run the example in the engine's (empty) database, and gather what the lint looks at."""
    base_tree, tree = root / "base", root / "tree"
    _write(base_tree, {**example.code, **example.old})
    _write(tree, {**example.code, **example.changed, **example.old, **example.now})
    sources = tuple(_read_source(text, index) for index, text in enumerate(example.revisions))
    ran = _run_once(engine, example, sources)
    return LintContext(
        revisions=sources,
        edited=tuple(read_revision_source(path, text) for path, text in example.now.items() if text is not None),
        before=ran.before,
        after=ran.after,
        changes=diff(ran.before, ran.after),
        leftover=ran.leftover if example.is_proved else None,
        statements=ran.statements,
        history=_read_history(example, sources),
        base_tree=base_tree if example.code else None,
        tree=tree if example.code else None,
        naming_convention=example.naming_convention,
        server_version="PostgreSQL 18.0",
        transaction_per_revision=example.transaction_per_revision,
        severities=example.severities,
    )


def find(code: str, context: LintContext) -> tuple[Finding, ...]:
    """What one rule finds."""
    return tuple(get_rules()[code].check(context))


def check_marks(code: str, context: LintContext) -> tuple[Finding, ...]:
    """What one rule finds, which must be on the lines that say `# found`, and on no other."""
    findings = find(code, context)
    sources = (*context.revisions, *context.edited)
    marked = {
        (source.path, number)
        for source in sources
        for number, line in enumerate(source.text.splitlines(), 1)
        if line.endswith("# found")
    }
    assert {(finding.path, finding.line) for finding in findings} == marked, findings
    return findings


def get_line(context: LintContext, finding: Finding) -> str:
    """The line of the revision that a finding points to, as text."""
    sources = {source.path: source for source in (*context.revisions, *context.edited)}
    return sources[finding.path].text.splitlines()[finding.line - 1].strip()


def _read_source(text: str, index: int) -> RevisionSource:
    text = textwrap.dedent(text).strip("\n") + "\n"
    head = "" if "import sqlalchemy" in text else HEADER
    if "\nrevision =" not in f"\n{text}":
        down = f'"n{index - 1}"' if index else '"base"'
        head += f'revision = "n{index}"\ndown_revision = {down}\n\n\n'
    return read_revision_source(f"migrations/versions/n{index}.py", head + text)


def _read_history(example: Example, sources: tuple[RevisionSource, ...]) -> HistoryFacts:
    followed = {down for source in sources for down in source.down_revisions}
    old = {path: text for path, text in {**example.old, **example.now}.items() if text is not None}
    every = {source.path: source.text for source in sources}
    heads = [str(source.revision) for source in sources if source.revision not in followed]
    return HistoryFacts(
        heads=tuple(heads),
        files={str(source.revision): source.path for source in sources},
        base={path: digest_revision(text) for path, text in example.old.items()},
        now={path: digest_revision(text) for path, text in {**old, **every}.items()},
    )


@dataclass
class _Ran:
    before: Schema
    after: Schema
    leftover: tuple[Change, ...] | None
    statements: tuple[RanStatement, ...]


_before: dict[str, Schema] = {}
_ran: dict[tuple[str, ...], _Ran] = {}


def _run_once(engine: sa.Engine, example: Example, sources: tuple[RevisionSource, ...]) -> _Ran:
    """Whatever the code around it, the same revisions do the same with the same base."""
    key = (example.base, *(source.text for source in sources))
    if key not in _ran:
        _ran[key] = _run(engine, example, sources)
    return _ran[key]


def _run(engine: sa.Engine, example: Example, sources: tuple[RevisionSource, ...]) -> _Ran:
    """In one transaction that is rolled back: the database stays empty. With autocommit it is emptied by hand."""
    packages = {path.split("/")[0] for path in example.code}
    text = "\n".join(source.text for source in sources)
    is_runnable = not any(f"{word} {package}" in text for word in ("from", "import") for package in packages)
    needs_commit = "autocommit_block" in text
    with engine.connect() as connection:
        connection.exec_driver_sql(example.base, execution_options={"no_parameters": True})
        before = _before.get(example.base) or _before.setdefault(example.base, snapshot(connection))
        ran = _Ran(before, before, None, ())
        if needs_commit:
            connection.commit()
        if is_runnable:
            ran = _upgrade_and_downgrade(connection, sources, before, needs_commit)
        connection.rollback()
        if needs_commit:
            for statement in (
                "DROP SCHEMA IF EXISTS audit CASCADE",
                "DROP SCHEMA public CASCADE",
                "CREATE SCHEMA public",
            ):
                connection.exec_driver_sql(statement)
            connection.commit()
    return ran


def _upgrade_and_downgrade(
    connection: sa.Connection, sources: tuple[RevisionSource, ...], before: Schema, needs_commit: bool
) -> _Ran:
    statements = run_upgrade(connection, sources)
    after = snapshot(connection)
    leftover = None
    if needs_commit:
        connection.rollback()  # the snapshot began a transaction, in which nothing could be committed
    try:
        for source in reversed(sources):
            _call(connection, source, "downgrade")
        leftover = material(diff(before, snapshot(connection)))
    except (sa.exc.SQLAlchemyError, NotImplementedError, OSError):
        connection.rollback()
    return _Ran(before, after, leftover, statements)


def run_upgrade(connection: sa.Connection, sources: tuple[RevisionSource, ...]) -> tuple[RanStatement, ...]:
    """Run the upgrades in the connection's transaction, if it has one. Returns what they sent."""
    statements: list[RanStatement] = []
    with _listen(connection, statements) as current:
        for source in sources:
            current.revision = source.revision
            _call(connection, source, "upgrade")
    return tuple(statements)


def _call(connection: sa.Connection, source: RevisionSource, function: str) -> None:
    names: dict[str, Any] = {}
    exec(compile(source.text, source.path, "exec"), names)
    migration = MigrationContext.configure(connection)
    with migration.begin_transaction(), Operations.context(migration):
        names.get(function, lambda: None)()


@contextmanager
def _listen(connection: sa.Connection, statements: list[RanStatement]) -> Iterator[SimpleNamespace]:
    current = SimpleNamespace(revision="")

    def after(**call: Any) -> None:
        sql = render_statement(connection.dialect, call["statement"], call["parameters"], call["context"])
        if not is_catalog_read(sql):
            statements.append(RanStatement(sql, current.revision, 0.0, autocommit=is_autocommit(call["conn"])))

    sa.event.listen(connection.engine, "after_cursor_execute", after, named=True)
    yield current
    sa.event.remove(connection.engine, "after_cursor_execute", after)


def _write(root: Path, files: Mapping[str, str | None]) -> None:
    root.mkdir(parents=True)
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink(missing_ok=True)
        else:
            path.write_text(textwrap.dedent(text).lstrip("\n"))


def _indent(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip() or "pass", "    ")
