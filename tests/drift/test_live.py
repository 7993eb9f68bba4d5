"""The structure of a live database: what is read, what is refused, how it goes through a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.drift.live import BadSnapshot, VersionTable, read_file, read_live, render_file
from bot.live.session import LiveUnavailable
from tests.drift.databases import execute

DDL = """
CREATE TABLE orders (id integer PRIMARY KEY, note text);
INSERT INTO orders VALUES (1, 'a secret of a customer');
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('b'), ('a');
CREATE SCHEMA billing;
CREATE TABLE billing."Versions" (version_num varchar(32) PRIMARY KEY);
"""


@pytest.fixture
def engine(fresh_database: Callable[[], sa.Engine]) -> sa.Engine:
    engine = fresh_database()
    execute(engine, DDL)
    return engine


def render_url(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def test_the_schema_is_read_and_no_row(engine: sa.Engine) -> None:
    structure = read_live(render_url(engine.url), 5)
    assert [table.name for table in structure.schema.tables] == ["orders"]
    assert structure.versions == (
        VersionTable("billing", "Versions", ()),
        VersionTable("public", "alembic_version", ("a", "b")),
    )
    assert structure.find_versions(frozenset({"a"})) == structure.versions[1]
    assert "secret" not in render_file(structure)
    with engine.connect() as connection:  # pg_stat counts a read of a table, also one of a transaction that is gone
        query = "SELECT seq_scan + coalesce(idx_scan, 0) FROM pg_stat_user_tables WHERE relname = 'orders'"
        assert connection.exec_driver_sql(query).scalar_one() == 0


def test_a_user_who_may_not_read_the_version_table(engine: sa.Engine, postgres_admin: sa.Engine) -> None:
    execute(engine, "DROP ROLE IF EXISTS watcher; CREATE ROLE watcher LOGIN")
    try:
        with pytest.raises(LiveUnavailable) as caught:
            read_live(render_url(engine.url.set(username="watcher", password="x")), 5)
        assert caught.value.kind == "rights"
        assert str(caught.value).startswith('the user may not read billing."Versions"; GRANT')
        execute(engine, "GRANT USAGE ON SCHEMA billing TO watcher; GRANT SELECT ON public.alembic_version TO watcher")
        execute(engine, 'GRANT SELECT ON billing."Versions" TO watcher')
        assert read_live(render_url(engine.url.set(username="watcher", password="x")), 5) == read_live(
            render_url(engine.url), 5
        )
    finally:
        execute(engine, "DROP OWNED BY watcher; DROP ROLE watcher")


def test_a_structure_goes_through_a_file(engine: sa.Engine, tmp_path: Path) -> None:
    structure = read_live(render_url(engine.url), 5)
    file = tmp_path / "schema.json"
    file.write_text(render_file(structure))
    assert read_file(file) == structure


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"specwright_snapshot": 2}', '{"specwright_snapshot": 1}', "[" * 10**5]
)
def test_what_is_no_snapshot_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(text)
    with pytest.raises(BadSnapshot, match="is no snapshot"):
        read_file(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadSnapshot, match="No such file"):
        read_file(tmp_path / "schema.json")
