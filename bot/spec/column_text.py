"""A column written as SQL writes it behind its name: `varchar(50) NOT NULL DEFAULT 'x' REFERENCES customers (id)`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pglast import ast
from pglast.enums import ConstrType
from pglast.stream import RawStream

from bot.spec.model import ColumnSpec
from bot.spec.sql_text import NotSql, parse_statement

_ACTIONS = {"a": None, "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}


def read_column_text(name: str, text: str, line: int) -> ColumnSpec:
    """The column. Raises `NotSql` when the text is no column definition, or has a part that other notations lack."""
    head = "CREATE TABLE t (c "
    node = parse_statement(f"{head}{text}\n)")
    elements = node.tableElts if isinstance(node, ast.CreateStmt) else ()
    if len(elements or ()) != 1 or not isinstance(elements[0], ast.ColumnDef) or elements[0].typeName is None:
        raise NotSql(f"`{text}` is not a type with its constraints")
    constraints = elements[0].constraints or ()
    if node.inhRelations or node.partspec or node.options or node.tablespacename or elements[0].collClause:
        raise NotSql(f"`{text}` is more than a column")
    end = min((item.location for item in constraints), default=len(head) + len(text)) - len(head)
    column = ColumnSpec(name, line, text[:end].strip() or None)
    for item in constraints:
        column = _apply(column, item)
    return column


def _apply(column: ColumnSpec, item: Any) -> ColumnSpec:
    match item.contype:
        case ConstrType.CONSTR_NOTNULL:
            return replace(column, nullable=False)
        case ConstrType.CONSTR_NULL:
            return replace(column, nullable=True)
        case ConstrType.CONSTR_DEFAULT:
            return replace(column, default=RawStream()(item.raw_expr))
        case ConstrType.CONSTR_PRIMARY:
            return replace(column, primary_key=True)
        case ConstrType.CONSTR_UNIQUE:
            return replace(column, unique=True)
        case ConstrType.CONSTR_CHECK:
            return replace(column, check=RawStream()(item.raw_expr))
        case ConstrType.CONSTR_IDENTITY:
            return replace(column, identity=True)
        case ConstrType.CONSTR_GENERATED:
            return replace(column, generated=RawStream()(item.raw_expr))
        case ConstrType.CONSTR_FOREIGN:
            return _apply_reference(column, item)
    raise NotSql("deferrable constraints are read from `sql` only")


def _apply_reference(column: ColumnSpec, item: Any) -> ColumnSpec:
    table = ".".join(part for part in (item.pktable.schemaname, item.pktable.relname) if part)
    columns = ", ".join(part.sval for part in item.pk_attrs or ())
    if item.fk_upd_action not in ("a", None, "\0"):
        raise NotSql("`on update` is written as a constraint of the table")
    action = _ACTIONS.get(item.fk_del_action)
    return replace(column, references=f"{table}({columns})" if columns else table, on_delete=action)
