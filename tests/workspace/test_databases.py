"""Scratch databases: who owns what, who may go where, and what is left when a worker dies."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from bot.workspace.databases import Database, ScratchServer, ScratchServerError
from bot.workspace.embedded_postgres import EmbeddedPostgres
from bot.workspace.file_lock import locked
from bot.workspace.interpreter import find_interpreter_paths
from bot.workspace.relay import relay
from bot.workspace.sandbox import Completed, Limits, Sandbox
from bot.workspace.scratch_server import open_embedded, open_own

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(scratch_server: ScratchServer) -> Iterator[Database]:
    """An empty scratch database."""
    database = scratch_server.create()
    yield database
    scratch_server.drop(database)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a server. Not `tmp_path`: every session of pytest closes its parent to all but root."""
    path = Path(tempfile.mkdtemp(prefix="sw-"))
    yield path / "pg"
    shutil.rmtree(path)


@pytest.fixture
def in_sandbox(sandbox: Sandbox, scratch_server: ScratchServer, tmp_path: Path) -> Callable[..., Completed]:
    """Runs Python source with psycopg in the sandbox, with the server's socket mounted."""

    def run(source: str, *arguments: str, server: ScratchServer = scratch_server) -> Completed:
        assert server.socket_dir is not None
        python = Path(sys.executable)
        return sandbox.run(
            [str(python), "-c", textwrap.dedent(source), *arguments],
            cwd=tmp_path,
            writable=[tmp_path],
            readable=[Path(sys.prefix), *find_interpreter_paths(python), server.socket_dir],
            limits=Limits(timeout_seconds=60),
        )

    return run


def run_sql(database: Database, *statements: str) -> None:
    with database.connect() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)


def ask(database: Database, query: str) -> object:
    with database.connect() as connection:
        return connection.exec_driver_sql(query).scalar_one()


def list_databases(server: ScratchServer) -> set[str]:
    with server._admin.connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database UNION SELECT rolname FROM pg_roles")
        return {row[0] for row in rows if row[0].startswith("specwright_")}


# One's own database


def test_owner_can_do_what_migrations_do(database: Database) -> None:
    run_sql(
        database,
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE SCHEMA other",
        "CREATE TYPE mood AS ENUM ('fine')",
        "CREATE EXTENSION IF NOT EXISTS plpgsql",
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'",
        "ALTER TABLE a SET SCHEMA other",
    )
    assert ask(database, "SELECT f()") == 1
    assert ask(database, "SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER") is False


def test_url_fits_each_driver(database: Database) -> None:
    assert database.url().startswith(f"postgresql://{database.name}:")
    assert database.url("postgresql+asyncpg").startswith("postgresql+asyncpg://")
    engine = sa.create_engine(database.url("postgresql+psycopg"))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_database()").scalar_one() == database.name
    engine.dispose()
    with psycopg.connect(database.url()) as plain:  # libpq takes the same URL
        assert plain.info.dbname == database.name


def test_password_is_not_shown(database: Database) -> None:
    assert database.password not in repr(database)


def test_sandbox_reaches_it(in_sandbox: Callable[..., Completed], database: Database) -> None:
    completed = in_sandbox(
        "import psycopg, sys; print(psycopg.connect(sys.argv[1]).execute('SELECT 1').fetchone())", database.url()
    )
    assert completed.stdout == "(1,)\n"


# What the owner must not be able to do

SUPERUSER_ATTACKS = (
    "COPY (SELECT 1) TO PROGRAM 'touch /tmp/evil'",
    "COPY pg_class FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER SYSTEM SET log_statement = 'all'",
    "CREATE ROLE another SUPERUSER",
    "SET ROLE specwright",
    "SET SESSION AUTHORIZATION specwright",
    "SELECT rolpassword FROM pg_authid",
    "CREATE FUNCTION evil() RETURNS int LANGUAGE c AS '/tmp/evil.so'",
    "CREATE EVENT TRIGGER evil ON ddl_command_end EXECUTE FUNCTION pg_catalog.suppress_redundant_updates_trigger()",
    "LOAD '/tmp/evil.so'",
    "GRANT pg_execute_server_program TO CURRENT_USER",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'specwright'",
)


