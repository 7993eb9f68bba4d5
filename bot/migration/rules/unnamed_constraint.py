"""A constraint or index gets no name, and there is no naming convention that would give it one."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.revision_calls import OpCall, find_calls, get_last_name, is_nothing
from bot.migration.revision_source import RevisionSource

CODE = "unnamed-constraint"
SEVERITY: Severity = "warning"
_OPERATIONS = {
    "create_unique_constraint": ("uq", "unique constraint"),
    "create_check_constraint": ("ck", "check constraint"),
    "create_foreign_key": ("fk", "foreign key"),
    "create_index": ("ix", "index"),
}
_PARTS = {
    "UniqueConstraint": ("uq", "unique constraint"),
    "CheckConstraint": ("ck", "check constraint"),
    "ForeignKeyConstraint": ("fk", "foreign key"),
    "ForeignKey": ("fk", "foreign key"),
}
EXAMPLE = """\
# in the models, once for all: the names are then made by rule
metadata = sa.MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
})
# or here
op.create_unique_constraint("uq_books_isbn", "books", ["isbn"])
"""


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each operation that leaves names to the server; none when the convention is not known."""
    convention = context.naming_convention
    if convention is None:
        return
    for source in context.revisions:
        for call in find_calls(source, "upgrade"):
            for kind, line in _list_nameless(call, convention):
                yield _make_finding(source, kind, line)


def _list_nameless(call: OpCall, convention: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """What has no name, and its line. A primary key's name is always the same: it may go without."""
    key, kind = _OPERATIONS.get(call.name, ("", ""))
    if key and key not in convention and is_nothing(call.find_argument(0, _get_name_word(call.name))):
        yield kind, call.line
    for node in ast.walk(call.node):
        if not isinstance(node, ast.Call) or node is call.node:
            continue
        key, kind = _PARTS.get(get_last_name(node.func), ("", ""))
        if key and key not in convention and is_nothing(_find_keyword(node, "name")):
            yield kind, node.lineno


def _get_name_word(operation: str) -> str:
    return "index_name" if operation == "create_index" else "constraint_name"


def _find_keyword(node: ast.Call, name: str) -> ast.expr | None:
    return next((keyword.value for keyword in node.keywords if keyword.arg == name), None)


def _make_finding(source: RevisionSource, kind: str, line: int) -> Finding:
    return Finding(
        code=CODE,
        severity=SEVERITY,
        path=source.path,
        line=line,
        title=f"The {kind} has no name",
        consequence=(
            "The server makes a name up. Databases that were built in another order, or restored, may have another "
            "one: a later revision that drops it by name then fails on some of them."
        ),
        remedy="Name it, or give the models' metadata a naming convention.",
        example=EXAMPLE,
    )
