"""What happens beside the tables: shared classes, code that uses what goes, files that gather the models."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.implement.changeset import Changeset
from bot.implement.errors import ImplementError
from bot.implement.models.implement import implement_models
from bot.implement.schema_tests.write import write_schema_tests
from bot.spec.model import Spec
from tests.implement.laboratory import Laboratory, copy_bookshop, differences

BASE = "from sqlalchemy.orm import DeclarativeBase\n\n\nclass Base(DeclarativeBase):\n    pass\n"
USER = """from app.models.base import Base
from sqlalchemy.orm import Mapped, mapped_column


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
"""
NEW_TABLE = "CREATE TABLE visits (id serial PRIMARY KEY, user_id integer NOT NULL REFERENCES users (id))"


def implement(laboratory: Laboratory, tree: Path, ddl: str, config: RepositoryConfig | None = None) -> Changeset:
    changed = laboratory.change(tree, ddl)
    return implement_models(tree, changed.changes, changed.before, changed.after, config or RepositoryConfig())


def test_a_column_of_a_shared_class_is_restated(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    base = (tree / "bookshop/models/base.py").read_bytes()
    changed = laboratory.change(tree, "ALTER TABLE books ALTER COLUMN created_at DROP NOT NULL")
    changeset = implement_models(tree, changed.changes, changed.before, changed.after, RepositoryConfig())
    assert differences(laboratory.read(laboratory.build(tree)), changed.after) == ()
    assert changeset.files == ("bookshop/models/book.py",)
    assert any("`books.created_at`" in note for note in changeset.notes)
    assert (tree / "bookshop/models/base.py").read_bytes() == base


def test_a_dropped_column_of_a_shared_class_stays_open(laboratory: Laboratory, tmp_path: Path) -> None:
    changeset = implement(laboratory, copy_bookshop(tmp_path), "ALTER TABLE books DROP COLUMN created_at")
    assert [line for line in changeset.not_done if "`books.created_at`" in line]


def test_code_that_uses_what_is_gone_is_named(laboratory: Laboratory, tmp_path: Path) -> None:
    changeset = implement(
        laboratory, copy_bookshop(tmp_path), "ALTER TABLE books DROP COLUMN stock; DROP TABLE order_items"
    )
    places = {line.partition(":")[0] for line in changeset.not_done}
    assert {"bookshop/orders.py", "bookshop/api/books.py"} <= places
    assert all(":" in line and "still uses" in line for line in changeset.not_done)


def test_a_relationship_goes_with_its_foreign_key(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    changeset = implement(laboratory, tree, "ALTER TABLE books DROP COLUMN author_id")
    assert "relationship" not in (tree / "bookshop/models/author.py").read_text()
    assert "author" not in (tree / "bookshop/models/book.py").read_text().lower()
    assert "relationship Author.books is gone with its foreign key" in changeset.notes


def test_a_model_side_default_follows_the_database(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    ddl = (
        "ALTER TABLE books ALTER COLUMN stock SET DEFAULT 5; ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'paid'"
    )
    implement(laboratory, tree, ddl)
    assert (
        'stock: Mapped[int] = mapped_column(server_default="5", default=5)'
        in (tree / "bookshop/models/book.py").read_text()
    )
    assert "default=OrderStatus.PAID" in (tree / "bookshop/models/order.py").read_text()


@pytest.mark.parametrize("init", ["", "from app.models.user import User\n"])
def test_a_new_module_is_imported_with_the_package(laboratory: Laboratory, tmp_path: Path, init: str) -> None:
    files = {
        "app/__init__.py": "",
        "app/models/__init__.py": init,
        "app/models/base.py": BASE,
        "app/models/user.py": USER,
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "models.py").write_text("import app.models.user\nfrom app.models.base import Base\n")
    changed = laboratory.change(tmp_path, NEW_TABLE, "models")
    changeset = implement_models(tmp_path, changed.changes, changed.before, changed.after, RepositoryConfig())
    assert set(changeset.files) == {"app/models/__init__.py", "app/models/visit.py"}
    assert differences(laboratory.read(laboratory.build(tmp_path, "models")), changed.after) == ()


def test_the_config_says_where_new_models_go(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    config = RepositoryConfig(models="bookshop/models/customer.py")
    ddl = "CREATE TABLE visits (id serial CONSTRAINT pk_visits PRIMARY KEY)"
    assert "bookshop/models/customer.py" in implement(laboratory, tree, ddl, config).files
    assert "class Visit(Base)" in (tree / "bookshop/models/customer.py").read_text()


def test_what_models_cannot_state_is_said(laboratory: Laboratory, tmp_path: Path) -> None:
    changeset = implement(
        laboratory, copy_bookshop(tmp_path), "CREATE VIEW cheap AS SELECT id FROM books WHERE price < 5"
    )
    assert changeset == Changeset(notes=("view `cheap`: in the migration only, models do not state it",))


HOSTILE = """
CREATE TYPE "mood ~~ # 1" AS ENUM ('a%b', '; import os', '');
CREATE TABLE "../../x ~~~~~~; import os" (id serial PRIMARY KEY, "a~~ b" text NOT NULL DEFAULT '% \\',
    mood "mood ~~ # 1", "2nd" integer CHECK ("2nd" > 0), "größe" integer UNIQUE);
COMMENT ON TABLE "../../x ~~~~~~; import os" IS 'end % \\ import os';
COMMENT ON TABLE customers IS 'two
lines % \\'
""".replace("~", '"').replace("%", '"' * 3)


def test_names_of_strangers_stay_names(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    changed = laboratory.change(tree, HOSTILE)
    states = (changed.changes, changed.before, changed.after)
    changeset = implement_models(tree, *states, RepositoryConfig())
    assert all(path.startswith("bookshop/models/") and ".." not in path for path in changeset.files)
    assert differences(laboratory.read(laboratory.build(tree)), changed.after) == ()
    tests = write_schema_tests(tree, Spec("", "", ""), *states, RepositoryConfig(), "../../7")
    assert tests.files == ("tests/test_schema_7.py",)
    compile((tree / tests.files[0]).read_text(), "tests", "exec")


def test_a_config_that_leads_out_of_the_repository_is_refused(laboratory: Laboratory, tmp_path: Path) -> None:
    tree = copy_bookshop(tmp_path)
    changed = laboratory.change(tree, "CREATE TABLE visits (id serial PRIMARY KEY)")
    for models in ("../elsewhere", "/tmp/elsewhere.py"):
        config = RepositoryConfig(models=models)
        with pytest.raises(ImplementError, match="leads out"):
            implement_models(tree, changed.changes, changed.before, changed.after, config)
