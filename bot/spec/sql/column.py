"""A column written as SQL writes it behind its name: `varchar(50) NOT NULL DEFAULT 'x' REFERENCES customers (id)`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pglast import ast
from pglast.enums import ConstrType
from pglast.stream import RawStream

from bot.spec.model import ColumnSpec
from bot.spec.names import quote_name
from bot.spec.sql.text import NotSql, parse_statement

_HEAD = "CREATE TABLE t (c "
_ACTIONS = {"c": "cascade", "n": "set null", "d": "set default", "r": "restrict"}


def read_column_text(name: str, text: str, line: int) -> ColumnSpec:
    """The column. Raises `NotSql` when the text is no column definition, or says what only whole DDL can."""
    node = _parse(text)
    constraints = node.constraints or ()
    end = min((item.location for item in constraints), default=len(_HEAD) + len(text)) - len(_HEAD)
    column = ColumnSpec(name, line, text[:end].strip() or None)
    for item in constraints:
        if item.contype not in _APPLY or item.conname is not None:
            raise NotSql(f"`{text}` says what is only read from a whole statement in an `sql` fence")
        column = _APPLY[item.contype](column, item)
    return column


def _parse(text: str) -> Any:
    try:
        node: Any = parse_statement(f"{_HEAD}{text}\n)")
    except NotSql as error:
        raise NotSql(f"`{text}` is not a type with its constraints: {error}") from error
    elements: Any = node.tableElts if isinstance(node, ast.CreateStmt) else None
    if not elements or len(elements) != 1 or not isinstance(elements[0], ast.ColumnDef):
        raise NotSql(f"`{text}` is not a type with its constraints")
    rest = (node.inhRelations, node.partspec, node.options, node.tablespacename, elements[0].collClause)
    if any(rest) or elements[0].typeName is None:
        raise NotSql(f"`{text}` is not a type with its constraints")
    return elements[0]


def _apply_reference(column: ColumnSpec, item: Any) -> ColumnSpec:
    if item.fk_upd_action in _ACTIONS or item.fk_matchtype == "f":
        raise NotSql("ON UPDATE and MATCH are written as a constraint of the table")
    table = ".".join(quote_name(part) for part in (item.pktable.schemaname, item.pktable.relname) if part)
    columns = ", ".join(quote_name(part.sval) for part in item.pk_attrs or ())
    return replace(
        column,
        references=f"{table}({columns})" if columns else table,
        on_delete=_ACTIONS.get(item.fk_del_action),
    )


_APPLY: Mapping[ConstrType, Callable[[ColumnSpec, Any], ColumnSpec]] = {
    ConstrType.CONSTR_NOTNULL: lambda column, _: replace(column, nullable=False),
    ConstrType.CONSTR_NULL: lambda column, _: replace(column, nullable=True),
    ConstrType.CONSTR_PRIMARY: lambda column, _: replace(column, primary_key=True),
    ConstrType.CONSTR_UNIQUE: lambda column, _: replace(column, unique=True),
    ConstrType.CONSTR_IDENTITY: lambda column, _: replace(column, identity=True),
    ConstrType.CONSTR_DEFAULT: lambda column, item: replace(column, default=RawStream()(item.raw_expr)),
    ConstrType.CONSTR_CHECK: lambda column, item: replace(column, check=RawStream()(item.raw_expr)),
    ConstrType.CONSTR_GENERATED: lambda column, item: replace(column, generated=RawStream()(item.raw_expr)),
    ConstrType.CONSTR_FOREIGN: _apply_reference,
}
