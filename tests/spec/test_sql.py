"""DDL in a spec: what is let through as it is written, what is refused, and where it is said to be wrong."""

from __future__ import annotations

import pytest

from tests.spec.plain import read_model, read_problems

ALLOWED = """
CREATE TABLE a (id integer PRIMARY KEY, b integer REFERENCES c (id) ON DELETE CASCADE, EXCLUDE USING gist (r WITH &&))
CREATE TABLE IF NOT EXISTS s.a (LIKE b INCLUDING ALL)
CREATE TABLE a (id integer, at date) PARTITION BY RANGE (at)
CREATE TABLE a_1 PARTITION OF a FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')
ALTER TABLE a ADD COLUMN b integer NOT NULL DEFAULT 0, DROP COLUMN c, ALTER COLUMN d TYPE text USING d::text
ALTER TABLE a ADD CONSTRAINT ck CHECK (b > 0) NOT VALID, VALIDATE CONSTRAINT ck, ALTER b SET DEFAULT now()
ALTER TABLE a RENAME TO b
ALTER TABLE a RENAME COLUMN b TO c
ALTER TABLE a RENAME CONSTRAINT b TO c
ALTER TABLE a SET SCHEMA b
ALTER INDEX a RENAME TO b
DROP TABLE a, b CASCADE
CREATE TYPE a AS ENUM ('x', 'y')
ALTER TYPE a ADD VALUE 'z' AFTER 'y'
ALTER TYPE a RENAME VALUE 'x' TO 'w'
DROP TYPE a
CREATE UNIQUE INDEX a ON b USING btree (lower(c), d DESC) INCLUDE (e) WHERE f > 0
DROP INDEX a
CREATE SEQUENCE a START 5
ALTER SEQUENCE a OWNED BY b.c
CREATE VIEW a AS SELECT b FROM c
CREATE OR REPLACE VIEW a AS SELECT b FROM c
CREATE MATERIALIZED VIEW a AS SELECT b FROM c
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE a SET b = 1; RETURN NEW; END $$
CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1'
CREATE TRIGGER a BEFORE UPDATE ON b FOR EACH ROW EXECUTE FUNCTION f()
CREATE EXTENSION IF NOT EXISTS citext
COMMENT ON COLUMN a.b IS 'DROP ROLE; COPY'
CREATE DOMAIN a AS text CHECK (VALUE <> '')
ALTER DOMAIN a DROP NOT NULL
CREATE SCHEMA a
"""


@pytest.mark.parametrize("sql", ALLOWED.strip().split("\n"))
def test_what_describes_a_schema_is_kept_as_it_is_written(sql: str) -> None:
    model = read_model(f"{sql};", "sql")
    assert [(statement.sql, statement.line) for statement in model.statements] == [(sql, 3)]


