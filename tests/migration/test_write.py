"""The file of a revision: the repository's conventions, its template, and text that comes from outside."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.config import RepositoryConfig
from bot.migration.conventions import RevisionConventions, read_conventions
from bot.migration.errors import CannotWrite
from bot.migration.project import find_project
from bot.migration.python_layout import UnexpectedSource, lay_out, quote_string
from bot.migration.revision_file import RevisionFile, RevisionWords
from bot.migration.script_template import STOCK_TEMPLATE, UnknownTemplate, render_template
from bot.migration.write import write_revisions
from bot.schema.model import Column, Enum, PrimaryKey, Schema, Table
from tests.migration.changes import BASE, SINGLE
from tests.migration.projects import plain_project, revision
from tests.migration.revisions import CREATED_AT, Project, prove, take_pair

Fresh = Callable[[], sa.Engine]
BEFORE = Schema("postgresql")
NOTES = Table(
    "public",
    "notes",
    (Column("id", "bigint", nullable=False), Column("body", "text", comment="what is noted")),
    PrimaryKey("pk_notes", ("id",)),
    comment="Notes",
)
AFTER = replace(BEFORE, tables=(NOTES,))
STOCK = RevisionConventions(Path("migrations/versions"), STOCK_TEMPLATE)
BOOKSHOP_TEMPLATE = (Path(__file__).parents[2] / "examples/bookshop/migrations/script.py.mako").read_text()


def write(conventions: RevisionConventions = STOCK, after: Schema = AFTER, **options: object) -> RevisionFile:
    words = {key: options.pop(key) for key in ("message", "purpose", "impact") if key in options}
    arguments: dict[str, object] = {"down_revision": "abc123", "created_at": CREATED_AT, **options}
    words_value = RevisionWords(**{"message": "Add notes", **words})  # type: ignore[arg-type]
    (written,) = write_revisions(conventions, BEFORE, after, words_value, **arguments)  # type: ignore[arg-type]
    return written


def test_whole_file() -> None:
    written = write(purpose=("Customers leave notes (AC-1).",), impact=("A new table: no lock on what is there.",))
    assert written.path == Path(f"migrations/versions/{written.revision}_add_notes.py")
    assert written.notes == ()
    assert (
        written.text
        == f'''"""Add notes

Customers leave notes (AC-1).
Impact:
- A new table: no lock on what is there.

Revision ID: {written.revision}
Revises: abc123
Create Date: 2026-03-04 05:06:07+00:00

