"""What is written for busy tables: locks while rows are read or written, what a broken-off run leaves, the order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.config import MigrationsConfig
from bot.pull_request.beside_traffic import read_beside_traffic
from bot.pull_request.risks import Setting, find_change_risks
from bot.schema.diff import diff, material
from tests.migration.changes import BASE, ROWS, SINGLE
from tests.migration.revisions import ONLINE, Pair, Project, Written, execute, prove, show, take_pair

Fresh = Callable[[], sa.Engine]
BLOCKING_MODES = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
LONG_WORDS = ("CONCURRENTLY", "VALIDATE CONSTRAINT", "UPDATE ")
MORE_ROWS = (
    ROWS
    + """
UPDATE customers SET phone = coalesce(phone, '0');
INSERT INTO orders (customer_id, note, total) SELECT 1, 'n' || n, n FROM generate_series(10, 200) n;
"""
)
WAITING = {  # what a pull request says has others wait for long
    "table_rewritten",
    "type_changed",
    "index_added",
    "unique_added",
    "check_added",
    "foreign_key_added",
    "not_null_set",
}
CASES = {
    "index": "CREATE INDEX ix_orders_placed ON orders (placed_on, status)",
    "index with storage parameters": "CREATE INDEX ix_s ON orders (total) WITH (fillfactor='70')",
    "index dropped": "DROP INDEX ix_orders_open",
    "index replaced": "DROP INDEX ix_customers_name; CREATE UNIQUE INDEX ix_customers_name ON customers (name, email)",
    "unique": "ALTER TABLE customers ADD CONSTRAINT uq UNIQUE (phone, email) DEFERRABLE",
    "unique replaced": """ALTER TABLE customers DROP CONSTRAINT uq_customers_email,
        ADD CONSTRAINT uq_customers_email UNIQUE (email, name)""",
    "check": "ALTER TABLE customers ADD CONSTRAINT ck_name CHECK (length(name) > 1 AND name <> ':a%')",
    "check replaced": """ALTER TABLE customers DROP CONSTRAINT ck_customers_points,
        ADD CONSTRAINT ck_customers_points CHECK (points BETWEEN 0 AND 1000000)""",
    "foreign key": "ALTER TABLE orders ADD CONSTRAINT fk_c FOREIGN KEY (customer_id) REFERENCES customers",
    "foreign key replaced": """ALTER TABLE orders DROP CONSTRAINT fk_orders_customer,
        ADD CONSTRAINT fk_orders_customer FOREIGN KEY (customer_id) REFERENCES customers ON DELETE RESTRICT""",
    "not null": "ALTER TABLE customers ALTER phone SET NOT NULL",
    "not null with a default": "ALTER TABLE orders ALTER note SET DEFAULT '-', ALTER note SET NOT NULL",
    "column with other defaults": "ALTER TABLE orders ADD token uuid NOT NULL DEFAULT gen_random_uuid()",
    "serial column": "ALTER TABLE orders ADD number serial",
    "column with everything": """ALTER TABLE orders ADD level integer NOT NULL DEFAULT 1 CHECK (level > 0),
        ADD rep_id integer REFERENCES employees; CREATE INDEX ix_rep ON orders (rep_id);
        ALTER TABLE orders ADD UNIQUE (rep_id, level, id)""",
    "column that goes": "ALTER TABLE orders DROP total; ALTER TABLE customers DROP name",
}


@contextmanager
def watch(engine: sa.Engine, on_statement: Callable[[sa.Connection, str], None]) -> Iterator[None]:
    """Call `on_statement` before each statement that a revision sends to the engine's database."""

    def before(conn: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        on_statement(conn, statement)

    sa.event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", before)


def find_pid(connection: sa.Connection) -> int:
    """The server's process behind the connection."""
    raw = connection.connection.driver_connection
    assert raw is not None
    return int(raw.info.backend_pid)


def is_long(statement: str) -> bool:
    """Whether it reads or writes rows, and so takes as long as the table is large."""
    return any(word in statement for word in LONG_WORDS) and "alembic_version" not in statement


@pytest.mark.parametrize("name", CASES)
def test_no_lock_that_blocks_is_held_while_rows_are_read_or_written(
    name: str, fresh_database: Fresh, tmp_path: Path
) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, CASES[name], MORE_ROWS)
    files = read_files(engine)
    seen: list[tuple[str, str, str]] = []
    script: list[str] = []

    def look(connection: sa.Connection, statement: str) -> None:
        script.append(f"{statement};")
        if is_long(statement):
            with engine.connect() as other:
                seen.extend((statement, *lock) for lock in read_locks(other, find_pid(connection)))

    project = Project(tmp_path, engine, ONLINE)
    written = project.write(pair)
    with watch(engine, look):
        project.upgrade()
    assert [lock for lock in seen if lock[2] in BLOCKING_MODES] == [], written.text
    assert read_files(engine) == files, written.text
    assert all(file.blocking == () for file in written.files)
    assert WAITING.isdisjoint(find_told(pair, "\n".join(script))), written.text


