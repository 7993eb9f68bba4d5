"""Changes of an existing table carried into its class, drops before what takes their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from bot.implement.models.brackets import find_argument, insert_argument, remove_argument, set_argument
from bot.implement.models.class_body import call_name, code_of, find_statement, insert_column, remove_statement
from bot.implement.models.column_edit import alter_column, edit_call
from bot.implement.models.column_source import ColumnContext, column_call, render_column
from bot.implement.models.constraint_source import Part, split_parts
from bot.implement.models.layout import Node
from bot.implement.models.names import attribute_name
from bot.implement.models.scan import ModelClass
from bot.implement.models.table_args import ArgumentsNotEditable, add_part, remove_part, set_options
from bot.implement.models.workbench import Workbench
from bot.schema.change import Change
from bot.schema.model import Check, Column, Exclusion, ForeignKey, Index, PrimaryKey, Table, Unique

_ORDER = {"drop": 0, "alter": 1, "add": 2}
_PARTS = (Check, Exclusion, ForeignKey, Index, PrimaryKey, Unique)


class ChangedTable:
    """One existing table and its class while its changes are made."""

    def __init__(self, workbench: Workbench, model: ModelClass, before: Table, after: Table) -> None:
        self.workbench, self.model, self.before, self.after = workbench, model, before, after
        self.editor = workbench.edit(model.file.path)
        self.inline = split_parts(workbench, after)
        self.context = ColumnContext(workbench, self.editor, after, self.inline)
        self.attributes = dict(model.columns)
        self.added: set[str] = set()

    def apply(self, changes: Sequence[Change]) -> None:
        """Make the changes, all of this table."""
        for change in sorted(changes, key=self._rank):
            try:
                self._apply(change)
            except ArgumentsNotEditable:
                self.workbench.not_done.append(
                    f"`{change.name}` of `{self.after.name}`: {self.model.name}.__table_args__ is worked out by code"
                )

    def _rank(self, change: Change) -> tuple[int, int, int]:
        """Constraints go before columns and come after them; new columns come in the order of the table."""
        is_column = change.kind == "column"
        names = [column.name for column in self.after.columns]
        position = names.index(change.name) if is_column and change.name in names else 0
        return _ORDER[change.action], int(is_column if change.action == "drop" else not is_column), position

    @property
    def node(self) -> cst.ClassDef:
        """The class as it stands now."""
        return self.editor.get_class(self.model.name)

    def _apply(self, change: Change) -> None:
        before, after = change.before, change.after
        if change.kind == "table":
            node = set_options(self.editor.write, self.node, self.after, self.workbench.style.line_length - 4)
            self.editor.set_class(node)
        elif isinstance(before, Column) or isinstance(after, Column):
            self._apply_column(change)
        else:
            if isinstance(before, _PARTS):
                self._drop_part(before)
            if isinstance(after, _PARTS):
                self._add_part(after)

    def _apply_column(self, change: Change) -> None:
        before, after = change.before, change.after
        name = change.name
        if isinstance(after, Column) and before is None:
            taken = set(self.attributes.values())
            attribute = attribute_name(name)
            attribute = f"{attribute}_" if attribute in taken else attribute
            self.editor.set_class(insert_column(self.node, render_column(self.context, after, attribute)))
            self.attributes[name] = attribute
            self.added.add(name)
        elif isinstance(before, Column) and after is None:
            self._drop_column(before)
        elif isinstance(before, Column) and isinstance(after, Column):
            self._alter_column(before, after)
        self.workbench.done.append(f"`{self.after.name}.{name}`: {_VERBS[change.action]} in {self.model.name}")

    def _alter_column(self, before: Column, after: Column) -> None:
        attribute = self.attributes.get(after.name)
        if attribute is not None and find_statement(self.node, attribute) is not None:
            self.editor.set_class(alter_column(self.context, self.node, attribute, before, after))
            return
        source = render_column(self.context, after)
        self.editor.set_class(insert_column(self.node, source))
        self.workbench.notes.append(
            f"`{self.after.name}.{after.name}` comes from a class that others share: restated here"
        )

    def _drop_column(self, column: Column) -> None:
        attribute = self.attributes.pop(column.name, None)
        if attribute is None or find_statement(self.node, attribute) is None:
            self.workbench.not_done.append(
                f"`{self.after.name}.{column.name}`: dropped in the database, but {self.model.name} shares it"
            )
            return
        self.editor.set_class(remove_statement(self.node, attribute))

    def _add_part(self, part: Part) -> None:
        column = self._inline_column(part)
        if column is None:
            node = add_part(self.workbench, self.editor.write, self.node, self.after, part)
            self.editor.set_class(node)
        elif column not in self.added:
            self._set_inline(column, part)

    def _inline_column(self, part: Part) -> str | None:
        """The column that the constraint stands at; None when it needs a table argument."""
        if isinstance(part, PrimaryKey) and part not in self.inline.rest:
            self._set_keys(part)
            return part.columns[0]
        for placed in (self.inline.foreign_keys, self.inline.uniques, self.inline.indexes):
            for column, found in placed.items():
                if found == part and (column in self.added or self._has_statement(column)):
                    return column
        return None

    def _has_statement(self, column: str) -> bool:
        attribute = self.attributes.get(column)
        return attribute is not None and find_statement(self.node, attribute) is not None

    def _set_inline(self, column: str, part: Part) -> None:
        if isinstance(part, Unique):
            self._set(column, unique="True")
        elif isinstance(part, Index):
            self._set(column, index="True", **({"unique": "True"} if part.unique else {}))
        elif isinstance(part, ForeignKey):
            self._edit(column, lambda call: self._with_foreign_key(call, column))

    def _set_keys(self, key: PrimaryKey) -> None:
        for column in key.columns:
            if column not in self.added:
                self._set(column, primary_key="True")

    def _with_foreign_key(self, call: cst.Call, column: str) -> cst.Call:
        wanted = column_call(self.context, self._get_column(column), self.attributes[column])
        key = next(
            item.node for item in wanted.items if not isinstance(item.node, str) and "ForeignKey" in item.node.opening
        )
        position = sum(argument.keyword is None for argument in call.args)
        return insert_argument(call, position, key, self.workbench.style.line_length - 4)

    def _get_column(self, name: str) -> Column:
        return next(column for column in self.after.columns if column.name == name)

    def _drop_part(self, part: Part) -> None:
        node = remove_part(self.workbench, self.node, self.before, part)
        if node is not None:
            self.editor.set_class(node)
            return
        if isinstance(part, Unique) and len(part.columns) == 1:
            self._set(part.columns[0], unique=None)
        elif isinstance(part, Index) and len(part.keys) == 1 and part.keys[0].column:
            self._set(part.keys[0].column, index=None, **({"unique": None} if part.unique else {}))
        elif isinstance(part, PrimaryKey):
            for column in part.columns:
                self._set(column, primary_key=None)
        elif isinstance(part, ForeignKey) and len(part.columns) == 1:
            self._edit(part.columns[0], lambda call: _without(call, "ForeignKey"))
        elif isinstance(part, Check):
            self._drop_column_check(part)

    def _drop_column_check(self, part: Check) -> None:
        """A check that stands at a column; which one is known by its name only."""
        for column in self.attributes:
            statement = find_statement(self.node, self.attributes[column])
            if statement is not None and part.name and f'name="{part.name}"' in code_of(statement).replace("'", '"'):
                self._edit(column, lambda call: _without(call, "CheckConstraint"))

    def _set(self, column: str, **named: Node | None) -> None:
        width = self.workbench.style.line_length - 4

        def change(call: cst.Call) -> cst.Call:
            for name, value in named.items():
                if value is not None or find_argument(call, name) is not None:
                    call = set_argument(call, name, value, width)
            return call

        self._edit(column, change)

    def _edit(self, column: str, change: Callable[[cst.Call], cst.Call]) -> None:
        attribute = self.attributes.get(column)
        if attribute is not None:
            self.editor.set_class(edit_call(self.context, self.node, attribute, change))


_VERBS = {"add": "added", "alter": "changed", "drop": "removed"}


def _without(call: cst.Call, name: str) -> cst.Call:
    for argument in call.args:
        if argument.keyword is None and call_name(argument.value) == name:
            return remove_argument(call, argument)
    return call
