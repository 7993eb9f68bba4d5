"""What each kind of statement locks, makes wait and writes anew, as a real Alembic run on a real Postgres shows it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa

from bot.migration.alembic_runner import RanStatement
from bot.migration.bookkeeping import take_snapshot
from bot.migration.known_locks import Relations, find_known_locks
from bot.migration.lock_modes import CONFLICTS, find_blocked, get_strength, name_mode
from bot.migration.seen import Name, Seen
from bot.migration.way import Cause, TableLock, Way, make_way
from bot.schema.model import Schema, Table
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from tests.migration.bench import Benches
from tests.migration.projects import ENV_FROM_INI
from tests.migration.revisions import execute

EXCLUSIVE, WRITES_WAIT, BUILD = "AccessExclusiveLock", "ShareRowExclusiveLock", "ShareLock"
WRITE, READ, UPDATE_EXCLUSIVE = "RowExclusiveLock", "AccessShareLock", "ShareUpdateExclusiveLock"

SETUP = """
CREATE TABLE o{n} (id integer PRIMARY KEY);
CREATE TABLE t{n} (id integer PRIMARY KEY, o_id integer, note varchar(20), price integer NOT NULL DEFAULT 1);
ALTER TABLE t{n} ADD CONSTRAINT ck{n} CHECK (price > 0) NOT VALID;
ALTER TABLE t{n} ADD CONSTRAINT fk{n} FOREIGN KEY (o_id) REFERENCES o{n} (id) NOT VALID;
CREATE INDEX ix_note{n} ON t{n} (note);
CREATE TYPE mood{n} AS ENUM ('sad');
INSERT INTO o{n} SELECT generate_series(1, 90);
INSERT INTO t{n} SELECT n, n, 'x', 1 FROM generate_series(1, 90) AS n;
"""


@dataclass(frozen=True)
class Case:
    """`mode` is that of the strongest lock on t, `causes` why it takes longer with more rows: kind and table."""

    sql: str
    mode: str | None
    blocks: str = "nothing"
    causes: tuple[tuple[str, str], ...] = ()
    other: str | None = None  # the lock on o
    autocommit: bool = False


CASES = {
    "a column": Case("ALTER TABLE {t} ADD a integer", EXCLUSIVE, "reads"),
    "a column with a constant": Case("ALTER TABLE {t} ADD a integer NOT NULL DEFAULT 0", EXCLUSIVE, "reads"),
    "a column with a volatile default": Case(
        "ALTER TABLE {t} ADD a uuid DEFAULT gen_random_uuid()", EXCLUSIVE, "reads", (("rewrite", "t"),)
    ),
    "a column with a new reference": Case(
        "ALTER TABLE {t} ADD a integer REFERENCES {o}", EXCLUSIVE, "reads", (), WRITES_WAIT
    ),
    "a type that is written anew": Case(
        "ALTER TABLE {t} ALTER price TYPE bigint", EXCLUSIVE, "reads", (("rewrite", "t"),)
    ),
    "a wider type": Case("ALTER TABLE {t} ALTER note TYPE text", EXCLUSIVE, "reads"),
    "a collation": Case(
        'ALTER TABLE {t} ALTER note TYPE varchar(20) COLLATE "C"', EXCLUSIVE, "reads", (("index", "t"),)
    ),
    "not null": Case("ALTER TABLE {t} ALTER note SET NOT NULL", EXCLUSIVE, "reads", (("scan", "t"),)),
    "null again": Case("ALTER TABLE {t} ALTER price DROP NOT NULL", EXCLUSIVE, "reads"),
    "a column less": Case("ALTER TABLE {t} DROP note", EXCLUSIVE, "reads"),
    "an index": Case("CREATE INDEX a{n} ON {t} (price)", BUILD, "writes", (("index", "t"),)),
    "an index less": Case("DROP INDEX ix_note{n}", EXCLUSIVE, "reads"),
    "unique": Case("ALTER TABLE {t} ADD UNIQUE (o_id)", EXCLUSIVE, "reads", (("index", "t"),)),
    "a check": Case("ALTER TABLE {t} ADD CHECK (price < 9)", EXCLUSIVE, "reads", (("validation", "t"),)),
    "a check for later": Case("ALTER TABLE {t} ADD CHECK (price < 9) NOT VALID", EXCLUSIVE, "reads"),
    "a check validated": Case(
        "ALTER TABLE {t} VALIDATE CONSTRAINT ck{n}", UPDATE_EXCLUSIVE, "nothing", (("validation", "t"),)
    ),
    "a reference": Case(
        "ALTER TABLE {t} ADD FOREIGN KEY (o_id) REFERENCES {o}",
        WRITES_WAIT,
        "writes",
        (("validation", "t"), ("scan", "o")),
        WRITES_WAIT,
    ),
    "a reference for later": Case(
        "ALTER TABLE {t} ADD FOREIGN KEY (o_id) REFERENCES {o} NOT VALID", WRITES_WAIT, "writes", (), WRITES_WAIT
    ),
    "a reference validated": Case(
        "ALTER TABLE {t} VALIDATE CONSTRAINT fk{n}",
        UPDATE_EXCLUSIVE,
        "nothing",
        (("validation", "t"), ("scan", "o")),
        "RowShareLock",
    ),
    "a new table that refers to one in use": Case(
        "CREATE TABLE n{n} (o_id integer REFERENCES {o})", None, "nothing", (), WRITES_WAIT
    ),
    "a new table": Case("CREATE TABLE n{n} (id integer); CREATE INDEX ON n{n} (id)", None),
    "a table less": Case("DROP TABLE {t}", EXCLUSIVE, "reads", (), EXCLUSIVE),
    "another name": Case("ALTER TABLE {t} RENAME TO renamed{n}", EXCLUSIVE, "reads"),
    "emptied": Case("TRUNCATE {t}", EXCLUSIVE, "reads"),
    "clustered": Case("CLUSTER {t} USING t{n}_pkey", EXCLUSIVE, "reads", (("rewrite", "t"),)),
    "rows changed": Case("UPDATE {t} SET price = 2", WRITE, "nothing", (("rows", "t"),)),
    "rows deleted": Case("DELETE FROM {t}", WRITE, "nothing", (("rows", "t"),)),
    "a row more": Case("INSERT INTO {t} VALUES (1000, 1, 'x', 1)", WRITE, "nothing", (), "RowShareLock"),
    "rows copied": Case("CREATE TABLE n{n} AS SELECT * FROM {t}", READ, "nothing", (("scan", "t"),)),
    "a trigger off": Case("ALTER TABLE {t} DISABLE TRIGGER USER", WRITES_WAIT, "writes"),
    "a lock by name": Case("LOCK TABLE {t} IN EXCLUSIVE MODE", "ExclusiveLock", "writes"),
    "nothing": Case("SELECT 1", None),
    "an index concurrently": Case(
        "CREATE INDEX CONCURRENTLY a{n} ON {t} (price)", UPDATE_EXCLUSIVE, causes=(("index", "t"),), autocommit=True
    ),
    "an index less, concurrently": Case("DROP INDEX CONCURRENTLY ix_note{n}", UPDATE_EXCLUSIVE, autocommit=True),
    "an index anew, concurrently": Case(
        "REINDEX INDEX CONCURRENTLY ix_note{n}", UPDATE_EXCLUSIVE, causes=(("index", "t"),), autocommit=True
    ),
    "a value of an enum": Case("ALTER TYPE mood{n} ADD VALUE 'glad'", None, autocommit=True),
    "vacuum": Case("VACUUM {t}", UPDATE_EXCLUSIVE, autocommit=True),
    "vacuum full": Case("VACUUM FULL {t}", EXCLUSIVE, "reads", (("rewrite", "t"),), autocommit=True),
    "validated by itself": Case(
        "ALTER TABLE {t} VALIDATE CONSTRAINT ck{n}", UPDATE_EXCLUSIVE, causes=(("validation", "t"),), autocommit=True
    ),
    "rows changed by themselves": Case("UPDATE {t} SET price = 2", WRITE, causes=(("rows", "t"),), autocommit=True),
}
NUMBERS = {name: number for number, name in enumerate(CASES)}


def fill_in(text: str, number: int) -> str:
    return text.replace("{t}", f"t{number}").replace("{o}", f"o{number}").replace("{n}", str(number))


def write_revision(number: int, case: Case) -> str:
    run = f"op.execute({fill_in(case.sql, number)!r})"
    body = f"with op.get_context().autocommit_block():\n        {run}" if case.autocommit else run
    down = None if number == 0 else f"r{number - 1}"
    return f"from alembic import op\nrevision = 'r{number}'\ndown_revision = {down!r}\n\ndef upgrade():\n    {body}\n"


@dataclass(frozen=True)
class Ran:
    statements: tuple[RanStatement, ...]
    before: Schema
    way: Way


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory,
    sandbox: Sandbox,
    scratch_server: ScratchServer,
    bookshop_environment: Environment,
) -> Iterator[Ran]:
    """Every case is a revision in a transaction of its own, with tables of its own; one Alembic runs them all."""
    env = ENV_FROM_INI.replace("connection=connection,", "connection=connection, transaction_per_migration=True,")
    files = {"migrations/versions/a1_first.py": "", "migrations/versions/a2_second.py": "", "migrations/env.py": env}
    files |= {f"migrations/versions/r{NUMBERS[name]}.py": write_revision(NUMBERS[name], CASES[name]) for name in CASES}
    opened = Benches(tmp_path_factory.mktemp("ways"), sandbox, scratch_server, bookshop_environment)
    bench = opened.open(files)
    for name in ("a1_first", "a2_second"):
        (bench.workspace.tree.path / f"migrations/versions/{name}.py").unlink()
    database = bench.create()
    with database.connect() as connection, connection.begin():
        for number in NUMBERS.values():
            execute(connection, SETUP.replace("{n}", str(number)))
    before = bench.look(database)
    statements = bench.runner.upgrade(database, observe=True).statements
    yield Ran(statements, before, make_way(statements, before))
    opened.close()


def list_locks(way: Way, number: int, table: str) -> list[TableLock]:
    return [lock for lock in way.locks if lock.table == f"{table}{number}" and lock.first == number + 1]


@pytest.mark.parametrize("name", CASES)
def test_what_a_statement_does_to_tables_in_use(ran: Ran, name: str) -> None:
    case, number = CASES[name], NUMBERS[name]
    statement = ran.way.statements[number]
    assert statement.sql == fill_in(case.sql, number)
    assert (statement.transaction is None) == case.autocommit
    causes = [(cause.kind, cause.table) for cause in statement.causes]
    assert causes == [(kind, f"{table}{number}") for kind, table in case.causes]
    locks = list_locks(ran.way, number, "t")
    assert [(lock.mode, lock.blocks) for lock in locks] == ([] if case.mode is None else [(case.mode, case.blocks)])
    assert [lock.mode for lock in list_locks(ran.way, number, "o")] == ([] if case.other is None else [case.other])
    for lock in locks:
        assert (lock.grows, lock.is_seen) == (bool(case.causes), not case.autocommit)
    is_rewritten = ("rewrite", "t") in case.causes
    assert (f"t{number}" in ran.way.rewritten) == is_rewritten


def test_nothing_else_is_locked(ran: Ran) -> None:
    """Tables that the migration makes, catalogs and Alembic's own table are of no interest."""
    assert {lock.table.rstrip("0123456789") for lock in ran.way.locks} == {"t", "o"}
    assert ran.way.transactions == len(CASES)


