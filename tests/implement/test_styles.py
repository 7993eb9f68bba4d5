"""The law holds in every style that repositories have, and what is not concerned stays byte for byte."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.implement.errors import NoModels, UnsupportedModels
from bot.implement.models.implement import implement_models
from bot.schema.model import Schema
from tests.implement.laboratory import Laboratory, differences
from tests.implement.styles import STYLES

CHANGE = """
CREATE TYPE colour AS ENUM ('red', 'dark green');
ALTER TYPE status ADD VALUE 'sent';
CREATE TABLE tags (id serial PRIMARY KEY, name text NOT NULL UNIQUE, colour colour NOT NULL DEFAULT 'red',
    parent_id integer REFERENCES tags (id) ON DELETE CASCADE, note varchar(30));
CREATE TABLE order_tags (order_id integer REFERENCES orders (id), tag_id integer REFERENCES tags (id),
    PRIMARY KEY (order_id, tag_id));
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id integer NOT NULL UNIQUE
    REFERENCES orders (id), body text NOT NULL, at timestamptz NOT NULL DEFAULT now(),
    price numeric(8, 2), extra jsonb);
ALTER TABLE orders ADD COLUMN seller_id integer REFERENCES users (id), ADD COLUMN colour colour,
    ALTER COLUMN status SET DEFAULT 'paid', ADD CONSTRAINT one_a_day UNIQUE (user_id, made_at);
CREATE INDEX orders_seller ON orders (seller_id) WHERE seller_id > 0;
ALTER TABLE users ALTER COLUMN email TYPE text, ALTER COLUMN name SET NOT NULL, ADD CONSTRAINT named CHECK (name <> '');
ALTER TABLE users DROP CONSTRAINT users_email_key;
DROP INDEX ix_users_name;
COMMENT ON TABLE users IS 'People'; COMMENT ON COLUMN users.name IS 'as they say it'
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


@pytest.mark.parametrize("style", STYLES)
def test_models_make_what_was_asked_for(laboratory: Laboratory, tmp_path: Path, style: str) -> None:
    module, files = STYLES[style]
    tree = write(tmp_path, files)
    root = tree / "src" if (tree / "src").exists() else tree
    changed = laboratory.change(root, CHANGE, module)
    changeset = implement_models(tree, changed.changes, changed.before, changed.after, RepositoryConfig())
    built = laboratory.read(laboratory.build(root, module))
    assert differences(built, changed.after) == ()
    assert changeset.not_done == ()


@pytest.mark.parametrize("style", STYLES)
def test_a_change_of_one_column_touches_one_line(laboratory: Laboratory, tmp_path: Path, style: str) -> None:
    module, files = STYLES[style]
    tree = write(tmp_path, files)
    root = tree / "src" if (tree / "src").exists() else tree
    changed = laboratory.change(root, "ALTER TABLE users ALTER COLUMN email TYPE varchar(300)", module)
    implement_models(tree, changed.changes, changed.before, changed.after, RepositoryConfig())
    for path, text in files.items():
        now = (tree / path).read_text()
        removed = [line for line in difflib.ndiff(text.splitlines(True), now.splitlines(True)) if line[0] in "-+"]
        assert removed == [] or [line.replace("200", "300")[1:] for line in removed[:1]] == [removed[1][1:]]
        assert len(removed) in (0, 2)


def test_other_styles_are_refused_by_name(tmp_path: Path) -> None:
    schema = Schema("postgresql")
    with pytest.raises(NoModels, match="no declarative base"):
        implement_models(tmp_path, (), schema, schema, RepositoryConfig())
    write(tmp_path, {"models.py": "from sqlmodel import SQLModel\nclass A(SQLModel, table=True):\n    id: int\n"})
    with pytest.raises(UnsupportedModels, match="SQLModel"):
        implement_models(tmp_path, (), schema, schema, RepositoryConfig())
    write(tmp_path, {"models.py": "class A(db.Model):\n    id = db.Column(db.Integer)\n"})
    with pytest.raises(UnsupportedModels, match="Flask"):
        implement_models(tmp_path, (), schema, schema, RepositoryConfig())
