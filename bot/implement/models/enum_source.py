"""Enumerated types: the Python class of a new one, the values of a changed one, and how a column names it."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from bot.implement.models.layout import Node, call, docstring
from bot.implement.models.names import camelize
from bot.implement.models.workbench import FileEditor, Place, Workbench
from bot.schema.model import Enum

_VALUES = "lambda members: [member.value for member in members]"


def render_enum_type(workbench: Workbench, editor: FileEditor, name: tuple[str, str]) -> Node:
    """`Enum(…)` for a column whose type is the enum `name` (schema, name)."""
    write = editor.write
    enum = next(item for item in workbench.after.enums if (item.schema, item.name) == name)
    schema = None if enum.schema == "public" else write.literal(enum.schema)
    place = workbench.enum_places.get(name)
    if place is None:
        values = [write.literal(value) for value in enum.values]
        return call(write.sa("Enum"), *values, name=write.literal(enum.name), schema=schema)
    callable_ = _values_callable(workbench, name)
    return call(
        write.sa("Enum"),
        editor.class_name(place),
        name=write.literal(enum.name),
        schema=schema,
        values_callable=callable_,
    )


def _values_callable(workbench: Workbench, name: tuple[str, str]) -> str | None:
    """The argument that makes labels of the members' values; None where the labels are the members' names."""
    uses = [use for use in workbench.repository.enum_uses if use.type_name == name[1]]
    if uses:
        return uses[0].values_callable
    if name in workbench.labelled_by_name:
        return None
    return _VALUES


def render_enum_class(workbench: Workbench, editor: FileEditor, enum: Enum, class_name: str) -> str:
    """The class of a new enum, in the bases and the case that the repository's other ones have."""
    write = editor.write
    known = workbench.repository.enums
    bases = next((item.bases for item in known if item.labels), None) or ("enum.Enum",)
    base_names = ", ".join(_base(editor, base) for base in bases)
    lines = [f"class {class_name}({base_names}):"]
    if workbench.style.has_class_docstrings:
        lines += [f"    {docstring(f'Values of `{enum.name}`.')}", ""]
    for value, member in zip(enum.values, member_names(workbench, enum), strict=True):
        lines.append(f"    {member} = {write.literal(value)}")
    return "\n".join(lines) + "\n"


def member_names(workbench: Workbench, enum: Enum) -> tuple[str, ...]:
    """A member's name for each value: in the case of the repository's other enumerations, always an identifier."""
    is_upper = uses_upper_case(workbench)
    names: list[str] = []
    for value in enum.values:
        name = member_name(value, is_upper=is_upper)
        while name in names:
            name += "_"
        names.append(name)
    return tuple(names)


def member_name(value: str, *, is_upper: bool) -> str:
    """The identifier for one value."""
    word = re.sub(r"\W+", "_", value, flags=re.ASCII).strip("_") or "EMPTY"
    word = word.upper() if is_upper else word
    word = f"VALUE_{word}" if word[0].isdigit() else word
    # `mro` and names with two underscores mean something else in an Enum.
    return f"{word}_" if keyword.iskeyword(word) or word == "mro" or word.startswith("__") else word


def uses_upper_case(workbench: Workbench) -> bool:
    """Whether the repository writes members in capitals."""
    members = [name for enum in workbench.repository.enums for name in enum.labels]
    return not members or sum(name.isupper() for name in members) * 2 > len(members)


def _base(editor: FileEditor, text: str) -> str:
    """A base class as another module wrote it, in this module's names."""
    name = text.rpartition(".")[2]
    return name if name in {"str", "int"} else editor.imports.get("enum", name)


def place_enums(workbench: Workbench) -> None:
    """Say where the Python class of each existing enum stands; enums without one are written as strings."""
    for enum in workbench.after.enums:
        found = workbench.repository.find_enum(enum.name)
        if found is not None:
            place = Place(found.name, found.file.path, found.file.module)
            workbench.enum_places[enum.schema, enum.name] = place
            if not any(use.type_name == enum.name for use in workbench.repository.enum_uses):
                workbench.labelled_by_name.add((enum.schema, enum.name))


def add_enum(workbench: Workbench, enum: Enum, path: Path, above_class: str | None) -> None:
    """Write the class of a new enum: above the class that uses it, or at the end of the file."""
    editor = workbench.edit(path)
    name = workbench.free_class_name(camelize(enum.name))
    workbench.enum_places[enum.schema, enum.name] = Place(name, path, editor.module)
    editor.imports.define(name)
    source = render_enum_class(workbench, editor, enum, name)
    if above_class is None:
        editor.append(source)
    else:
        editor.insert_before(above_class, source)


def find_member(workbench: Workbench, name: tuple[str, str], label: str) -> str | None:
    """The member of the enum's class that stands for a label of the database."""
    enum = next((item for item in workbench.after.enums if (item.schema, item.name) == name), None)
    known = workbench.repository.find_enum(name[1])
    if known is not None:
        for member, value in known.labels.items():
            if label in (member, value):
                return member
    if enum is None or label not in enum.values:
        return None
    return member_names(workbench, enum)[enum.values.index(label)]