"""
from typing import Sequence, Union

from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision: str = "{written.revision}"
down_revision: Union[str, Sequence[str], None] = "abc123"
branch_labels: Union[str, Sequence[str], None] = None
depends_on: Union[str, Sequence[str], None] = None


def upgrade() -> None:
    """Upgrade schema."""
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=True, comment="what is noted"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
        comment="Notes",
    )


def downgrade() -> None:
    """Downgrade schema."""
    op.drop_table("notes")
'''
    )


def test_same_input_gives_the_same_file_and_other_content_another_id() -> None:
    assert write() == write()
    others = [write(seed="2"), write(down_revision=None), write(after=replace(AFTER, schemas=("audit",)))]
    assert len({write().revision, *(other.revision for other in others)}) == 4


FILE_NAMES = {
    "%(rev)s_%(slug)s": "{rev}_add_a_very_long_.py",
    "%(year)d_%(month).2d_%(day).2d_%(hour).2d%(minute).2d-%(rev)s_%(slug)s": (
        "2026_03_04_0506-{rev}_add_a_very_long_.py"
    ),
    "%(year)d/%(epoch)s_%(rev)s": "2026/1772600767_{rev}.py",
    "%(rev)s": "{rev}.py",
}


@pytest.mark.parametrize("template", FILE_NAMES)
def test_file_name_as_alembic_makes_it(template: str) -> None:
    written = write(replace(STOCK, file_template=template, truncate_slug_length=16), message="Add a very-long, name!")
    name = FILE_NAMES[template].format(rev=written.revision)
    assert written.path == Path("migrations/versions") / name


@pytest.mark.parametrize("message", ["Drop it", "A title of many words, more than any file name takes"])
def test_parts_of_one_change_have_names_of_their_own(message: str) -> None:
    """Also where the template has no id, and where the title is cut."""
    old = replace(NOTES, columns=(*NOTES.columns, Column("gone", "text", nullable=False)))
    conventions = replace(STOCK, file_template="%(year)d_%(slug)s", truncate_slug_length=20)
    start, words = replace(BEFORE, tables=(old,)), RevisionWords(message)
    first, second = write_revisions(conventions, start, AFTER, words, down_revision=None, created_at=CREATED_AT)
    assert second.down_revision == first.revision
    assert [file.path.stem[-2:] for file in (first, second)] == ["_1", "_2"]
    assert all(len(file.path.stem) <= 25 for file in (first, second))
    assert f"{message} (1 of 2)" in first.text
    with pytest.raises(CannotWrite, match="file_template"):
        clash = replace(conventions, file_template="%(year)d")
        write_revisions(clash, start, AFTER, words, down_revision=None, created_at=CREATED_AT)


@pytest.mark.parametrize("template", ["../../%(rev)s", "/tmp/%(rev)s", "%(rev)999999999s", "%(user)s", "x;%(rev)s"])
def test_hostile_file_template_is_not_followed(template: str) -> None:
    written = write(replace(STOCK, file_template=template))
    assert written.path.parent == Path("migrations/versions")
    assert len(written.notes) == 1


def test_template_of_the_repository_is_filled_in() -> None:
    written = write(replace(STOCK, template=BOOKSHOP_TEMPLATE))
    assert written.notes == ()
    assert 'down_revision: str | None = "abc123"\n' in written.text
    assert "from collections.abc import Sequence\n" in written.text


UNKNOWN = {
    "a block of Python": '<%! import os; os.system("touch /tmp/owned") %>\n' + STOCK_TEMPLATE,
    "a call": STOCK_TEMPLATE.replace("${create_date}", "${__import__('os').getcwd()}"),
    "an attribute": STOCK_TEMPLATE.replace("${create_date}", "${message.__class__}"),
    "a loop": "% for x in range(10**9):\nx\n% endfor\n" + STOCK_TEMPLATE,
    "an unknown variable": STOCK_TEMPLATE.replace("${create_date}", "${config}"),
    "an unknown filter": STOCK_TEMPLATE.replace("comma,n", "evil"),
    "no functions": '"""${message}"""\nrevision = ${repr(up_revision)}\ndown_revision = ${repr(down_revision)}\n',
    "no revision": STOCK_TEMPLATE.replace("revision: str = ${repr(up_revision)}", ""),
    "no Python": "this is no Python ${message}",
    "nothing": "",
}


@pytest.mark.parametrize("template", UNKNOWN.values(), ids=UNKNOWN)
def test_template_that_would_have_to_be_run_is_replaced_by_the_stock_one(template: str) -> None:
    written = write(replace(STOCK, template=template))
    assert written.text == write().text
    assert len(written.notes) == 1
    assert "stock template" in written.notes[0]


def test_other_templates_that_ship_with_alembic() -> None:
    import alembic

    folder = Path(alembic.__file__).parent / "templates"
    for name in ("generic", "async", "pyproject", "pyproject_async"):
        template = (folder / name / "script.py.mako").read_text()
        assert write(replace(STOCK, template=template)).notes == (), name
    multidb = (folder / "multidb" / "script.py.mako").read_text()
    assert write(replace(STOCK, template=multidb)).notes != ()


def test_escapes_of_mako() -> None:
    template = "## gone\n%% kept\n${message} | ${', '} \n"
    with pytest.raises(UnknownTemplate):
        render_template(template, {"message": "x"})
    assert render_template("## gone\n%% kept\n${ message | n }", {"message": "${x}"}) == "% kept\n${x}"


HOSTILE_TEXT = [
    '"""\nimport os; os.system("touch /tmp/owned")\n"""',
    '\\"""',
    'ends with a quote"',
    "ends with a backslash\\",
    "line\nbreak\r\u2028\x00\x0b",
    "${__import__('os').getcwd()}",
    "%(rev)s %s {0}",
    "'''",
    "\ud800",
    "",
]


@pytest.mark.parametrize("text", HOSTILE_TEXT)
@pytest.mark.parametrize("template", [STOCK_TEMPLATE, STOCK_TEMPLATE.replace('"""${message}', '"""\n${message}')])
def test_words_cannot_leave_the_docstring(text: str, template: str) -> None:
    written = write(replace(STOCK, template=template), message=text, purpose=(text,), impact=(text, text))
    module = ast.parse(written.text)
    plain = ast.parse(write(replace(STOCK, template=template)).text)
    assert [type(node) for node in module.body] == [type(node) for node in plain.body]
    written.text.encode()
    assert written.path.parent == Path("migrations/versions")


@given(st.text(max_size=30))
def test_any_message_gives_a_valid_file(text: str) -> None:
    written = write(message=text, purpose=(text,))
    assert [type(node) for node in ast.parse(written.text).body] == [
        type(node) for node in ast.parse(write().text).body
    ]


@given(st.text(max_size=40), st.sampled_from(["'", '"']))
def test_quoted_string_is_that_string(text: str, quote: str) -> None:
    assert ast.literal_eval(quote_string(text, quote)) == text  # type: ignore[arg-type]


@given(st.text(min_size=1, max_size=12).filter(lambda text: "\x00" not in text))
def test_any_name_in_the_schema_stays_a_name(name: str) -> None:
    table = replace(NOTES, name=name, comment=name, columns=(Column(name, "text", comment=name, default=None),))
    table = replace(table, primary_key=PrimaryKey(name, (name,)))
    written = write(after=replace(BEFORE, tables=(table,), enums=(Enum("public", name, (name,)),)))
    calls = [node for node in ast.walk(ast.parse(written.text)) if isinstance(node, ast.Call)]
    assert {ast.unparse(call.func).split(".")[0] for call in calls} <= {"op", "sa"}


