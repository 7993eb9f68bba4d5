"""The statements that the revisions send, as text that a person can read and run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .observe import find_observer
from .second import end_session
from .state import State

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect

MAX_STATEMENT_CHARACTERS = 100_000
MAX_STATEMENTS = 5_000
MAX_VALUE_SETS = 20


def capture_statements(state: State) -> None:
    """Note every statement that a revision sends, as SQLAlchemy hands it to the database driver.

    With `observe` in the request, also what each did. With `end_after` the session is ended after that many of them.
    """
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    observes, end_after = state.request.get("observe"), state.request.get("end_after")

    def before(**call: Any) -> None:
        if observes and state.is_running_revision:
            find_observer(call["conn"])  # it must see what is there before the first statement
        call["context"]._specwright_started = time.perf_counter()

    def after(**call: Any) -> None:
        if not state.is_running_revision or len(state.statements) >= MAX_STATEMENTS:
            return
        seconds = time.perf_counter() - call["context"]._specwright_started
        sql = render_statement(call["conn"].dialect, call["statement"], call["parameters"], call["context"])
        if not is_catalog_read(sql):
            facts = {"revision": state.revision, "seconds": seconds, "autocommit": is_autocommit(call["conn"])}
            observer = find_observer(call["conn"]) if observes else None
            seen = None if observer is None else observer.look(call["conn"])
            state.statements.append({"sql": sql[:MAX_STATEMENT_CHARACTERS], "seen": seen, **facts})
            if len(state.statements) == end_after:
                end_session(call["conn"])
                state.is_ended = True

    event.listen(Engine, "before_cursor_execute", before, named=True)
    event.listen(Engine, "after_cursor_execute", after, named=True)


def render_statement(dialect: Dialect, statement: str, parameters: Any, context: Any) -> str:
    """The statement with its values in place where SQLAlchemy can write them, else with the values in a comment."""
    if parameters:
        compiled = getattr(context, "compiled", None)
        sets = [] if compiled is None else context.compiled_parameters
        element = getattr(compiled, "statement", None)
        literals = [render_literal(dialect, element, values) for values in sets[:MAX_VALUE_SETS]]
        if not literals or None in literals:
            return statement.strip() + "  -- with values " + repr(parameters)[:500].replace("\n", " ")
        statement = ";\n".join(str(literal) for literal in literals)
        if len(sets) > len(literals):
            statement += f";\n-- and {len(sets) - len(literals)} more sets of values"
    if dialect.paramstyle in ("format", "pyformat"):
        statement = statement.replace("%%", "%")
    return statement.strip()


def render_literal(dialect: Dialect, element: Any, values: dict[str, Any]) -> str | None:
    """The statement as text with its values, or None: many types cannot be written as a literal."""
    ways: tuple[Callable[[], Any], ...] = (
        lambda: element.values(values),
        lambda: element.bindparams(**values),
        lambda: element.params(values),
        lambda: element,
    )
    for way in ways:
        try:
            compiled = way().compile(dialect=dialect, compile_kwargs={"literal_binds": True})
        except Exception:  # noqa: S112 (the next way, and in the end a comment)
            continue
        if not compiled.binds:  # else some value still has a placeholder
            return str(compiled)
    return None


def is_autocommit(connection: Connection) -> bool:
    """Whether the statement is sent outside of a transaction, as in Alembic's `autocommit_block`."""
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def is_catalog_read(sql: str) -> bool:
    """Whether it is one of the questions that SQLAlchemy and Alembic ask of the catalog, or a savepoint of theirs."""
    text = sql.lstrip(" (\n\t").lower()
    if text.startswith(("savepoint", "release savepoint", "rollback to savepoint", "show ")):
        return True
    if text.startswith("pragma"):
        return "(" in text
    names = ("pg_catalog", "information_schema", "sqlite_master", "sqlite_schema", "pg_class", "pg_type")
    return text.startswith(("select", "with")) and any(name in text for name in names)
