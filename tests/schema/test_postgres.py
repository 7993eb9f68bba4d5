from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from bot.schema.diff import diff
from bot.schema.model import Schema
from bot.schema.snapshot import BOOKKEEPING, snapshot
from bot.schema.summary import describe
from tests.migration.revisions import execute
from tests.schema.cases import Case, read_cases
from tests.schema.laws import check_laws


@pytest.fixture(scope="module")
def engine(postgres_url: str, postgres_admin: sa.Engine) -> Iterator[sa.Engine]:
    """One database for the module: every test takes back what it did."""
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE schema_cases")
    engine = sa.create_engine(sa.make_url(postgres_url).set(database="schema_cases"))
    yield engine
    engine.dispose()
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE schema_cases WITH (FORCE)")


@pytest.fixture
def connection(engine: sa.Engine) -> Iterator[sa.Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.mark.parametrize("case", read_cases("postgres.sql"), ids=lambda case: case.name)
def test_a_change_of_the_catalog_is_told(connection: sa.Connection, case: Case) -> None:
    execute(connection, f"{case.before};")
    before = snapshot(connection)
    execute(connection, f"{case.change};")
    after = snapshot(connection)
    assert tuple(describe(change) for change in diff(before, after)) == case.told
    check_laws(before, after)


SAME = {
    "names of types": (
        "CREATE TABLE t (a int, b varchar(9), c timestamptz, d bool, e decimal(4, 1), f float, g int4[], h char)",
        """CREATE TABLE t (a integer, b character varying(9), c timestamp with time zone, d boolean, e numeric(4, 1),
           f double precision, g integer array, h character(1))""",
    ),
    "in and any": (
        "CREATE TABLE t (a text CONSTRAINT c CHECK (a IN ('x', 'y')))",
        "CREATE TABLE t (a text, CONSTRAINT c CHECK ((((a = ANY (ARRAY['x'::text, 'y']))))))",
    ),
    "spaces, comments, quotes and case": (
        "CREATE TABLE t (a integer DEFAULT 1, CONSTRAINT c CHECK (a > 0))",
        'create table "t" ( A int4 default ( 1 ) -- one\n , constraint C check("a">0 /* more */) )',
    ),
    "constraints of columns and of the table": (
        "CREATE TABLE p (a int PRIMARY KEY); CREATE TABLE t (a int UNIQUE REFERENCES p, b int NOT NULL CHECK (b > 0))",
        """CREATE TABLE p (a int NOT NULL); ALTER TABLE p ADD PRIMARY KEY (a); CREATE TABLE t (a int, b int);
           ALTER TABLE t ALTER b SET NOT NULL, ADD CHECK (b > 0), ADD UNIQUE (a), ADD FOREIGN KEY (a) REFERENCES p (a)
           MATCH SIMPLE ON UPDATE NO ACTION ON DELETE NO ACTION NOT DEFERRABLE""",
    ),
    "serial and its parts": (
        "CREATE TABLE t (a serial)",
        """CREATE SEQUENCE t_a_seq AS integer; CREATE TABLE t (a integer NOT NULL DEFAULT nextval('public.t_a_seq'));
           ALTER SEQUENCE t_a_seq OWNED BY t.a""",
    ),
    "usual options said aloud": (
        """CREATE TABLE t (a bigint GENERATED ALWAYS AS IDENTITY, b text); CREATE INDEX ix ON t (a, b);
           CREATE SEQUENCE s; CREATE UNIQUE INDEX uq ON t (b)""",
        """CREATE TABLE t (a int8 GENERATED ALWAYS AS IDENTITY (START 1 INCREMENT BY 1 NO MINVALUE NO CYCLE),
           b text COLLATE "default"); CREATE INDEX ix ON t USING btree (a int8_ops ASC NULLS LAST, b COLLATE "default");
           CREATE SEQUENCE s AS bigint START 1 INCREMENT 1 MINVALUE 1 NO CYCLE CACHE 1;
           CREATE UNIQUE INDEX uq ON public.t (b) NULLS DISTINCT""",
    ),
    "order of making": (
        "CREATE TABLE a (x int); CREATE TABLE b (x int); CREATE INDEX i ON a (x); CREATE INDEX j ON a (x)",
        "CREATE TABLE b (x int); CREATE TABLE a (x int); CREATE INDEX j ON a (x); CREATE INDEX i ON a (x)",
    ),
    "casts of constants": (
        "CREATE TABLE t (a timestamptz DEFAULT '2020-01-01 00:00+00', b numeric DEFAULT 1.50, c jsonb DEFAULT '{}')",
        """CREATE TABLE t (a timestamptz DEFAULT timestamptz '2020-01-01 01:00+01', b numeric DEFAULT '1.50'::numeric,
           c jsonb DEFAULT '{}'::jsonb)""",
    ),
    "views": (
        "CREATE TABLE t (a int); CREATE VIEW v AS SELECT a FROM t WHERE a BETWEEN 1 AND 2",
        "CREATE TABLE t (a int); CREATE VIEW v (a) AS SELECT (t.a) FROM public.t WHERE (t.a >= 1 AND t.a <= 2)",
    ),
    "renamed and renamed back": (
        "CREATE TABLE t (a int CONSTRAINT c CHECK (a > 0), b int GENERATED ALWAYS AS IDENTITY)",
        """CREATE TABLE u (x int CONSTRAINT c CHECK (x > 0), b int GENERATED ALWAYS AS IDENTITY);
           ALTER TABLE u RENAME TO t; ALTER TABLE t RENAME x TO a""",
    ),
    "current values": (
        "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text); CREATE SEQUENCE s",
        """CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, b text); CREATE SEQUENCE s; SELECT nextval('s');
           INSERT INTO t (b) VALUES ('x'), ('y'); ANALYZE t""",
    ),
    "columns that were dropped": (
        "CREATE TABLE t (a int, b int); CREATE INDEX ix ON t (b)",
        "CREATE TABLE t (z int, a int, y int, b int); CREATE INDEX ix ON t (b); ALTER TABLE t DROP z, DROP y",
    ),
}
# The server keeps these apart, and so do we.
DIFFERENT = {
    "now() and CURRENT_TIMESTAMP": (
        "CREATE TABLE t (a timestamptz DEFAULT now())",
        "CREATE TABLE t (a timestamptz DEFAULT CURRENT_TIMESTAMP)",
    ),
    "1 and 1.0": ("CREATE TABLE t (a numeric DEFAULT 1)", "CREATE TABLE t (a numeric DEFAULT 1.0)"),
    "a constraint and an index": (
        "CREATE TABLE t (a int UNIQUE)",
        "CREATE TABLE t (a int); CREATE UNIQUE INDEX t_a_key ON t (a)",
    ),
}


@pytest.mark.parametrize("spellings", SAME.values(), ids=SAME)
def test_two_spellings_of_one_thing_do_not_differ(connection: sa.Connection, spellings: tuple[str, str]) -> None:
    first, second = _take_each(connection, spellings)
    assert diff(first, second) == ()


def _take_each(connection: sa.Connection, scripts: tuple[str, ...]) -> Iterator[Schema]:
    for script in scripts:
        with connection.begin_nested() as savepoint:
            execute(connection, script)
            yield snapshot(connection)
            savepoint.rollback()


@pytest.mark.parametrize("settings", ["public, pg_catalog", '"$user", s, public', "", "s"])
def test_settings_of_the_session_change_nothing_and_stay(connection: sa.Connection, settings: str) -> None:
    execute(
        connection,
        """CREATE SCHEMA s; CREATE TYPE s.mood AS ENUM ('a'); CREATE TYPE kind AS ENUM ('b');
           CREATE FUNCTION f() RETURNS kind LANGUAGE sql AS 'SELECT ''b''::public.kind';
           CREATE TABLE s.t (a s.mood DEFAULT 'a', b kind DEFAULT f(), c timestamptz DEFAULT '2020-01-01 00:00+00',
               d interval DEFAULT '1 day 2 hours', e date DEFAULT '2020-02-01');
           CREATE VIEW v AS SELECT a, b FROM s.t WHERE b = f()""",
    )
    usual = snapshot(connection)
    for name, value in (("search_path", settings), ("timezone", "Asia/Tokyo"), ("datestyle", "German, DMY")):
        connection.execute(sa.select(sa.func.set_config(name, value, True)))
    execute(connection, "SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL quote_all_identifiers = on")
    assert diff(usual, snapshot(connection)) == ()
    assert connection.exec_driver_sql("SHOW search_path").scalar_one() == settings
    assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "Asia/Tokyo"


def test_an_autocommitting_connection_gives_the_same(engine: sa.Engine) -> None:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        execute(
            connection, "CREATE SCHEMA s; SET search_path = s; CREATE TABLE s.t (a integer); CREATE VIEW v AS TABLE t"
        )
        (view,) = snapshot(connection).views
        execute(connection, "DROP SCHEMA s CASCADE; RESET search_path")
    assert "s.t" in view.definition


def test_what_an_extension_owns_is_not_listed(connection: sa.Connection) -> None:
    before = snapshot(connection)
    execute(connection, "CREATE EXTENSION vector")
    assert [change.kind for change in diff(before, snapshot(connection))] == ["extension"]


def test_tables_are_left_out_by_name(connection: sa.Connection) -> None:
    execute(connection, "CREATE TABLE alembic_version (version_num varchar(32)); CREATE TABLE a (x int)")
    assert [table.name for table in snapshot(connection).tables] == ["a"]
    assert BOOKKEEPING == ("alembic_version",)
    both = snapshot(connection, exclude=())
    assert [table.name for table in both.tables] == ["a", "alembic_version"]
    assert [table.name for table in snapshot(connection, exclude=("a",)).tables] == ["alembic_version"]


def test_secrets_of_foreign_servers_are_not_read(connection: sa.Connection) -> None:
    execute(
        connection,
        """CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w OPTIONS (password 'hunter2');
           CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (password 'hunter2')""",
    )
    assert "hunter2" not in repr(snapshot(connection))


def test_the_order_of_columns_is_cosmetic(connection: sa.Connection) -> None:
    execute(connection, "CREATE TABLE t (a int, b int)")
    before = snapshot(connection)
    execute(connection, "ALTER TABLE t DROP a; ALTER TABLE t ADD a int")
    (change,) = diff(before, snapshot(connection))
    assert (change.kind, change.is_cosmetic) == ("column_order", True)


@pytest.mark.parametrize("spellings", DIFFERENT.values(), ids=DIFFERENT)
def test_what_the_server_keeps_apart_differs(connection: sa.Connection, spellings: tuple[str, str]) -> None:
    first, second = _take_each(connection, spellings)
    assert diff(first, second) != ()


def test_the_number_of_queries_is_constant(fresh_database: Callable[[], sa.Engine]) -> None:
    counts = []
    for number in (3, 60):
        engine = fresh_database()
        with engine.begin() as connection:
            for position in range(number):
                execute(
                    connection,
                    f"""CREATE TABLE t{position} (id serial PRIMARY KEY, a int REFERENCES t{max(position - 1, 0)},
                        b text CHECK (b <> '')); CREATE INDEX ON t{position} (lower(b));
                        CREATE VIEW v{position} AS SELECT 1 AS x; CREATE TYPE e{position} AS ENUM ('a');
                        CREATE POLICY p ON t{position} USING (true)""",
                )
        counts.append(_count_statements(engine))
    assert counts[0] == counts[1] < 25


def _count_statements(engine: sa.Engine) -> int:
    seen: list[str] = []
    with engine.connect() as connection:
        sa.event.listen(connection, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
        assert len(snapshot(connection).tables) in (3, 60)
    return len(seen)