@pytest.mark.parametrize("source", ["__import__('os')", "op.x(lambda: 1)", "op.x(); op.y()", "x = 1", "op.x(y)", "("])
def test_only_calls_of_alembic_and_sqlalchemy_are_laid_out(source: str) -> None:
    with pytest.raises(UnexpectedSource):
        lay_out(source)


def test_nothing_to_do_gives_functions_that_pass() -> None:
    written = write(after=BEFORE)
    assert written.text.count("    pass\n") == 2


def test_another_dialect_than_before_is_refused() -> None:
    with pytest.raises(CannotWrite):
        write_revisions(
            STOCK,
            Schema("sqlite"),
            Schema("postgresql"),
            RevisionWords("x"),
            down_revision=None,
            created_at=CREATED_AT,
        )


def test_partitioning_of_a_table_that_stands_is_refused() -> None:
    split = replace(AFTER, tables=(replace(NOTES, partition="PARTITION BY RANGE (id)"),))
    words = RevisionWords("x")
    with pytest.raises(CannotWrite, match="table notes"):
        write_revisions(STOCK, AFTER, split, words, down_revision=None, created_at=CREATED_AT)


@pytest.mark.parametrize("name", ["table of every kind of default", "many to many", "index expression", "function"])
def test_layout_is_that_of_ruff(name: str, fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, SINGLE[name])
    project = Project(tmp_path, engine, replace(STOCK, directory=Path("versions"), template=BOOKSHOP_TEMPLATE))
    written = project.write(pair)
    command = [
        Path(sys.executable).with_name("ruff"),
        "format",
        "--diff",
        "--isolated",
        tmp_path / written.files[0].path,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_single_quotes_and_other_widths(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, SINGLE["table of every kind of default"])
    conventions = replace(STOCK, directory=Path("versions"), quote="'", line_length=60)
    written = prove(Project(tmp_path, engine, conventions), pair)
    assert "op.create_table(\n        'everything'," in written.text


def test_without_autocommit_where_env_holds_the_transaction(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, SINGLE["enum value last"])
    conventions = replace(STOCK, directory=Path("versions"), autocommit=False)
    written = prove(Project(tmp_path, engine, conventions), pair)
    assert "autocommit_block" not in written.text
    assert "autocommit_block" in Project(tmp_path / "b", engine).write(pair).text


class TestConventions:
    """What is learned from a repository's files."""

    def read(self, root: Path, files: dict[str, str], down_revision: str | None = None) -> RevisionConventions:
        plain_project(root, files)
        return read_conventions(root, find_project(root, RepositoryConfig()), down_revision)

    def test_plain(self, tmp_path: Path) -> None:
        conventions = self.read(tmp_path, {})
        assert conventions.directory == Path("migrations/versions")
        assert conventions.template is not None
        assert (conventions.quote, conventions.line_length, conventions.last_number) == ('"', 88, None)
        assert conventions.autocommit

    def test_style(self, tmp_path: Path) -> None:
        single = "revision = 'a3'\ndown_revision = 'a2'\nop.f('x', 'y', 'z')\n" * 9
        files = {
            "pyproject.toml": "[tool.ruff]\nline-length = 100\n",
            "migrations/versions/a3_x.py": single,
            "migrations/env.py": "with engine.begin() as connection:\n    pass\n",
        }
        conventions = self.read(tmp_path, files)
        assert (conventions.quote, conventions.line_length, conventions.autocommit) == ("'", 100, False)

    def test_counted_ids(self, tmp_path: Path) -> None:
        files = {
            "migrations/versions/a1_first.py": revision("0001", None, "", ""),
            "migrations/versions/a2_second.py": revision("0002", "0001", "", ""),
        }
        conventions = self.read(tmp_path, files)
        assert conventions.last_number == (2, 4)
        assert write(conventions).revision == "0003"

    def test_folder_of_the_revision_below(self, tmp_path: Path) -> None:
        files = {
            "alembic.ini": "[alembic]\nscript_location = migrations\npath_separator = space\n"
            "version_locations = migrations/versions migrations/other\n",
            "migrations/other/b1_x.py": revision("b1", None, "", ""),
        }
        assert self.read(tmp_path, files, "b1").directory == Path("migrations/other")
        assert self.read(tmp_path, files, "a2").directory == Path("migrations/versions")

    def test_broken_files_teach_nothing(self, tmp_path: Path) -> None:
        files = {
            "pyproject.toml": "[tool.ruff\n",
            "migrations/versions/bad.py": "revision = ",
            "migrations/env.py": "(",
        }
        assert self.read(tmp_path, files).line_length == 88


def test_created_at_with_a_zone() -> None:
    written = write(created_at=datetime(2026, 1, 2, tzinfo=UTC))
    assert "Create Date: 2026-01-02 00:00:00+00:00" in written.text