@pytest.mark.parametrize("statement", SUPERUSER_ATTACKS)
def test_owner_is_no_superuser(database: Database, statement: str) -> None:
    denials = (psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile)
    with psycopg.connect(database.url(), autocommit=True) as connection, pytest.raises(denials):
        connection.execute(statement)


def test_sandbox_cannot_become_superuser(
    in_sandbox: Callable[..., Completed], scratch_server: ScratchServer, database: Database
) -> None:
    source = """
    import os, psycopg, sys
    for user in ("specwright", "postgres", "root", "pgserver"):
        for password in ("", "postgres", "specwright", sys.argv[2]):
            try:
                psycopg.connect(host=sys.argv[1], user=user, password=password, dbname="postgres", connect_timeout=5)
                print("connected as", user)
            except psycopg.OperationalError as error:
                print(type(error).__name__)
    print(sorted(os.listdir(sys.argv[1])), os.path.exists(os.path.dirname(sys.argv[1]) + "/password"))
    """
    completed = in_sandbox(source, str(scratch_server.socket_dir), database.password)
    assert "connected" not in completed.stdout
    assert completed.stdout.count("OperationalError") == 16
    assert completed.stdout.endswith("['.s.PGSQL.5432', '.s.PGSQL.5432.lock'] False\n")


def test_owner_cannot_connect_elsewhere(
    in_sandbox: Callable[..., Completed], scratch_server: ScratchServer, database: Database
) -> None:
    other = scratch_server.create()
    template = scratch_server.ensure_template("elsewhere", lambda database: None)
    source = """
    import psycopg, sys
    for name in sys.argv[2:]:
        try:
            psycopg.connect(sys.argv[1], dbname=name)
            print("connected to", name)
        except psycopg.OperationalError as error:
            print("denied")
    """
    names = (other.name, template, "postgres", "template1", "template0")
    completed = in_sandbox(source, database.url(), *names)
    assert completed.stdout == "denied\n" * len(names)
    scratch_server.drop(other)


def test_owner_cannot_copy_another_database(scratch_server: ScratchServer, database: Database) -> None:
    other = scratch_server.create()
    template = scratch_server.ensure_template("private", lambda database: run_sql(database, "CREATE TABLE secrets ()"))
    with psycopg.connect(database.url(), autocommit=True) as connection:
        for name in (other.name, template):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"CREATE DATABASE stolen TEMPLATE {name}")
    scratch_server.drop(other)


def test_a_trap_in_the_search_path_is_not_stepped_into(scratch_server: ScratchServer) -> None:
    """What the owner sets for his database must not lead the superuser, who comes in, to the owner's functions."""

    def build(database: Database) -> None:
        run_sql(
            database,
            "CREATE SCHEMA trap",
            "CREATE FUNCTION trap.mine(name, name) RETURNS bool LANGUAGE plpgsql AS "
            "$$BEGIN EXECUTE format('ALTER ROLE %%I SUPERUSER', session_user); RETURN true; END$$",
            "CREATE OPERATOR trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.mine)",
            f"ALTER DATABASE {database.name} SET search_path = trap, pg_catalog",
        )

    clone = scratch_server.create(scratch_server.ensure_template("trap", build))
    with scratch_server._admin.connect(clone.name) as inside:
        assert inside.execute("SHOW search_path").fetchone() == ("pg_catalog",)
    assert ask(clone, "SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER::text") is False
    scratch_server.drop(clone)


