"""The operation that takes another one back, as source."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

from bot.migration.python_layout import quote_string
from bot.migration.revision_calls import OpCall, find_calls, list_constants, read_text
from bot.migration.revision_source import RevisionSource

_CONSTRAINTS = {
    "create_unique_constraint": "unique",
    "create_check_constraint": "check",
    "create_foreign_key": "foreignkey",
    "create_primary_key": "primary",
    "create_exclude_constraint": "exclude",
}


def render_inverse(source: RevisionSource, call: OpCall) -> str | None:
    """`op.drop_column("orders", "note")` for the column added; None where the source does not tell enough."""
    constants = list_constants(source)
    table = call.find_table(constants)
    if call.name in _CONSTRAINTS and table:
        name = read_text(call.find_argument(0, "constraint_name"), constants)
        kind = _CONSTRAINTS[call.name]
        return f'op.drop_constraint({quote_string(name)}, {quote_string(table)}, type_="{kind}")' if name else None
    render = _RENDERERS.get(call.name)
    return render(call, table, constants) if render and table else None


def render_downgrade(source: RevisionSource) -> str:
    """A whole `downgrade()` as far as it follows from the upgrade; the rest is left to do, in words."""
    lines = []
    for call in reversed(find_calls(source, "upgrade")):
        inverse = render_inverse(source, call)
        if inverse or not call.name.startswith("drop_index"):
            lines.append(inverse or f"...  # take back op.{call.name} of line {call.line}")
    body = "\n".join(f"    {line}" for line in lines or ["..."])
    return f"def downgrade() -> None:\n{body}\n"


def find_column_name(call: OpCall, constants: dict[str, str]) -> str | None:
    """The column that `add_column` adds."""
    column = call.find_argument(1, "column")
    return read_text(column.args[0], constants) if isinstance(column, ast.Call) and column.args else None


def _drop_table(_: OpCall, table: str, __: dict[str, str]) -> str:
    return f"op.drop_table({quote_string(table)})"


def _drop_column(call: OpCall, table: str, constants: dict[str, str]) -> str | None:
    name = find_column_name(call, constants)
    return f"op.drop_column({quote_string(table)}, {quote_string(name)})" if name else None


def _drop_index(call: OpCall, table: str, constants: dict[str, str]) -> str | None:
    name = read_text(call.find_argument(0, "index_name"), constants)
    return f"op.drop_index({quote_string(name)}, table_name={quote_string(table)})" if name else None


def _rename_table(call: OpCall, table: str, constants: dict[str, str]) -> str | None:
    name = read_text(call.find_argument(1, "new_table_name"), constants)
    return f"op.rename_table({quote_string(name)}, {quote_string(table)})" if name else None


_RENDERERS: Mapping[str, Callable[[OpCall, str, dict[str, str]], str | None]] = {
    "create_table": _drop_table,
    "add_column": _drop_column,
    "create_index": _drop_index,
    "rename_table": _rename_table,
}
