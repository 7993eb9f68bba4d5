"""The lint is quiet where there is nothing to say: the example repository, and what Specwright itself writes."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.migration.lint import lint
from bot.migration.lint_context import LintContext
from bot.migration.revision_source import read_revision_source
from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from tests.databases import make_databases
from tests.migration.changes import BASE, SINGLE
from tests.migration.revisions import POLICIES, Pair, Project, execute
from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, run_upgrade

BOOKSHOP = Path(__file__).parents[3] / "examples" / "bookshop"
Contexts = dict[str, LintContext]


def test_revisions_of_the_example_repository(look: Look) -> None:
    texts = tuple(path.read_text() for path in sorted((BOOKSHOP / "migrations" / "versions").glob("*.py")))
    code = {
        path.relative_to(BOOKSHOP).as_posix(): path.read_text()
        for path in sorted((BOOKSHOP / "bookshop").rglob("*.py"))
    }
    context = look(Example(texts, base="SELECT 1", code=code, naming_convention={}))
    assert context.statements
    assert context.leftover == ()
    found = [(finding.code, finding.title) for finding in lint(context).findings if finding.severity != "info"]
    assert found == []


@pytest.fixture(scope="module", params=POLICIES)
def contexts(
    request: pytest.FixtureRequest,
    postgres_admin: sa.Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Contexts:
    """The revisions that Specwright writes for each of the single changes, upgraded once (and rolled back)."""
    conventions = POLICIES[request.param]
    with make_databases(postgres_admin) as make:
        engine = make()
        project = Project(tmp_path_factory.mktemp("noise"), engine, conventions)
        with engine.begin() as connection:
            execute(connection, BASE)
            before = snapshot(connection)
        return {name: make_context(engine, project, before, ddl) for name, ddl in SINGLE.items()}


def make_context(engine: sa.Engine, project: Project, before: Schema, ddl: str) -> LintContext:
    with engine.connect() as connection:
        execute(connection, ddl)
        after = snapshot(connection)
        connection.rollback()
        written = project.write(Pair(before, after))
        sources = tuple(read_revision_source(str(file.path), file.text) for file in written.files)
        is_undone = "autocommit_block" not in written.text  # else it would stay in the database
        with connection.begin() as transaction:
            statements = run_upgrade(connection, sources) if is_undone else ()
            transaction.rollback()
    return LintContext(
        revisions=sources,
        before=before,
        after=after,
        changes=diff(before, after),
        leftover=(),  # test_operations.py goes down all of them
        statements=statements,
        naming_convention={},
    )


@pytest.mark.parametrize("name", SINGLE)
def test_what_specwright_writes_has_no_error(name: str, contexts: Contexts) -> None:
    assert [finding for finding in lint(contexts[name]).findings if finding.severity == "error"] == []