def test_files_of_the_server_are_private(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    assert (folder / "password").stat().st_mode & 0o077 == 0
    assert (folder / "cluster").stat().st_mode & 0o077 == 0
    for name in ("postgres", "specwright"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=str(server.socket_dir), user=name, dbname="postgres")
    server.close()


# Templates


def test_clone_has_the_contents_and_they_belong_to_the_new_owner(scratch_server: ScratchServer) -> None:
    def build(database: Database) -> None:
        run_sql(
            database,
            "CREATE TYPE mood AS ENUM ('fine')",
            "CREATE TABLE a (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood)",
            "CREATE VIEW v AS SELECT * FROM a",
            "CREATE SCHEMA other",
            "CREATE TABLE other.b (id int REFERENCES a)",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "INSERT INTO a (mood) VALUES ('fine')",
        )

    template = scratch_server.ensure_template("contents", build)
    clones = [scratch_server.create(template) for _ in range(2)]
    for clone in clones:
        run_sql(
            clone,
            "ALTER TABLE a ADD COLUMN extra int",
            "ALTER TYPE mood ADD VALUE 'bad'",
            "DROP VIEW v",
            "DROP TABLE other.b",
            "DROP SCHEMA other",
            "DROP FUNCTION f()",
            "CREATE TABLE public.new ()",
        )
        assert ask(clone, "SELECT count(*) FROM a") == 1
    for clone in clones:
        scratch_server.drop(clone)
    again = scratch_server.create(template)
    assert ask(again, "SELECT count(*) FROM information_schema.columns WHERE table_name = 'a'") == 2
    scratch_server.drop(again)


def test_template_is_built_once(scratch_server: ScratchServer) -> None:
    built: list[str] = []

    def build(database: Database) -> None:
        built.append(database.name)

    names = {scratch_server.ensure_template("once", build) for _ in range(3)}
    assert (len(names), len(built)) == (1, 1)
    assert scratch_server.ensure_template("another", build) not in names


def test_template_is_made_of_another(scratch_server: ScratchServer) -> None:
    below = scratch_server.ensure_template("below", lambda database: run_sql(database, "CREATE TABLE a AS SELECT 1 n"))
    grow = "INSERT INTO a VALUES (2)"
    above = scratch_server.ensure_template("above", lambda database: run_sql(database, grow), below)
    counts = {name: ask(scratch_server.create(name), "SELECT count(*) FROM a") for name in (below, above)}
    assert counts == {below: 1, above: 2}


def test_what_was_noted_of_a_template_is_kept_with_it(scratch_server: ScratchServer) -> None:
    note = '{"revision": "it\'s"}' * 1000
    template = scratch_server.ensure_template("noted", lambda database: note)
    assert scratch_server.get_note(template) == note
    assert scratch_server.get_note(scratch_server.ensure_template("plain", lambda database: None)) == ""


def test_template_is_built_once_among_threads_and_servers(scratch_server: ScratchServer) -> None:
    other = ScratchServer(scratch_server._url, scratch_server.socket_dir)
    built: list[str] = []
    barrier = threading.Barrier(4)

    def work(server: ScratchServer) -> None:
        barrier.wait()
        server.ensure_template("contended", lambda database: built.append(database.name))

    threads = [threading.Thread(target=work, args=(server,)) for server in (scratch_server, other) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1
    other.close()


def test_of_a_build_that_fails_nothing_stays(scratch_server: ScratchServer) -> None:
    before = list_databases(scratch_server)

    def build(database: Database) -> None:
        run_sql(database, "CREATE TABLE half ()")
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        scratch_server.ensure_template("fails", build)
    assert list_databases(scratch_server) == before
    template = scratch_server.ensure_template("fails", lambda database: run_sql(database, "CREATE TABLE whole ()"))
    clone = scratch_server.create(template)
    assert ask(clone, "SELECT string_agg(tablename, '') FROM pg_tables WHERE schemaname = 'public'") == "whole"
    scratch_server.drop(clone)


def test_a_build_may_leave_connections_open(scratch_server: ScratchServer) -> None:
    kept: list[psycopg.Connection] = []
    name = scratch_server.ensure_template("open", lambda database: kept.append(psycopg.connect(database.url())))
    scratch_server.drop(scratch_server.create(name))
    with pytest.raises(psycopg.OperationalError):
        kept[0].execute("SELECT 1")


def test_an_unknown_template_is_said(scratch_server: ScratchServer) -> None:
    for name in ("specwright_template_" + "0" * 32, "postgres", "template1"):
        with pytest.raises(ScratchServerError, match="no template"):
            scratch_server.create(name)


def test_only_old_templates_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scratch_server) -> None:
    names = [scratch_server.ensure_template(f"old {number}", lambda database: None) for number in range(3)]
    with scratch_server._admin.connect() as connection:
        for number, name in enumerate(names):
            connection.execute(f"COMMENT ON DATABASE {name} IS '2001-01-0{number + 1}T00:00:00+00:00'")
    monkeypatch.setattr("bot.workspace.templates.KEEP", 0)
    kept = scratch_server.ensure_template("old 1", lambda database: pytest.fail("it is there"))
    scratch_server.ensure_template("new", lambda database: None)
    left = list_databases(scratch_server)
    assert kept in left
    assert not {names[0], names[2]} & left


# Ends


def test_drop_takes_all_that_the_owner_made(scratch_server: ScratchServer) -> None:
    database = scratch_server.create()
    with psycopg.connect(database.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE test_of_theirs")
        with psycopg.connect(database.url(), dbname="test_of_theirs"):
            scratch_server.drop(database)
    scratch_server.drop(database)  # safe to repeat
    with scratch_server._admin.connect() as admin:
        assert admin.execute("SELECT 1 FROM pg_database WHERE datname = 'test_of_theirs'").fetchone() is None
    assert database.name not in list_databases(scratch_server)


WORKER = """
import os, sys
from pathlib import Path
from bot.workspace.scratch_server import open_embedded
server = open_embedded(Path(sys.argv[1]))
def build(database):
    print(database.name, flush=True)
    sys.stdin.read()
if sys.argv[2] == "create":
    build(server.create())
else:
    server.ensure_template("interrupted " + sys.argv[2], build)
"""


@pytest.mark.parametrize("what", ["create", "ensure_template"])
def test_what_a_killed_worker_leaves_is_swept(server_directory: Path, scratch_server: ScratchServer, what: str) -> None:
    folder = server_directory / "scratch"
    command = [sys.executable, "-c", WORKER, str(folder), what]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        name = worker.stdout.readline().strip()
        open_embedded(folder).close()
        assert name in list_databases(scratch_server)  # the worker lives: it is left alone
        worker.send_signal(signal.SIGKILL)
    while name in list_databases(scratch_server):  # until the server has seen that its connections are closed
        open_embedded(folder).close()
    built: list[str] = []
    scratch_server.ensure_template(f"interrupted {what}", lambda database: built.append(database.name))
    assert built


def test_a_forked_worker_has_a_life_of_its_own(scratch_server: ScratchServer) -> None:
    """rq forks for every job: what the child makes must not look like the parent's, nor end its connection."""
    mine = scratch_server.create()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, scratch_server.create().name.encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 1000).decode()
    scratch_server._admin.sweep()
    left = list_databases(scratch_server)
    assert mine.name in left
    assert theirs not in left
    scratch_server.drop(mine)


# The servers themselves


def test_workers_share_one_server_and_the_last_stops_it(folder: Path) -> None:
    deep = folder / ("deep" * 40)  # too deep for a socket
    first, second = EmbeddedPostgres(deep), EmbeddedPostgres(deep)
    assert first.socket_dir == second.socket_dir
    assert len(str(first.socket_dir / ".s.PGSQL.5432")) <= 107
    first.close()
    psycopg.connect(second.url.render_as_string(hide_password=False)).close()
    url = second.url.render_as_string(hide_password=False)
    second.close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)
    third = EmbeddedPostgres(deep)  # with the same data
    psycopg.connect(url).close()
    third.close()


