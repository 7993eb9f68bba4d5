"""The locks of a statement that is a transaction by itself, by its kind: they are gone before anybody can look.

The modes are those of https://www.postgresql.org/docs/current/explicit-locking.html and of the pages of the commands;
for ALTER TABLE those of Postgres' AlterTableGetLockLevel (src/backend/commands/tablecmds.c).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pglast import ast, enums

from bot.migration.seen import Name
from bot.schema.model import Schema
from bot.spec.sql.text import NotSql, parse_statement, split_statements

EXCLUSIVE, UPDATE_EXCLUSIVE, WRITES_WAIT = "AccessExclusiveLock", "ShareUpdateExclusiveLock", "ShareRowExclusiveLock"
Known = Iterator[tuple[Name, str]]

_TRIGGERS = ("", "All", "User")
_WEAKER = {
    **{getattr(enums.AlterTableType, f"AT_DisableTrig{which}"): WRITES_WAIT for which in _TRIGGERS},
    **{getattr(enums.AlterTableType, f"AT_EnableTrig{which}"): WRITES_WAIT for which in _TRIGGERS},
    enums.AlterTableType.AT_ValidateConstraint: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_SetStatistics: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_SetOptions: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_ResetOptions: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_SetRelOptions: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_ResetRelOptions: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_ClusterOn: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_DropCluster: UPDATE_EXCLUSIVE,
    enums.AlterTableType.AT_AttachPartition: UPDATE_EXCLUSIVE,
}


class Relations:
    """The tables and indexes that are there, to be found by what a statement calls them."""

    def __init__(self, schema: Schema) -> None:
        self.tables: dict[Name, Name] = {
            (table.schema, table.name): (table.schema, table.name) for table in schema.tables
        }
        self.tables |= {(view.schema, view.name): (view.schema, view.name) for view in schema.views}
        self.indexes: dict[Name, Name] = {
            (table.schema, index.name): (table.schema, table.name) for table in schema.tables for index in table.indexes
        }
        self.search_path = ("public", *schema.schemas)

    def find(self, known: Mapping[Name, Name], schema: str | None, name: str) -> Name | None:
        """The table of that name; without a schema the first one that has it."""
        paths = self.search_path if schema is None else (schema,)
        return next((known[path, name] for path in paths if (path, name) in known), None)


def find_known_locks(sql: str, relations: Relations) -> tuple[tuple[Name, str], ...]:
    """(table, mode) of each lock on a table that was there; none for what has no known kind."""
    try:
        nodes = [parse_statement(piece.sql) for piece in split_statements(sql)]
    except NotSql:
        return ()
    return tuple(lock for node in nodes for lock in _find(node, relations))


def is_truncate(sql: str) -> bool:
    """Whether it empties tables: they get new files too, and nothing is copied."""
    try:
        return isinstance(parse_statement(sql), ast.TruncateStmt)
    except NotSql:
        return False


def _find(node: Any, relations: Relations) -> Known:
    rule = _RULES.get(type(node))
    if rule is not None:
        yield from rule(node, relations)


def _lock(relation: Any, mode: str, relations: Relations) -> Known:
    if relation is not None:
        table = relations.find(relations.tables, relation.schemaname, relation.relname)
        if table is not None:
            yield table, mode


def _create_index(node: Any, relations: Relations) -> Known:
    return _lock(node.relation, UPDATE_EXCLUSIVE if node.concurrent else "ShareLock", relations)


def _drop(node: Any, relations: Relations) -> Known:
    is_index = node.removeType == enums.ObjectType.OBJECT_INDEX
    known = relations.indexes if is_index else relations.tables
    for item in node.objects or ():
        words = [part.sval for part in item] if isinstance(item, tuple) else []
        if words:
            table = relations.find(known, words[-2] if len(words) > 1 else None, words[-1])
            if table is not None:
                yield table, UPDATE_EXCLUSIVE if node.concurrent else EXCLUSIVE


def _reindex(node: Any, relations: Relations) -> Known:
    if node.relation is None:
        return
    is_index = node.kind == enums.ReindexObjectType.REINDEX_OBJECT_INDEX
    known = relations.indexes if is_index else relations.tables
    table = relations.find(known, node.relation.schemaname, node.relation.relname)
    if table is not None:
        concurrent = any(option.defname == "concurrently" for option in node.params or ())
        yield table, UPDATE_EXCLUSIVE if concurrent else "ShareLock"


def _alter_table(node: Any, relations: Relations) -> Known:
    for command in node.cmds or ():
        yield from _lock(node.relation, _find_level(command), relations)
        constraint = command.def_ if isinstance(command.def_, ast.Constraint) else None
        if constraint is not None and constraint.contype == enums.ConstrType.CONSTR_FOREIGN:
            yield from _lock(constraint.pktable, WRITES_WAIT, relations)
        if command.subtype == enums.AlterTableType.AT_AttachPartition:
            yield from _lock(command.def_.name, EXCLUSIVE, relations)


def _find_level(command: Any) -> str:
    subtype = enums.AlterTableType(command.subtype)
    if subtype == enums.AlterTableType.AT_AddConstraint and command.def_.contype == enums.ConstrType.CONSTR_FOREIGN:
        return WRITES_WAIT
    if subtype == enums.AlterTableType.AT_DetachPartition and command.def_.concurrent:
        return UPDATE_EXCLUSIVE
    return _WEAKER.get(subtype, EXCLUSIVE)


def _vacuum(node: Any, relations: Relations) -> Known:
    mode = EXCLUSIVE if any(option.defname == "full" for option in node.options or ()) else UPDATE_EXCLUSIVE
    for item in node.rels or ():
        yield from _lock(item.relation, mode, relations)


def _refresh(node: Any, relations: Relations) -> Known:
    return _lock(node.relation, "ExclusiveLock" if node.concurrent else EXCLUSIVE, relations)


def _write(node: Any, relations: Relations) -> Known:
    return _lock(node.relation, "RowExclusiveLock", relations)


def _truncate(node: Any, relations: Relations) -> Known:
    for relation in node.relations:
        yield from _lock(relation, EXCLUSIVE, relations)


def _rename(node: Any, relations: Relations) -> Known:
    return _lock(node.relation, EXCLUSIVE, relations)


def _create_trigger(node: Any, relations: Relations) -> Known:
    return _lock(node.relation, WRITES_WAIT, relations)


_RULES: Mapping[type, Callable[[Any, Relations], Known]] = {
    ast.IndexStmt: _create_index,
    ast.DropStmt: _drop,
    ast.ReindexStmt: _reindex,
    ast.AlterTableStmt: _alter_table,
    ast.VacuumStmt: _vacuum,
    ast.RefreshMatViewStmt: _refresh,
    ast.InsertStmt: _write,
    ast.UpdateStmt: _write,
    ast.DeleteStmt: _write,
    ast.TruncateStmt: _truncate,
    ast.RenameStmt: _rename,
    ast.CreateTrigStmt: _create_trigger,
}
