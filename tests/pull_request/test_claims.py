"""What the summary says of locks and rewrites, held against a real Postgres."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

SETUP = """
CREATE TABLE o (id integer PRIMARY KEY);
CREATE TABLE t (id integer PRIMARY KEY, o_id integer, note varchar(20), price integer NOT NULL DEFAULT 1);
ALTER TABLE t ADD COLUMN sum numeric(10,2);
CREATE TABLE uses_o (id integer PRIMARY KEY, o_id integer REFERENCES o (id));
CREATE INDEX ix_t_note ON t (note);
CREATE TYPE mood AS ENUM ('sad', 'glad');
INSERT INTO o SELECT generate_series(1, 9);
INSERT INTO t SELECT n, n, 'x', 1, 1 FROM generate_series(1, 9) AS n
"""
EXCLUSIVE, WRITES_WAIT, BUILD = "AccessExclusiveLock", "ShareRowExclusiveLock", "ShareLock"

# The kind of risk, what is done, the table that is looked at, the lock on it, whether it is written anew.
CLAIMS = (
    ("default_for_existing", "ALTER TABLE t ADD COLUMN a integer NOT NULL DEFAULT 0", "t", EXCLUSIVE, False),
    ("default_for_existing", "ALTER TABLE t ADD COLUMN a timestamptz NOT NULL DEFAULT now()", "t", EXCLUSIVE, False),
    ("table_rewritten", "ALTER TABLE t ADD COLUMN a uuid DEFAULT gen_random_uuid()", "t", EXCLUSIVE, True),
    ("table_rewritten", "ALTER TABLE t ADD COLUMN a bigint GENERATED ALWAYS AS IDENTITY", "t", EXCLUSIVE, True),
    ("table_rewritten", "ALTER TABLE t ADD COLUMN a integer GENERATED ALWAYS AS (id * 2) STORED", "t", EXCLUSIVE, True),
    ("type_changed", "ALTER TABLE t ALTER COLUMN price TYPE bigint", "t", EXCLUSIVE, True),
    ("type_changed", "ALTER TABLE t ALTER COLUMN note TYPE varchar(9)", "t", EXCLUSIVE, True),
    ("type_widened", "ALTER TABLE t ALTER COLUMN note TYPE text", "t", EXCLUSIVE, False),
    ("type_widened", "ALTER TABLE t ALTER COLUMN note TYPE varchar(40)", "t", EXCLUSIVE, False),
    ("type_widened", "ALTER TABLE t ALTER COLUMN sum TYPE numeric(12,2)", "t", EXCLUSIVE, False),
    ("type_widened", "ALTER TABLE t ALTER COLUMN sum TYPE numeric", "t", EXCLUSIVE, False),
    ("type_changed", "ALTER TABLE t ALTER COLUMN sum TYPE numeric(12,3)", "t", EXCLUSIVE, True),
    ("collation_changed", 'ALTER TABLE t ALTER COLUMN note TYPE varchar(20) COLLATE "C"', "t", EXCLUSIVE, False),
    ("collation_changed", 'ALTER TABLE t ALTER COLUMN note TYPE varchar(20) COLLATE "C"', "ix_t_note", None, True),
    ("not_null_set", "ALTER TABLE t ALTER COLUMN note SET NOT NULL", "t", EXCLUSIVE, False),
    ("null_allowed", "ALTER TABLE t ALTER COLUMN price DROP NOT NULL", "t", EXCLUSIVE, False),
    ("index_added", "CREATE INDEX ix ON t (price)", "t", BUILD, False),
    ("index_dropped", "DROP INDEX ix_t_note", "t", EXCLUSIVE, False),
    ("unique_added", "ALTER TABLE t ADD CONSTRAINT uq UNIQUE (o_id)", "t", EXCLUSIVE, False),
    ("check_added", "ALTER TABLE t ADD CONSTRAINT ck CHECK (price > 0)", "t", EXCLUSIVE, False),
    ("foreign_key_added", "ALTER TABLE t ADD FOREIGN KEY (o_id) REFERENCES o (id)", "t", WRITES_WAIT, False),
    ("foreign_key_added", "ALTER TABLE t ADD FOREIGN KEY (o_id) REFERENCES o (id)", "o", WRITES_WAIT, False),
    ("existing_referenced", "CREATE TABLE n (o_id integer REFERENCES o (id))", "o", WRITES_WAIT, False),
    ("existing_referenced", "DROP TABLE uses_o", "o", EXCLUSIVE, False),
    ("enum_value_added", "ALTER TYPE mood ADD VALUE 'calm'", "t", None, False),
)


@pytest.fixture(scope="module")
def engine(postgres_url: str, postgres_admin: sa.Engine) -> Iterator[sa.Engine]:
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE t_claims")
    engine = sa.create_engine(sa.make_url(postgres_url).set(database="t_claims"))
    with engine.begin() as connection:
        for statement in SETUP.split(";"):
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()
    with postgres_admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE t_claims WITH (FORCE)")


@pytest.mark.parametrize(("kind", "statement", "relation", "lock", "rewritten"), CLAIMS)
def test_claim(engine: sa.Engine, kind: str, statement: str, relation: str, lock: str | None, rewritten: bool) -> None:
    with engine.connect() as connection:  # never committed
        ask: Callable[[str], object] = lambda query: connection.exec_driver_sql(query).scalar()  # noqa: E731
        file = f"SELECT pg_relation_filenode('{relation}')"
        locks = f"SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = '{relation}'::regclass"
        before = ask(file)
        connection.exec_driver_sql(statement)
        assert (ask(file) != before) == rewritten
        if lock is not None:
            assert lock in connection.exec_driver_sql(locks).scalars().all()