UNKNOWN = ("a new table", "a lock by name", "rows copied", "clustered", "a table less")


@pytest.mark.parametrize("name", [name for name in CASES if not CASES[name].autocommit and name not in UNKNOWN])
def test_what_is_known_of_a_statement_is_what_is_seen(ran: Ran, name: str) -> None:
    """Of its own table; whoever it refers to is only locked for a moment in the same statement."""
    number = NUMBERS[name]
    statement = ran.statements[number]
    assert statement.seen is not None
    table = ("public", f"t{number}")
    seen = {mode for name, mode in statement.seen.locks if name == table}
    known = {mode for name, mode in find_known_locks(statement.sql, Relations(ran.before)) if name == table}
    strongest: Callable[[set[str]], str | None] = lambda modes: max(modes, key=get_strength, default=None)  # noqa: E731
    assert strongest(known) == strongest(seen)


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("CREATE INDEX CONCURRENTLY a ON t (price)", "t"),
        ("DROP INDEX CONCURRENTLY ix_note", "t"),
        ("REINDEX INDEX CONCURRENTLY ix_note", "t"),
        ("REINDEX TABLE CONCURRENTLY t", "t"),
        ("VACUUM FULL t", "t"),
        ("ANALYZE t", "t"),
        ("ALTER TABLE p DETACH PARTITION p1 CONCURRENTLY", "p"),
        ("REFRESH MATERIALIZED VIEW CONCURRENTLY m", "m"),
    ],
)
def test_what_nobody_can_look_at_afterwards_waits_for_what_is_known(
    fresh_database: Callable[[], sa.Engine], sql: str, table: str
) -> None:
    """A holder makes it wait, and pg_locks tells the mode that it asks for."""
    engine = fresh_database()
    with engine.begin() as connection:
        execute(connection, SETUP.replace("{n}", ""))
        execute(connection, "CREATE TABLE p (id int) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p DEFAULT;")
        execute(connection, "DROP TABLE p1; CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)")
        execute(connection, "CREATE MATERIALIZED VIEW m AS SELECT id FROM t; CREATE UNIQUE INDEX ON m (id)")
        schema = take_snapshot(connection)
    with engine.connect() as holder:
        lock = f"LOCK TABLE {table} IN SHARE UPDATE EXCLUSIVE MODE"  # the weakest that all of them wait for
        holder.exec_driver_sql("REFRESH MATERIALIZED VIEW m" if table == "m" else lock)
        thread = threading.Thread(target=run_alone, args=(engine, sql))
        thread.start()
        mode = wait_for_mode(engine, table)
        holder.rollback()
        thread.join()
    assert find_known_locks(sql, Relations(schema)) == ((("public", table), mode),)


