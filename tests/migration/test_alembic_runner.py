"""A repository's own Alembic, run in the sandbox: what it did is known, and what is wrong is said."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from bot.config import RepositoryConfig
from bot.migration.alembic_runner import AlembicRunner, History, Revision
from bot.migration.baseline import ensure_base
from bot.migration.errors import (
    BrokenAlembic,
    MigrationError,
    MigrationFailed,
    MissingSettings,
    MultipleHeads,
    NoModels,
    WrongDatabase,
)
from bot.migration.project import find_project
from tests.migration.bench import Benches
from tests.migration.projects import ENV_FROM_INI, SECOND, revision, write_files


def test_the_history_is_read_without_running_env(benches: Benches) -> None:
    bench = benches.open({"migrations/env.py": "raise SystemExit(7)"})
    assert bench.runner.history() == History(
        revisions=(
            Revision("a2", ("a1",), path=Path("migrations/versions/a2_second.py")),
            Revision("a1", (), path=Path("migrations/versions/a1_first.py")),
        ),
        heads=("a2",),
    )


def test_up_and_down_tell_what_was_run(benches: Benches) -> None:
    third = revision(
        "a3",
        "a2",
        """
        table = sa.table("customers", sa.column("email", sa.Text), sa.column("points", sa.Integer))
        op.bulk_insert(table, [{"email": "it's @ %s", "points": 3}])
        op.execute(sa.text("UPDATE customers SET points = points + :more WHERE email LIKE 'it%'").bindparams(more=2))
        assert op.get_bind().scalar(sa.text("SELECT points FROM customers")) == 5
        """,
        "op.execute('DELETE FROM customers')",
    )
    bench = benches.open({"migrations/versions/a3.py": third})
    database = bench.create()
    ran = bench.runner.upgrade(database)
    assert ran.revisions == ("a1", "a2", "a3")
    assert ran.version_table == (None, "alembic_version")
    assert ran.duration_seconds > 0
    said = [(statement.revision, " ".join(statement.sql.split())) for statement in ran.statements]
    assert said[1:3] == [
        ("a1", "CREATE INDEX ix_customers_email ON customers (email)"),
        ("a2", "ALTER TABLE customers ADD COLUMN points INTEGER DEFAULT '0' NOT NULL"),
    ]
    assert said[3:] == [
        ("a3", "INSERT INTO customers (email, points) VALUES ('it''s @ %s', 3)"),
        ("a3", "UPDATE customers SET points = points + 2 WHERE email LIKE 'it%'"),
        ("a3", "SELECT points FROM customers"),
    ]
    assert [table.name for table in bench.look(database).tables] == ["customers"]
    assert bench.runner.downgrade(database, "a1").revisions == ("a3", "a2")
    assert bench.runner.downgrade(database, None).revisions == ("a1",)
    assert bench.look(database).tables == ()
    assert bench.workspace.tree.list_changes() == ()


def test_a_part_of_the_way_up(benches: Benches) -> None:
    bench = benches.open()
    database = bench.create()
    assert bench.runner.upgrade(database, "a1").revisions == ("a1",)
    assert bench.runner.upgrade(database).revisions == ("a2",)
    assert bench.runner.upgrade(database).revisions == ()


def test_what_the_repository_prints_is_kept_apart(benches: Benches) -> None:
    loud = 'print("{\\"ok\\": true}")\nimport os\nos.write(1, b"noise")\n'
    bench = benches.open({"migrations/env.py": loud + ENV_FROM_INI})
    ran = bench.runner.upgrade(bench.create())
    assert ran.revisions == ("a1", "a2")
    assert "noise" in ran.output


def test_the_offline_script(benches: Benches) -> None:
    bench = benches.open()
    database = bench.create()
    script = bench.runner.sql(database, "upgrade", "a1", "a2")
    assert "ALTER TABLE customers ADD COLUMN points INTEGER DEFAULT '0' NOT NULL;" in script
    assert "CREATE TABLE customers" not in script
    assert "DROP TABLE customers;" in bench.runner.sql(database, "downgrade", "a1", None)
    assert bench.look(database).tables == ()


def test_the_models_are_built(benches: Benches) -> None:
    models = """
        import sqlalchemy as sa
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase):
            metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s", "fk": lambda c, t: "x"})
        class Bill(Base):
            __tablename__ = "bills"
            __table_args__ = {"schema": "billing"}
            id: Mapped[int] = mapped_column(primary_key=True)
    """
    bench = benches.open({"models.py": models})
    database = bench.create()
    built = bench.runner.build_models(database, schemas=["other one"], extensions=[])
    assert built.tables == (("billing", "bills"),)
    assert built.naming_convention["pk"] == "pk_%(table_name)s"
    schema = bench.look(database)
    assert schema.schemas == ("billing", "other one", "public")
    assert [(table.schema, table.name) for table in schema.tables] == [("billing", "bills")]


ASYNC_ENV = """
import asyncio
from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import async_engine_from_config
from models import Base

