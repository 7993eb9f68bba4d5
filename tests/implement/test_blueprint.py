"""The blueprint as the pipeline uses it: models, tests and documentation, and what it leaves open."""

from __future__ import annotations

from pathlib import Path

from bot.config import RepositoryConfig
from bot.implement.blueprint import implement_logic, implement_schema
from bot.spec.model import Criterion, Endpoint, Spec
from tests.implement.laboratory import Laboratory, copy_bookshop

DDL = "ALTER TABLE books ADD COLUMN pages integer NOT NULL DEFAULT 0 CONSTRAINT ck_books_pages CHECK (pages >= 0)"
SPEC = Spec(
    title="Pages of <b>books</b> @everyone",
    body="",
    summary="",
    criteria=(
        Criterion("AC-1", "The `pages` of a book are never below zero.", 1),
        Criterion("AC-2", "A reader sees how many pages a book has.", 2),
    ),
    endpoints=(Endpoint("GET", "/books/{id}/pages", "", 3),),
)


def test_what_is_done_and_what_is_left_open(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    changed = laboratory.change(tree, DDL)
    states = (changed.changes, changed.before, changed.after)
    schema = implement_schema(tree, SPEC, *states, RepositoryConfig())
    assert schema.files == ("bookshop/models/book.py",)
    logic = implement_logic(tree, SPEC, *states, RepositoryConfig(), 12)
    assert logic.not_done == ("endpoint GET /books/{id}/pages", "AC-2: A reader sees how many pages a book has.")
    assert [item.criterion_id for item in logic.criteria] == ["AC-1"]
    assert all((tree / path).is_file() for path in logic.files)


def test_documentation_is_written_where_the_repository_has_it(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    before = (tree / "CHANGELOG.md").read_text()
    changed = laboratory.change(tree, DDL)
    logic = implement_logic(tree, SPEC, changed.changes, changed.before, changed.after, RepositoryConfig(), 12)
    page = next(path for path in logic.files if path.startswith("docs/schema/12-"))
    assert "pages" in (tree / page).read_text()
    changelog = (tree / "CHANGELOG.md").read_text()
    entry = "- Pages of &lt;b>books&lt;/b> @\u200beveryone (#12; [schema]({page}))."
    assert changelog == before.replace("## Unreleased\n", f"## Unreleased\n{entry.format(page=page)}\n")


def test_nothing_asked_nothing_done(tmp_path: Path, laboratory: Laboratory) -> None:
    tree = copy_bookshop(tmp_path)
    schema = laboratory.read(laboratory.make_database())
    assert implement_schema(tree, SPEC, (), schema, schema, RepositoryConfig()).files == ()
