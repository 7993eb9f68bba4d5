"""The values of an existing enumeration changed where the source states them: in its class, or in `Enum("a", "b")`."""

from __future__ import annotations

import libcst as cst

from bot.implement.models.class_body import assigned, call_name, statements
from bot.implement.models.enum_source import member_name, uses_upper_case
from bot.implement.models.scan import EnumClass
from bot.implement.models.workbench import FileEditor, Workbench
from bot.schema.model import Enum


def alter_enum(workbench: Workbench, enum: Enum) -> None:
    """Bring every place that states the values of `enum` to its new ones."""
    found = workbench.repository.find_enum(enum.name)
    if found is not None:
        editor = workbench.edit(found.file.path)
        editor.set_class(_alter_class(workbench, editor, found, enum))
    elif not _alter_calls(workbench, enum):
        workbench.not_done.append(f"the enum `{enum.name}`: no place in the models states its values")
        return
    workbench.done.append(f"values of the enum `{enum.name}`")


def _alter_class(workbench: Workbench, editor: FileEditor, found: EnumClass, enum: Enum) -> cst.ClassDef:
    node = editor.get_class(found.name)
    by_name = is_labelled_by_name(workbench, enum)
    members: dict[str, cst.BaseStatement] = {}
    for statement in statements(node):
        target = assigned(statement)
        if target is not None and target[0] in found.labels:
            members[target[0] if by_name else found.labels[target[0]]] = statement
    ordered = [members.get(value) or _new_member(workbench, editor, value, by_name=by_name) for value in enum.values]
    body: list[cst.BaseStatement] = []
    for statement in statements(node):
        if statement not in members.values():
            body.append(statement)
        elif ordered:
            body += ordered
            ordered = []
    return node.with_changes(body=node.body.with_changes(body=[*body, *ordered]))


def is_labelled_by_name(workbench: Workbench, enum: Enum) -> bool:
    """Whether the database's labels are the members' names (what SQLAlchemy does without `values_callable`)."""
    uses = [use for use in workbench.repository.enum_uses if use.type_name == enum.name]
    return all(use.values_callable is None for use in uses)


def _new_member(workbench: Workbench, editor: FileEditor, value: str, *, by_name: bool) -> cst.BaseStatement:
    name = value if by_name and value.isidentifier() else member_name(value, is_upper=uses_upper_case(workbench))
    return cst.ensure_type(cst.parse_statement(f"{name} = {editor.write.literal(value)}"), cst.SimpleStatementLine)


def _alter_calls(workbench: Workbench, enum: Enum) -> bool:
    paths = {use.file.path for use in workbench.repository.enum_uses if use.type_name == enum.name}
    for path in paths:
        editor = workbench.edit(path)
        editor.cst = editor.cst.visit(_Values(enum, editor))
    return bool(paths)


class _Values(cst.CSTTransformer):
    def __init__(self, enum: Enum, editor: FileEditor) -> None:
        super().__init__()
        self.enum, self.editor = enum, editor

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        """Write the values into `Enum("…", name="<this enum>")`."""
        if "enum" not in call_name(updated_node).lower() or not self._is_named(updated_node):
            return updated_node
        space = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        values = [
            cst.Arg(cst.parse_expression(self.editor.write.literal(value)), comma=space) for value in self.enum.values
        ]
        named = [argument for argument in updated_node.args if argument.keyword is not None]
        return updated_node.with_changes(args=[*values, *named])

    def _is_named(self, node: cst.Call) -> bool:
        for argument in node.args:
            if argument.keyword is not None and argument.keyword.value == "name":
                value = argument.value
                return isinstance(value, cst.SimpleString) and value.evaluated_value == self.enum.name
        return False