KILLED = """
import os, sys
from pathlib import Path
from bot.workspace.embedded_postgres import EmbeddedPostgres
EmbeddedPostgres(Path(sys.argv[1]), grace_seconds=0)
os._exit(0)
"""


def test_a_server_that_nobody_holds_any_more_stops_by_itself(folder: Path) -> None:
    holder = EmbeddedPostgres(folder, grace_seconds=0)
    url = holder.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, "-c", KILLED, folder], cwd=ROOT, check=True)
    with psycopg.connect(url) as connection:  # one has ended without a word, but another holds it
        assert connection.execute("SELECT 1").fetchone() == (1,)
        for hold in holder._holds:
            os.close(hold)
        with pytest.raises(psycopg.OperationalError):
            while True:
                connection.execute("SELECT 1")
    again = EmbeddedPostgres(folder, grace_seconds=0)
    psycopg.connect(url).close()
    again.close()
    with locked(folder / "keeper.lock"):  # its keeper has seen that there is nothing to stop, and has gone too
        pass


def test_a_server_that_was_closed_leaves_no_process(folder: Path) -> None:
    EmbeddedPostgres(folder).close()
    with locked(folder / "keeper.lock"):  # its keeper was ended, and not waited for
        assert not (folder / "cluster" / "postmaster.pid").exists()