def find_told(pair: Pair, upgrade_sql: str) -> set[str]:
    """The kinds of risk that the pull request would tell."""
    tables = frozenset(table.name for table in pair.before.tables)
    setting = Setting(tables, beside_traffic=read_beside_traffic(upgrade_sql))
    return {risk.kind for change in diff(pair.before, pair.after) for risk in find_change_risks(change, setting)}


def read_locks(connection: sa.Connection, pid: int) -> list[tuple[str, str]]:
    query = """SELECT relation::regclass::text, mode FROM pg_locks
               WHERE pid = %s AND locktype = 'relation' AND granted AND relation > 16384"""
    return [tuple(row) for row in connection.exec_driver_sql(query, (pid,))]


def read_files(engine: sa.Engine) -> dict[str, int]:
    """The file of each table that the rows stand in; a rewrite gives it another one."""
    query = """SELECT oid::regclass::text, pg_relation_filenode(oid) FROM pg_class
               WHERE relkind = 'r' AND oid > 16384 AND relname <> 'alembic_version'"""
    with engine.connect() as connection:
        return {str(name): int(file) for name, file in connection.exec_driver_sql(query)}


class Killed(Exception):
    """The connection breaks here."""


@pytest.mark.parametrize("name", CASES)
def test_run_again_after_breaking_off_anywhere(name: str, fresh_database: Fresh, tmp_path: Path) -> None:
    """Before each statement in turn the server ends the session; the next attempt must get to the end."""
    engine = fresh_database()
    pair = take_pair(engine, BASE, CASES[name], MORE_ROWS)
    project = Project(tmp_path, engine, ONLINE)
    written = project.write(pair)
    for run, goal in ((project.upgrade, pair.after), (project.downgrade, pair.before)):
        place = 0
        while break_off(engine, run, place):
            place += 1
        assert place > 2
        found = project.look()
        assert material(diff(found, goal)) == (), f"{show(diff(found, goal))}\n{written.text}"


def break_off(engine: sa.Engine, run: Callable[[], object], place: int) -> bool:
    """Run, and end the session before statement number `place`, once; False when there are not so many.

    What only asks (Alembic and SQLAlchemy do) changes nothing, so there is nothing to be seen before it. Nobody waits
    for the end: the server looks for it every 100 ms only, and the session ends before it takes another statement.
    """
    count = -1

    def end(connection: sa.Connection, statement: str) -> None:
        nonlocal count
        if statement.lower().startswith("select"):
            return
        count += 1
        if count == place:
            pid = find_pid(connection)
            with engine.connect() as other:
                other.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))

    try:
        with watch(engine, end):
            run()
    except sa.exc.SQLAlchemyError:  # what comes of the session's end differs from place to place
        if count < place:
            raise
        return True
    assert count < place
    return False