REFUSED = [
    ("INSERT INTO a VALUES (1)", "rows"),
    ("UPDATE a SET b = 1", "rows"),
    ("DELETE FROM a", "rows"),
    ("TRUNCATE a", "rows"),
    ("MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", "rows"),
    ("SELECT pg_sleep(1)", "rows"),
    ("WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x", "rows"),
    ("COPY a FROM PROGRAM 'id'", "rows"),
    ("CREATE TABLE a AS SELECT 1", "rows"),
    ("SELECT 1 INTO a", "rows"),
    ("DO $$ BEGIN END $$", "runs at once"),
    ("CALL p()", "runs at once"),
    ("GRANT ALL ON a TO b", "rights"),
    ("REVOKE ALL ON a FROM b", "rights"),
    ("CREATE ROLE a SUPERUSER", "rights"),
    ("ALTER ROLE a SUPERUSER", "rights"),
    ("DROP ROLE a", "rights"),
    ("ALTER TABLE a OWNER TO b", "owner"),
    ("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO a", "rights"),
    ("CREATE POLICY a ON b", "rights"),
    ("ALTER TABLE a ENABLE ROW LEVEL SECURITY", "row security"),
    ("SET search_path = a", "settings"),
    ("ALTER SYSTEM SET x = 1", "settings"),
    ("ALTER DATABASE a SET x = 1", "settings"),
    ("BEGIN", "transactions"),
    ("COMMIT", "transactions"),
    ("SAVEPOINT a", "transactions"),
    ("CREATE DATABASE a", "no part"),
    ("DROP DATABASE a", "no part"),
    ("CREATE TABLESPACE a LOCATION '/tmp'", "no part"),
    ("LOAD 'a'", "no part"),
    ("LISTEN a", "no part"),
    ("VACUUM", "no part"),
    ("LOCK a", "no part"),
    ("EXPLAIN ANALYZE SELECT 1", "no part"),
    ("CREATE RULE a AS ON INSERT TO b DO INSTEAD NOTHING", "no part"),
    ("CREATE LANGUAGE plpython3u", "superuser"),
    ("CREATE CAST (a AS b) WITHOUT FUNCTION", "no part"),
    ("CREATE AGGREGATE a (integer) (SFUNC = b, STYPE = c)", "no part"),
    ("CREATE EVENT TRIGGER a ON ddl_command_start EXECUTE FUNCTION f()", "no part"),
    ("CREATE PUBLICATION a FOR ALL TABLES", "no part"),
    ("CREATE SUBSCRIPTION a CONNECTION '' PUBLICATION b", "no part"),
    ("CREATE SERVER a FOREIGN DATA WRAPPER b", "no part"),
    ("CREATE FOREIGN TABLE a (b integer) SERVER c", "no part"),
    ("CREATE TYPE a AS (b integer)", "no part"),
    ("CREATE PROCEDURE a() LANGUAGE sql AS 'SELECT 1'", "procedure"),
    ("DROP OWNED BY a", "no part"),
    ("DROP RULE a ON b", "rule"),
    ("ALTER ROLE a RENAME TO b", "role"),
    ("COMMENT ON DATABASE a IS 'x'", "database"),
    ("SECURITY LABEL ON TABLE a IS 'x'", "no part"),
    ("CREATE EXTENSION file_fdw", "superuser"),
    ("CREATE EXTENSION plpython3u", "superuser"),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE plpython3u AS 'x'", "language"),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'lib', 'f'", "language"),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE internal AS 'x'", "language"),
    ("CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", "rights of its owner"),
    ("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT pg_read_file('/etc/passwd') $$", "reaches out"),
    ("CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT \"pg_ls_dir\" ('/') $$", "is refused"),
    ("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN COPY a FROM PROGRAM 'id'; END $$", "reaches out"),
    ("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN SET ROLE postgres; END $$", "reaches out"),
    ("CREATE VIEW v AS SELECT pg_read_file('/etc/passwd')", "pg_read_file"),
    ("CREATE VIEW v AS SELECT * FROM dblink('x') AS t(a int)", "dblink"),
    ("CREATE TABLE a (b text DEFAULT pg_catalog.pg_read_file('/etc/passwd'))", "pg_read_file"),
    ("CREATE TABLE a (b text CHECK (lo_import('/etc/passwd') > 0))", "lo_import"),
    ("CREATE INDEX ON a ((set_config('x', b, false)))", "set_config"),
    ("CREATE TABLE pg_catalog.a (b integer)", "belongs to the server"),
    ("CREATE TABLE information_schema.a (b integer)", "belongs to the server"),
    ("CREATE SCHEMA pg_x", "belongs to the server"),
    ("CREATE SCHEMA a AUTHORIZATION b", "by its name alone"),
    ("CREATE SCHEMA a CREATE TABLE b (c integer)", "by its name alone"),
    ("ALTER TABLE other.public.a ADD b integer", "another database"),
    ("CREATE TEMP TABLE a (b integer)", "temporary"),
    ("CREATE TABLE a (b integer) TABLESPACE c", "TABLESPACE"),
    ("CREATE INDEX ON a (b) TABLESPACE c", "TABLESPACE"),
    ("CREATE TABLE a (b integer PRIMARY KEY USING INDEX TABLESPACE c)", "TABLESPACE"),
    ("ALTER TABLE a SET TABLESPACE b", "no part"),
]


@pytest.mark.parametrize(("sql", "message"), REFUSED)
def test_what_does_not_is_refused(sql: str, message: str) -> None:
    problems = read_problems(f"## Data model\n```sql\n{sql};\n```")
    assert [problem.line for problem in problems] == [3]
    assert message in f"{problems[0].message} {problems[0].expected}"


def test_statements_know_their_lines_and_each_error_its_own() -> None:
    sql = (
        "-- first é\n\nCREATE TABLE a (\n  id integer\n);  DROP TABLE b;\n"
        "CREATE TABLE c (\n  id integer,\n  oops\n  );\nDROP\n TABL d;"
    )
    assert [problem.line for problem in read_problems(f"## Data model\n```sql\n{sql}\n```")] == [11, 13]
    good = read_model(sql.replace("  oops\n", "  x text\n").replace("TABL d", "TABLE d"), "sql")
    assert [(item.sql.split()[1], item.line) for item in good.statements] == [
        ("TABLE", 5),
        ("TABLE", 7),
        ("TABLE", 8),
        ("TABLE", 12),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("CREATE TABLE a (b text DEFAULT 'x);", 3), ("DROP TABLE a;\n/* never ends", 4), ("DROP TABLE a;\n$x$", 4)],
)
def test_what_does_not_end_is_told(text: str, line: int) -> None:
    problems = read_problems(f"## Data model\n```sql\n{text}\n```")
    assert [problem.line for problem in problems] == [line]
    assert "unterminated" in problems[0].message


@pytest.mark.parametrize(
    ("sql", "kept"),
    [
        ("CREATE INDEX CONCURRENTLY a ON b (c)", "CREATE INDEX a ON b (c)"),
        ("DROP INDEX /* x */ concurrently a", "DROP INDEX /* x */ a"),
    ],
)
def test_concurrently_says_how_not_what(sql: str, kept: str) -> None:
    assert [statement.sql for statement in read_model(sql, "sql").statements] == [kept]


def test_comments_and_empty_statements_are_nothing() -> None:
    assert read_model("-- nothing\n;;\n/* still */ ;", "sql").is_empty


@pytest.mark.parametrize("language", ["postgres", "postgresql", "psql", "SQL", "sql title=x"])
def test_other_names_of_the_language(language: str) -> None:
    assert len(read_model("CREATE SEQUENCE a", language).statements) == 1