def test_a_broken_cluster_is_made_anew(folder: Path) -> None:
    open_embedded(folder).close()
    (folder / "cluster" / "global" / "pg_control").write_bytes(b"broken")
    with open_embedded(folder) as server:
        server.drop(server.create())


def test_a_server_that_was_killed_is_started_again(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    pid = int((folder / "cluster" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    with open_embedded(folder) as again:
        again.drop(again.create())
    server.close()


def test_ones_own_server_over_a_socket(folder: Path) -> None:
    postgres = EmbeddedPostgres(folder)
    with open_own(postgres.url) as server:
        assert server.socket_dir == postgres.socket_dir
        database = server.create()
        assert ask(database, "SELECT 1") == 1
        server.drop(database)
    postgres.close()


def test_ones_own_server_over_tcp(
    folder: Path, sandbox: Sandbox, tmp_path: Path, in_sandbox: Callable[..., Completed]
) -> None:
    """The sandbox has no network: it is given a socket that leads there."""
    postgres = EmbeddedPostgres(folder)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                target = socket.socket(socket.AF_UNIX)
                target.connect(str(postgres.socket_dir / ".s.PGSQL.5432"))
                threading.Thread(target=relay, args=(client, target), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        host, port = listener.getsockname()
        with open_own(postgres.url.set(host=host, port=port, query={})) as server:
            assert server.socket_dir is not None
            assert [path.name for path in server.socket_dir.iterdir()] == [".s.PGSQL.5432"]
            database = server.create(
                server.ensure_template("tcp", lambda database: run_sql(database, "CREATE TABLE a ()"))
            )
            source = (
                "import psycopg, sys; print(psycopg.connect(sys.argv[1]).execute('SELECT count(*) FROM a').fetchone())"
            )
            assert in_sandbox(source, database.url(), server=server).stdout == "(0,)\n"
            server.drop(database)
        listener.shutdown(socket.SHUT_RDWR)
    assert not server.socket_dir.exists()
    postgres.close()


def test_a_server_that_trusts_is_refused(postgres_url: str) -> None:
    with pytest.raises(ScratchServerError, match=re.escape("scram-sha-256")):
        open_own(sa.make_url(postgres_url))


def test_a_server_that_is_not_there_is_said(folder: Path) -> None:
    with pytest.raises(ScratchServerError, match="SPECWRIGHT_SCRATCH_URL"):
        open_own(sa.make_url(f"postgresql://me:pw@/postgres?host={folder}"))


def test_a_copy_takes_nothing_from_the_original(scratch_server: ScratchServer) -> None:
    original = scratch_server.create()
    scratch_server.drop(scratch_server.copy(original))
    assert ask(original, "SELECT current_database()") == original.name
    scratch_server.drop(original)