def test_index_that_was_left_invalid_is_built_anew(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, CASES["index"], MORE_ROWS)
    with engine.begin() as connection:
        execute(connection, CASES["index"])
        execute(connection, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_orders_placed'::regclass")
    project = Project(tmp_path, engine, ONLINE)
    project.write(pair)
    assert material(diff(project.upgrade(), pair.after)) == ()


@pytest.mark.parametrize("name", ["check", "column with everything"])
def test_lock_that_another_holds_is_waited_for_briefly_and_asked_for_again(
    name: str, fresh_database: Fresh, tmp_path: Path
) -> None:
    """The other session lets go once the first attempt has been given up."""
    engine = fresh_database()
    pair = take_pair(engine, BASE, CASES[name], MORE_ROWS)
    project = Project(tmp_path, engine, replace(ONLINE, migrations=MigrationsConfig(lock_timeout_seconds=0.05)))
    project.write(pair)
    holder = engine.connect()
    holder.exec_driver_sql("LOCK TABLE orders, customers IN ROW EXCLUSIVE MODE")
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"

    def let_go() -> None:
        with engine.connect() as other:
            while not other.exec_driver_sql(query).scalar_one():
                other.rollback()
        holder.close()

    thread = threading.Thread(target=let_go)
    thread.start()
    assert material(diff(project.upgrade(), pair.after)) == ()
    thread.join()


def test_rows_that_break_a_check_leave_the_revision_to_be_run_again(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, "ALTER TABLE customers ADD CONSTRAINT ck_p CHECK (points > 0)", ROWS)
    project = Project(tmp_path, engine, ONLINE)
    project.write(pair)
    with pytest.raises(sa.exc.IntegrityError):
        project.upgrade()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE customers SET points = 1 WHERE points = 0")
    assert material(diff(project.upgrade(), pair.after)) == ()


PHASES = {
    "CREATE TABLE notes (id bigint PRIMARY KEY)": ["before"],
    "ALTER TABLE orders ADD x integer": ["before"],
    "ALTER TABLE orders ADD x integer; CREATE INDEX ix_x ON orders (x)": ["before", "before"],
    "CREATE INDEX ix_x ON orders (total)": ["before"],
    "ALTER TABLE orders ADD CHECK (total > -1)": ["after"],
    "ALTER TABLE customers DROP CONSTRAINT ck_customers_points": ["before"],
    "ALTER TABLE customers ALTER phone SET NOT NULL": ["after"],
    "ALTER TABLE customers ALTER name DROP NOT NULL": ["before"],
    "ALTER TABLE customers DROP phone": ["after"],
    "ALTER TABLE customers DROP name": ["before", "after"],
    "DROP TABLE order_items": ["after"],
    "ALTER TABLE orders ADD x integer; ALTER TABLE orders DROP total": ["before", "after"],
    "ALTER TYPE order_status ADD VALUE 'lost'": ["before"],
    "DROP VIEW open_emails": ["after"],
    "ALTER TABLE customers DROP CONSTRAINT pk_customers CASCADE": ["before", "with"],
}


def test_phases(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    base = take_pair(engine, BASE, "")
    for ddl, phases in PHASES.items():
        written = Project(tmp_path, engine, ONLINE).write(replace_after(engine, base, ddl))
        assert [file.phase for file in written.files] == phases, ddl


def replace_after(engine: sa.Engine, base: Any, ddl: str) -> Any:
    return replace(base, after=take_pair(engine, "", ddl).after)


BLOCKED = {
    "ALTER TABLE customers ALTER points TYPE smallint": "customers.points becomes smallint",
    "ALTER TABLE customers ADD x integer GENERATED ALWAYS AS (points) STORED": "customers.x is added with a rewrite",
    "ALTER TABLE orders ADD CONSTRAINT ex EXCLUDE USING btree (note WITH =)": "while the index of ex is built",
    "ALTER TABLE employees ALTER id ADD GENERATED BY DEFAULT AS IDENTITY": "employees.id is searched",
    "ALTER TABLE customers ADD x bigint GENERATED ALWAYS AS IDENTITY": "customers.x is added with a rewrite",
    """ALTER TABLE customers DROP CONSTRAINT pk_customers CASCADE,
        ADD CONSTRAINT pk_customers PRIMARY KEY (id, name)""": "while the index of pk_customers is built",
    "ALTER DOMAIN email_address ADD CHECK (VALUE <> '')": "the domain email_address",
}


def test_what_blocks_is_said(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    base = take_pair(engine, BASE, "")
    for ddl, words in BLOCKED.items():
        written = Project(tmp_path, engine, ONLINE).write(replace_after(engine, base, ddl))
        assert words in " ".join(line for file in written.files for line in file.blocking), ddl
        assert words in written.text


def test_new_tables_look_as_ever(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    base = take_pair(engine, BASE, "")
    names = ["table with every constraint", "many to many", "tables in a circle", "table with comments"]
    ddl = "\n".join(SINGLE[name] for name in names)
    pair = replace_after(engine, base, ddl)
    online, plain = (Project(tmp_path, engine, c).write(pair) for c in (ONLINE, plain_conventions()))
    assert len(online.files) == 1
    assert online.text.splitlines() == plain.text.splitlines()


def plain_conventions() -> Any:
    return replace(ONLINE, migrations=MigrationsConfig(online=False))


def test_env_that_holds_the_transaction_gets_the_plain_form(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, CASES["index"])
    written: Written = prove(Project(tmp_path, engine, replace(ONLINE, autocommit=False)), pair)
    assert "concurrently" not in written.text
    assert "nobody can write while the index" in written.text


RETYPED = {
    "integer to bigint": "ALTER TABLE orders ALTER total TYPE bigint",
    "text to jsonb": "ALTER TABLE orders ALTER note TYPE jsonb USING note::jsonb",
    "not null with a default": """ALTER TABLE products ALTER attributes DROP DEFAULT, ALTER attributes TYPE json,
        ALTER attributes SET DEFAULT '{}'""",
    "among other changes": """ALTER TABLE orders ALTER total TYPE bigint, ADD extra integer, DROP placed_on;
        CREATE INDEX ix_extra ON orders (extra); ALTER TABLE employees ALTER name TYPE varchar(20)""",
}


@pytest.mark.parametrize("name", RETYPED)
def test_type_that_would_rewrite_the_table_comes_by_way_of_a_twin(
    name: str, fresh_database: Fresh, tmp_path: Path
) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, RETYPED[name], ROWS)
    files, values = read_files(engine), read_values(engine)
    written = prove(Project(tmp_path, engine, ONLINE), pair)
    phases = [file.phase for file in written.files]
    assert (phases[0], phases[-1], "with" in phases) == ("before", "after", True)
    assert read_files(engine) == files
    assert all(file.blocking == () for file in written.files), written.text
    assert read_values(engine) == values
    assert not any("_old" in line for file in written.files for line in file.lossy)


def read_values(engine: sa.Engine) -> list[tuple[Any, ...]]:
    """As text, so that an integer and a bigint are the same."""
    query = """SELECT o.id, o.total::text, o.note::text, (SELECT string_agg(attributes::text, ';') FROM products)
               FROM orders o"""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"{query} ORDER BY 1")]


def test_old_and_new_code_write_side_by_side_while_a_twin_stands(fresh_database: Fresh, tmp_path: Path) -> None:
    engine = fresh_database()
    pair = take_pair(engine, BASE, RETYPED["integer to bigint"], ROWS)
    project = Project(tmp_path, engine, ONLINE)
    before, _fill, change, _contract = project.write(pair).files
    project.upgrade_to(before.revision)
    write = "INSERT INTO orders (customer_id, total) VALUES (1, %s)"
    with engine.begin() as connection:
        connection.exec_driver_sql(write, (41,))
    project.upgrade_to(change.revision)
    with engine.begin() as connection:
        connection.exec_driver_sql(write, (3_000_000_000,))  # more than the old type holds
        connection.exec_driver_sql(write, (42,))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT total, total_old FROM orders WHERE total > 40 ORDER BY id").all()
    assert [tuple(row) for row in rows] == [(41, 41), (3_000_000_000, None), (42, 42)]
    project.downgrade()
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT total FROM orders ORDER BY id").scalars().all()
    assert found == [5, None, 0, 41, None, 42]
