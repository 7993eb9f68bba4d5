"""What env.py sees as `alembic.context`: Alembic's own, with what a command line and an operator would have given.

An env.py that opens no connection writes SQL for operators to run. Here that SQL is carried out as it is written, one
statement after the other, so that such a project is proved like any other.
"""

from __future__ import annotations

import importlib.util
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from .connection import REQUEST_URL, choose_driver, get_scratch_url
from .state import DriverError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection


class MissingArgument(DriverError, KeyError):
    """env.py reads an argument (`alembic -x name=value`) that nobody gave."""

    def __init__(self, name: str) -> None:
        DriverError.__init__(self, "missing_x", name)

    def __str__(self) -> str:
        return str(self.args[0])


class Arguments(dict):  # type: ignore[type-arg]  # Python 3.9 at run time
    """The `-x` arguments; one that is asked for in vain is named."""

    def __missing__(self, name: str) -> str:
        raise MissingArgument(name)


def make_context(config: Config, script: ScriptDirectory, options: dict[str, Any]) -> EnvironmentContext:
    """Alembic's context for one run of env.py, with methods of its own: `alembic.context` knows no subclass."""
    from alembic.runtime.environment import EnvironmentContext

    context = EnvironmentContext(config, script, **options)
    configure, read_arguments = context.configure, context.get_x_argument

    def configure_with_connection(connection: Any = None, *more: Any, **given: Any) -> None:
        if connection is None and not context.is_offline_mode() and REQUEST_URL in os.environ:
            writer = Writer(open_own(), given)
            context.context_opts.update(as_sql=True, starting_rev=writer.read_heads())
            given["output_buffer"] = writer
        configure(connection, *more, **given)

    def name_missing_arguments(as_dictionary: bool = False) -> Any:
        value = read_arguments(as_dictionary=as_dictionary)
        return Arguments(value) if isinstance(value, dict) else value

    context.configure = configure_with_connection  # type: ignore[method-assign]
    context.get_x_argument = name_missing_arguments  # type: ignore[method-assign]
    return context


def open_own() -> Connection:
    """A connection of ours to the scratch database, below the events that `capture` listens to."""
    from sqlalchemy import create_engine, pool

    url = get_scratch_url()
    drivername = choose_driver(url.get_backend_name(), url.drivername, is_async=False)
    return create_engine(url.set(drivername=drivername), poolclass=pool.NullPool).connect()


class Writer:
    """A file whose lines are carried out: what Alembic writes into it is one statement at a time (ddl/impl.py)."""

    def __init__(self, connection: Connection, given: dict[str, Any]) -> None:
        self.connection, self.given = connection, given
        self.level = connection.get_isolation_level()
        self.transaction: Any = None

    def read_heads(self) -> list[str] | None:
        """The revisions that the database is at."""
        from alembic.runtime.migration import MigrationContext

        names = ("version_table", "version_table_schema")
        opts = {name: self.given[name] for name in names if self.given.get(name)}
        heads = MigrationContext.configure(self.connection, opts=opts).get_current_heads()
        if hasattr(self.connection, "rollback"):  # not in SQLAlchemy 1.4, which begins no transaction for a query
            self.connection.rollback()
        return list(heads) or None

    def write(self, text: str) -> None:
        """Carry out one statement; BEGIN and COMMIT are the connection's own."""
        statement = text.strip()
        word = statement.rstrip(";").upper()
        if word in ("BEGIN", "BEGIN TRANSACTION"):
            self.connection.execution_options(isolation_level=self.level)
            self.transaction = self.connection.begin()
        elif word == "COMMIT":
            self.transaction.commit()
            self.transaction = None
        elif not is_comment(statement):
            if self.transaction is None:
                self.connection.execution_options(isolation_level="AUTOCOMMIT")
            self.connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def flush(self) -> None:
        """Nothing is kept back."""


def is_comment(statement: str) -> bool:
    """Whether nothing in it is to be carried out."""
    return all(not line.strip() or line.lstrip().startswith("--") for line in statement.splitlines())


def open_application(request: dict[str, Any]) -> AbstractContextManager[Any]:
    """The Flask application that Flask-Migrate's env.py asks for, found as the `flask` command finds it."""
    if not request.get("is_flask") or importlib.util.find_spec("flask") is None:
        return nullcontext()
    from flask.cli import NoAppException, ScriptInfo, load_dotenv  # type: ignore[import-not-found]

    load_dotenv()
    try:
        application = ScriptInfo(app_import_path=os.environ.get("FLASK_APP")).load_app()
    except NoAppException as error:
        raise DriverError("no_application", str(error).strip()) from error
    context: AbstractContextManager[Any] = application.app_context()
    return context
