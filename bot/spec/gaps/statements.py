"""Questions about the SQL of a spec, as far as its syntax trees tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from pglast import ast
from pglast.enums import AlterTableType, ConstrType, ObjectType

from bot.spec.gaps.world import World, WorldTable, normalise
from bot.spec.model import Statement
from bot.spec.names import find_nearest
from bot.spec.open_words import is_open_type
from bot.spec.sql.text import NotSql, parse_statement
from bot.spec.sql.types import SERIAL, read_type_key

_FILLS = (ConstrType.CONSTR_DEFAULT, ConstrType.CONSTR_IDENTITY, ConstrType.CONSTR_GENERATED)


def find_statement_gaps(statements: Iterable[Statement], world: World) -> None:
    """Carry the statements out on the world, one after the other, and report what is open."""
    for statement in statements:
        try:
            node = parse_statement(statement.sql)
        except NotSql:
            continue  # the reader has refused it already
        _Statement(statement, world).carry_out(node)


class _Statement:
    def __init__(self, statement: Statement, world: World) -> None:
        self.sql, self.line, self.world = statement.sql, statement.line, world

    def carry_out(self, node: Any) -> None:
        """Change the world as the statement does."""
        carry_out = _WAYS.get(type(node))
        if carry_out is not None:
            carry_out(self, node)

    def _add_type(self, node: Any) -> None:
        self.world.types.add(_join(node.typeName if isinstance(node, ast.CreateEnumStmt) else node.domainname))

    def _add_view(self, node: Any) -> None:
        relation = node.view if isinstance(node, ast.ViewStmt) else node.into.rel
        self.world.tables[_name(relation)] = WorldTable({}, is_new=True, is_open=True)

    def _add_index(self, node: Any) -> None:
        line = self._find_line(node.relation, node.relation.relname)
        self.world.check_table(_name(node.relation), line, "An index is on the table")

    def _add_extension(self, node: Any) -> None:
        self.world.extensions.add(node.extname)

    def _create(self, node: Any) -> None:
        elements = node.tableElts or ()
        columns = [element for element in elements if isinstance(element, ast.ColumnDef)]
        is_open_ended = len(columns) < sum(not isinstance(item, ast.Constraint) for item in elements)
        entry = WorldTable({column.colname or "": "" for column in columns}, is_new=True)
        entry.is_open = bool(is_open_ended or node.inhRelations or node.partbound or node.ofTypename)
        self.world.tables[_name(node.relation)] = entry
        for column in columns:
            self._check_column(column)
        for element in elements:
            if isinstance(element, ast.Constraint):
                self._check_reference(element)

    def _alter(self, node: Any) -> None:
        if node.objtype not in (ObjectType.OBJECT_TABLE, None):
            return
        entry = self.world.tables.get(_name(node.relation))
        if entry is None and not node.missing_ok:
            name = node.relation.relname
            self.world.check_table(
                _name(node.relation), self._find_line(node.relation, name), "The spec changes the table"
            )
        for command in node.cmds or ():
            self._change(_name(node.relation), entry or WorldTable({}, is_open=True), command)

    def _change(self, table: str, entry: WorldTable, command: Any) -> None:
        kind = command.subtype
        if kind == AlterTableType.AT_AddColumn:
            if not entry.is_new:
                self._check_filled(table, command.def_)
            self._check_column(command.def_)
            entry.columns[command.def_.colname] = ""
        elif kind == AlterTableType.AT_DropColumn:
            if not command.missing_ok:
                self._check_member(table, entry, command.name)
            entry.columns.pop(command.name, None)
        elif kind == AlterTableType.AT_AddConstraint:
            self._check_reference(command.def_)
        elif kind == AlterTableType.AT_AlterColumnType:
            self._check_type(command.def_, command.name)
            self._check_member(table, entry, command.name)
        elif kind in (AlterTableType.AT_ColumnDefault, AlterTableType.AT_SetNotNull, AlterTableType.AT_DropNotNull):
            self._check_member(table, entry, command.name)
            if kind == AlterTableType.AT_ColumnDefault and command.def_ is not None:
                entry.unfilled.discard(command.name)
            elif kind == AlterTableType.AT_SetNotNull and command.name in entry.unfilled:
                line = self._find_line(None, command.name)
                self.world.ask_what_rows_get(table, command.name, line, "`SET DEFAULT …` before it")

    def _check_filled(self, table: str, column: Any) -> None:
        kinds = {constraint.contype for constraint in column.constraints or ()}
        required = bool(kinds & {ConstrType.CONSTR_NOTNULL, ConstrType.CONSTR_PRIMARY})
        serial = read_type_key(column.typeName)[0][-1] in SERIAL if column.typeName else False
        if required and not kinds & set(_FILLS) and not serial:
            line = self._find_line(column, column.colname)
            answer = "`DEFAULT …`, or the column without NOT NULL"
            self.world.ask_what_rows_get(table, column.colname, line, answer)

    def _check_column(self, column: Any) -> None:
        self._check_type(column, column.colname)
        for constraint in column.constraints or ():
            self._check_reference(constraint)

    def _check_type(self, column: Any, name: str) -> None:
        if column.typeName is None:
            return
        type_ = read_type_key(column.typeName)[0]
        line = self._find_line(column.typeName, name)
        if is_open_type(type_[-1]):
            self.world.gap(line, f"The type of the column `{name}` is `{type_[-1]}`.", "such as `timestamptz`")
        else:
            text = ".".join(f'"{part}"' for part in type_)
            self.world.check_type(
                text if type_[-1].lower() != type_[-1] else ".".join(type_), line, f"The column `{name}`"
            )

    def _check_reference(self, constraint: Any) -> None:
        if constraint.contype == ConstrType.CONSTR_FOREIGN:
            name = _name(constraint.pktable)
            line = self._find_line(constraint.pktable, constraint.pktable.relname)
            self.world.check_table(name, line, "A foreign key refers to the table")

    def _check_member(self, table: str, entry: WorldTable, column: str) -> None:
        if column in entry.columns or entry.is_open or not self.world.is_complete:
            return
        nearest = find_nearest(column, entry.columns)
        question = f"The spec changes the column `{column}`, which `{table}` does not have. Which one is meant?"
        self.world.gap(self._find_line(None, column), question, f"`{nearest}`" if nearest else "a column that is there")

    def _drop(self, node: Any) -> None:
        if node.removeType not in (ObjectType.OBJECT_TABLE, ObjectType.OBJECT_VIEW, ObjectType.OBJECT_MATVIEW):
            return
        for names in node.objects:
            name = _join(names)
            if not node.missing_ok:
                self.world.check_table(name, self._find_line(None, names[-1].sval), "The spec drops the table")
            self.world.tables.pop(name, None)

    def _rename(self, node: Any) -> None:
        if node.renameType == ObjectType.OBJECT_TYPE:
            self.world.types.add(".".join([*(part.sval for part in node.object[:-1]), node.newname]))
        elif node.renameType == ObjectType.OBJECT_TABLE and not node.missing_ok:
            name = _name(node.relation)
            entry = self.world.check_table(name, self._find_line(node.relation), "The spec renames the table")
            self.world.tables.pop(name, None)
            self.world.tables[normalise(node.newname)] = entry or WorldTable({}, is_open=True)
        elif node.renameType == ObjectType.OBJECT_COLUMN and node.relation is not None:
            entry = self.world.tables.get(_name(node.relation))
            if entry is not None:
                self._check_member(_name(node.relation), entry, node.subname)
                entry.columns[node.newname] = entry.columns.pop(node.subname, "")
                entry.unfilled |= {node.newname} if node.subname in entry.unfilled else set()

    def _find_line(self, node: Any, word: str = "") -> int:
        """Where in the statement the node stands; of nodes that do not know, where the word does."""
        location = getattr(node, "location", None)
        if not isinstance(location, int) or location < 0:
            location = max(0, self.sql.find(word)) if word else 0
        return self.line + self.sql.count("\n", 0, location)


_WAYS: Mapping[type, Callable[[_Statement, Any], None]] = {
    ast.CreateStmt: _Statement._create,
    ast.AlterTableStmt: _Statement._alter,
    ast.DropStmt: _Statement._drop,
    ast.RenameStmt: _Statement._rename,
    ast.CreateEnumStmt: _Statement._add_type,
    ast.CreateDomainStmt: _Statement._add_type,
    ast.ViewStmt: _Statement._add_view,
    ast.CreateTableAsStmt: _Statement._add_view,
    ast.IndexStmt: _Statement._add_index,
    ast.CreateExtensionStmt: _Statement._add_extension,
}


def _name(relation: Any) -> str:
    return normalise(f"{relation.schemaname}.{relation.relname}" if relation.schemaname else relation.relname)


def _join(names: Any) -> str:
    return normalise(".".join(part.sval for part in getattr(names, "names", names)))