def run_alone(engine: sa.Engine, sql: str) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(sql)


def wait_for_mode(engine: sa.Engine, table: str) -> str:
    query = f"SELECT mode FROM pg_locks WHERE NOT granted AND relation = '{table}'::regclass"
    deadline = time.monotonic() + 20
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while (mode := connection.exec_driver_sql(query).scalar()) is None:
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)
    return str(mode)


def test_the_conflicts_are_those_of_the_server(fresh_database: Callable[[], sa.Engine]) -> None:
    engine = fresh_database()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id integer)")
    found: dict[str, set[str]] = {mode: set() for mode in CONFLICTS}
    for held in CONFLICTS:
        with engine.connect() as holder, engine.connect() as asker:
            holder.exec_driver_sql(f"LOCK TABLE t IN {name_mode(held)} MODE")
            for asked in CONFLICTS:
                try:
                    asker.exec_driver_sql(f"LOCK TABLE t IN {name_mode(asked)} MODE NOWAIT")
                except sa.exc.OperationalError:
                    found[held].add(asked)
                asker.rollback()
    assert found == CONFLICTS


def test_what_waits() -> None:
    blocked = {mode: find_blocked(mode) for mode in CONFLICTS}
    assert blocked[EXCLUSIVE] == find_blocked("a mode of the future") == "reads"
    assert [mode for mode in blocked if blocked[mode] == "writes"] == [BUILD, WRITES_WAIT, "ExclusiveLock"]
    assert get_strength("a mode of the future") > get_strength(EXCLUSIVE)