def do_run(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()

async def run():
    section = context.config.get_section(context.config.config_ini_section, {})
    engine = async_engine_from_config(section, prefix="sqlalchemy.", poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(do_run)
    await engine.dispose()

asyncio.run(run())
"""
VARIABLE_ENV = ENV_FROM_INI.replace("config = context.config", "import os\nconfig = context.config") + "\n"


# As many projects do it, without a thought for percent signs, which configparser takes for its own.
SET_OPTION_ENV = ENV_FROM_INI.replace(
    "config = context.config",
    "import os\nconfig = context.config\nconfig.set_main_option('sqlalchemy.url', os.environ['DATABASE_URL'])",
)


def read_variable(name: str) -> str:
    """env.py that takes the URL from an environment variable."""
    return f"""
import os
from alembic import context
from sqlalchemy import create_engine, pool
from models import Base
engine = create_engine(os.environ[{name!r}], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata, version_table="shop_version")
    with context.begin_transaction():
        context.run_migrations()
"""


PYDANTIC_ENV = """
from pydantic import PostgresDsn
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    pg_dsn: PostgresDsn

""" + read_variable("").replace("os.environ['']", "str(Settings().pg_dsn)")


@pytest.mark.parametrize(
    ("files", "version_table"),
    [
        ({"migrations/env.py": ASYNC_ENV}, "alembic_version"),
        (
            {
                "migrations/env.py": ASYNC_ENV,
                "alembic.ini": "[alembic]\nscript_location = migrations\nsqlalchemy.url = postgresql+asyncpg://a:b@h/x\n",
            },
            "alembic_version",
        ),
        ({"migrations/env.py": read_variable("DATABASE_URL")}, "shop_version"),
        ({"migrations/env.py": read_variable("SHOP_POSTGRES_URL")}, "shop_version"),
        ({"migrations/env.py": PYDANTIC_ENV}, "shop_version"),
        ({"migrations/env.py": SET_OPTION_ENV}, "alembic_version"),
    ],
    ids=["async", "async with another driver", "usual variable", "another variable", "settings of pydantic", "option"],
)
def test_every_way_to_a_url_leads_to_the_scratch_database(
    benches: Benches, files: dict[str, str], version_table: str
) -> None:
    bench = benches.open(files)
    database = bench.create()
    ran = bench.runner.upgrade(database)
    assert (ran.revisions, ran.version_table) == (("a1", "a2"), (None, version_table))
    assert [table.name for table in bench.look(database).tables] == ["customers"]


RAISES = revision("a3", "a2", "op.create_table('x', sa.Column('id', sa.Integer))\nraise ValueError('no luck')", "pass")
FAILURES: dict[str, tuple[dict[str, str], type[MigrationError], str]] = {
    "a revision raises": (
        {"migrations/versions/a3.py": RAISES},
        MigrationFailed,
        r"upgrade failed in revision a3: ValueError: no luck",
    ),
    "a statement is refused": (
        {"migrations/versions/a3.py": revision("a3", "a2", "op.execute('SELEC 1')", "pass")},
        MigrationFailed,
        r"revision a3: ProgrammingError: .*syntax error",
    ),
    "env.py raises": (
        {"migrations/env.py": "import nothing_of_that_name"},
        MigrationFailed,
        r"env.py or the history: ModuleNotFoundError: No module named 'nothing_of_that_name'",
    ),
    "env.py exits": ({"migrations/env.py": "raise SystemExit(0)"}, MigrationFailed, "SystemExit: 0"),
    "the process dies": (
        {"migrations/env.py": "import os\nos._exit(0)"},
        MigrationFailed,
        "ended with status 0 and no answer",
    ),
    "env.py does nothing": ({"migrations/env.py": "pass"}, BrokenAlembic, "without calling context.run_migrations"),
    "a revision is no Python": (
        {"migrations/versions/a3.py": "def upgrade(:"},
        MigrationFailed,
        "env.py or the history: SyntaxError",
    ),
    "a revision stands on nothing": (
        {"migrations/versions/a2_second.py": SECOND.replace('down_revision = "a1"', 'down_revision = "zz"')},
        MigrationFailed,
        "zz",
    ),
    "a variable is missing": (
        {"migrations/env.py": 'import os\nos.environ["SHOP_SECRET_KEY"]\n'},
        MissingSettings,
        "SHOP_SECRET_KEY.*specwright.yml",
    ),
    "settings are missing": (
        {
            "migrations/env.py": "from pydantic_settings import BaseSettings\n"
            "class S(BaseSettings):\n    api_token: str\n    stripe_key: str\nS()\n"
        },
        MissingSettings,
        "API_TOKEN, STRIPE_KEY",
    ),
    "env.py connects to another kind of database": (
        {"migrations/env.py": read_variable("X").replace("os.environ['X']", "'sqlite://'")},
        WrongDatabase,
        r"connects to sqlite://.*url_env",
    ),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_what_is_wrong_is_said(benches: Benches, failure: tuple[dict[str, str], type[MigrationError], str]) -> None:
    files, kind, message = failure
    bench = benches.open(files)
    with pytest.raises(kind, match=f"(?s){message}"):
        bench.runner.upgrade(bench.create())


def test_a_failed_revision_says_which_and_shows_the_trace(benches: Benches) -> None:
    bench = benches.open({"migrations/versions/a3.py": RAISES})
    database = bench.create()
    with pytest.raises(MigrationFailed) as caught:
        bench.runner.upgrade(database)
    assert (caught.value.action, caught.value.revision) == ("upgrade", "a3")
    assert "raise ValueError('no luck')" in caught.value.output
    assert [table.name for table in bench.look(database).tables] == []


def test_missing_variables_are_named_and_then_taken_from_the_config(benches: Benches) -> None:
    files = {"migrations/env.py": 'import os\nos.environ["SHOP_SECRET_KEY"]\n' + ENV_FROM_INI}
    bench = benches.open(files)
    with pytest.raises(MissingSettings) as caught:
        bench.runner.upgrade(bench.create())
    assert caught.value.variables == ("SHOP_SECRET_KEY",)
    told = benches.open(files, config=RepositoryConfig(env={"SHOP_SECRET_KEY": "x"}))
    assert told.runner.upgrade(told.create()).revisions == ("a1", "a2")


def test_models_that_env_does_not_name(benches: Benches) -> None:
    bench = benches.open({"migrations/env.py": ENV_FROM_INI.replace("Base.metadata", "None")})
    with pytest.raises(NoModels, match="target_metadata"):
        bench.runner.build_models(bench.create())


def test_several_heads(benches: Benches) -> None:
    bench = benches.open({"migrations/versions/b2.py": revision("b2", "a1", "pass", "pass")})
    assert bench.runner.heads() == ("a2", "b2")
    with pytest.raises(MultipleHeads, match=r"2 heads \(a2, b2\).*alembic merge heads"):
        ensure_base(bench.workspace, bench.runner)


def test_a_repository_reaches_no_other_database(benches: Benches) -> None:
    other = benches.open().create()
    spy = revision(
        "a3",
        "a2",
        f"""
        import psycopg
        try:
            psycopg.connect(str(op.get_bind().engine.url.set(database="{other.name}", drivername="postgresql")
                .render_as_string(hide_password=False)))
        except psycopg.OperationalError as error:
            raise RuntimeError("kept out: " + str(error))
        """,
        "pass",
    )
    bench = benches.open({"migrations/versions/a3.py": spy})
    with pytest.raises(MigrationFailed, match="kept out: "):
        bench.runner.upgrade(bench.create())


def test_modules_of_the_repository_hide_none_of_ours(benches: Benches) -> None:
    """A repository may have a main.py, a state.py or a driver of its own."""
    bench = benches.open({"main.py": "boom", "state.py": "boom", "specwright_driver.py": "boom", "actions.py": "boom"})
    assert bench.runner.upgrade(bench.create()).revisions == ("a1", "a2")


def test_a_revision_written_after_the_runner_was_made_is_seen(benches: Benches) -> None:
    bench = benches.open()
    assert bench.runner.heads() == ("a2",)
    bench.write({"migrations/versions/a3.py": revision("a3", "a2", "pass", "pass")})
    assert bench.runner.heads() == ("a3",)


def test_a_revision_written_anew_at_once_and_of_the_same_length_is_seen(benches: Benches) -> None:
    """What Python compiled of it is kept for the next request, and belongs to one state of the file."""
    bench = benches.open()
    for name in ("b1", "b2", "b3"):
        bench.write({"migrations/versions/new.py": revision(name, "a2", "pass", "pass")})
        assert bench.runner.heads() == (name,)
    assert [change.path for change in bench.workspace.tree.list_changes()] == ["migrations/versions/new.py"]


def test_what_the_application_leaves_running_is_gone_before_the_next_request(benches: Benches) -> None:
    starts = """
    import pathlib, subprocess
    running = [path.read_bytes() for path in pathlib.Path("/proc").glob("[0-9]*/cmdline")]
    assert not any(b"1234" in command for command in running), running
    subprocess.Popen(["sleep", "1234"])
    """
    bench = benches.open({"migrations/env.py": textwrap.dedent(starts) + ENV_FROM_INI})
    for _ in range(2):
        assert bench.runner.upgrade(bench.create()).revisions == ("a1", "a2")


@pytest.mark.parametrize("ends", ["os._exit(9)", "os.kill(os.getpid(), 9)", "os.kill(os.getppid(), 9)"])
def test_a_request_that_ends_its_process_does_not_end_the_next_one(benches: Benches, ends: str) -> None:
    bench = benches.open({"migrations/versions/a3.py": revision("a3", "a2", f"import os; {ends}", "pass")})
    with pytest.raises(MigrationFailed, match=r"ended with status (9|-9|137) and no answer"):
        bench.runner.upgrade(bench.create())
    assert bench.runner.heads() == ("a3",)
    assert bench.runner.upgrade(bench.create(), "a2").revisions == ("a1", "a2")


def test_the_bookshop(benches: Benches) -> None:
    bench = benches.open(start=copy_bookshop)
    database = bench.create()
    assert bench.runner.heads() == ("e9a1f4427c83",)
    assert len(bench.runner.upgrade(database).revisions) == 4
    assert {"authors", "books"} <= {table.name for table in bench.look(database).tables}
    assert bench.runner.build_models(bench.create()).naming_convention


def copy_bookshop(root: Path, files: object = None) -> Path:
    source = Path(__file__).parents[2] / "examples" / "bookshop"
    texts = {
        p.relative_to(source).as_posix(): p.read_text()
        for p in source.rglob("*")
        if p.suffix in (".py", ".ini", ".mako")
    }
    return write_files(root, texts)


def test_a_runner_needs_nothing_but_its_parts(benches: Benches) -> None:
    bench = benches.open()
    again = AlembicRunner(bench.workspace, find_project(bench.workspace.tree.path, RepositoryConfig()))
    assert again.heads() == bench.runner.heads()
