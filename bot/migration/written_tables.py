"""Which rows a statement changes, and which tables it alters, read from its syntax tree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pglast import ast
from pglast.enums import A_Expr_Kind, AlterTableType, BoolExprType, ObjectType

from bot.migration.sql_parse import get_name, walk
from bot.schema.model import Table

_UPPER, _LOWER = frozenset({"=", "<", "<="}), frozenset({"=", ">", ">="})  # of `column ? value`, `value ? column`
_WRITES = (ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt)


@dataclass(frozen=True, slots=True)
class Write:
    """An UPDATE, DELETE or MERGE; `node` is its statement."""

    verb: str
    schema: str | None
    table: str
    node: Any


def list_writes(statement: Any) -> Iterator[Write]:
    """What the statement, or a common table expression of it, changes in rows that are there."""
    for node in walk(statement):
        if isinstance(node, _WRITES):
            schema, table = get_name(node.relation)
            yield Write(type(node).__name__.removesuffix("Stmt").upper(), schema, table, node)


def is_bounded(write: Write, table: Table) -> bool:
    """Whether the number of rows has a limit that does not grow with the table.

    That is so with a LIMIT somewhere in it, and with a condition that compares a whole key of the table to values.
    """
    if any(isinstance(node, ast.SelectStmt) and node.limitCount is not None for node in walk(write.node)):
        return True
    compared = set(_list_compared(getattr(write.node, "whereClause", None)))
    keys = [unique.columns for unique in table.uniques]
    keys += [tuple(key.column or "" for key in index.keys) for index in table.indexes if index.unique]
    if table.primary_key:
        keys.append(table.primary_key.columns)
    return any(compared.issuperset(key) for key in keys)


def list_altered(statement: Any) -> Iterator[tuple[str | None, str]]:
    """The tables that nobody can read or write while the statement runs, as (namespace, name).

    Postgres, "Explicit Locking": ACCESS EXCLUSIVE is what ALTER TABLE takes, but for a few forms, and DROP TABLE.
    """
    if isinstance(statement, (ast.AlterTableStmt, ast.RenameStmt)) and statement.relation is not None:
        commands = [node for node in walk(statement) if isinstance(node, ast.AlterTableCmd)]
        if not commands or any(command.subtype != AlterTableType.AT_ValidateConstraint for command in commands):
            yield get_name(statement.relation)
    elif isinstance(statement, ast.DropStmt) and statement.removeType == ObjectType.OBJECT_TABLE:
        for parts in statement.objects or ():
            names = [part.sval for part in parts]
            yield (names[-2] if len(names) > 1 else None), names[-1]


def copies_rows(statement: Any) -> bool:
    """Whether it is INSERT … SELECT from a table."""
    query = statement.selectStmt if isinstance(statement, ast.InsertStmt) else None
    return query is not None and any(isinstance(node, ast.RangeVar) for node in walk(query))


def _list_compared(node: Any) -> Iterator[str]:
    """The columns that every row must have a given value of, or a lesser one than given; an OR bounds nothing."""
    if isinstance(node, ast.BoolExpr) and node.boolop == BoolExprType.AND_EXPR:
        for part in node.args or ():
            yield from _list_compared(part)
    elif isinstance(node, ast.A_Expr):
        operator = _get_operator(node)
        for side, other, bounding in ((node.lexpr, node.rexpr, _UPPER), (node.rexpr, node.lexpr, _LOWER)):
            if isinstance(side, ast.ColumnRef) and operator in bounding and not _reads_columns(other):
                yield str(getattr((side.fields or ("",))[-1], "sval", ""))


def _get_operator(node: Any) -> str:
    """The operator; `=` for the kinds that are a list or a range of values."""
    if node.kind in (A_Expr_Kind.AEXPR_IN, A_Expr_Kind.AEXPR_OP_ANY, A_Expr_Kind.AEXPR_BETWEEN):
        return "="
    return str(node.name[-1].sval) if node.kind == A_Expr_Kind.AEXPR_OP and node.name else "?"


def _reads_columns(node: Any) -> bool:
    return any(isinstance(part, (ast.ColumnRef, ast.SelectStmt)) for part in walk(node))