ORDERS: Name = ("public", "orders")
CARTS: Name = ("shop", "carts")


def make(*seen: Seen, before: tuple[Name, ...] = (ORDERS, CARTS)) -> Way:
    schema = Schema("postgresql", tables=tuple(Table(*name, ()) for name in before))
    return make_way([RanStatement(f"-- {i}", "r", 1.0, item) for i, item in enumerate(seen)], schema)


def test_a_lock_is_held_to_the_end_of_its_transaction() -> None:
    """A short statement's lock is held long when a long one follows it."""
    way = make(
        Seen(1, locks=((ORDERS, EXCLUSIVE),)),
        Seen(1, locks=((CARTS, WRITE),), changed=(CARTS,)),
        Seen(1, locks=((ORDERS, BUILD), (CARTS, EXCLUSIVE))),
        Seen(2, locks=((ORDERS, BUILD), (ORDERS, EXCLUSIVE))),
    )
    told = [(lock.table, lock.mode, lock.first, lock.last, lock.grows, lock.seconds) for lock in way.locks]
    assert told == [
        ("orders", EXCLUSIVE, 1, 3, True, 3.0),
        ("shop.carts", WRITE, 2, 3, True, 2.0),
        ("shop.carts", EXCLUSIVE, 3, 3, False, 1.0),
        ("orders", EXCLUSIVE, 4, 4, False, 1.0),
    ]
    assert way.transactions == 2
    worst = [(lock.first, lock.mode) for lock in way.list_worst_locks("orders")]
    assert worst == [(1, EXCLUSIVE)]


def test_a_weaker_lock_that_is_held_long_is_told_beside_the_strongest() -> None:
    way = make(Seen(1, locks=((ORDERS, BUILD),), built=((ORDERS, "ix"),)), Seen(2, locks=((ORDERS, EXCLUSIVE),)))
    assert [lock.mode for lock in way.list_worst_locks("orders")] == [EXCLUSIVE, BUILD]
    assert way.list_worst_locks("carts") == ()


def test_each_cause_is_told_once() -> None:
    way = make(
        Seen(1, rewritten=(ORDERS,), scanned=(ORDERS, CARTS), built=((ORDERS, "ix"), (CARTS, "ix")), changed=(ORDERS,)),
        before=(ORDERS, CARTS),
    )
    assert way.statements[0].causes == (Cause("rewrite", "orders"), Cause("index", "shop.carts", "ix"))
    assert way.rewritten == ("orders",)


def test_what_nobody_looked_at_is_not_told() -> None:
    way = make_way([RanStatement("ALTER TABLE orders ADD a int", "r", 1.0)], Schema("sqlite"))
    assert (way.is_observed, way.locks) == (False, ())
    assert way.statements[0].causes == ()
