"""Relationships for new foreign keys, on both sides, tied as the repository ties its others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import libcst as cst

from bot.implement.models.brackets import find_argument, map_call, set_argument
from bot.implement.models.class_body import (
    assigned,
    attributes,
    call_name,
    code_of,
    insert_relationship,
    remove_statement,
    replace_statement,
    statements,
)
from bot.implement.models.layout import Node, call, lay_out
from bot.implement.models.names import attribute_name, free_name, pluralize, singularize
from bot.implement.models.new_table import is_association
from bot.implement.models.workbench import FileEditor, Place, Workbench
from bot.schema.model import ForeignKey, Schema, Table

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Side:
    """One attribute to write: `owner` gets `name`, which leads to `target`."""

    owner: Place
    name: str
    target: Place
    is_list: bool
    is_optional: bool
    options: tuple[tuple[str, str], ...]
    table: Table


def add_relationships(workbench: Workbench, table: Table, keys: Sequence[ForeignKey]) -> None:
    """Both sides of each new foreign key of `table`; of two that only pair rows, the two sides of many-to-many."""
    if workbench.style.relationship is None:
        return
    if is_association(table) and set(keys) == set(table.foreign_keys):
        _add_many_to_many(workbench, table)
        return
    for key in keys:
        child = workbench.places.get((table.schema, table.name))
        parent = workbench.places.get((key.referred_schema, key.referred_table))
        if child is not None and parent is not None:
            _add_pair(workbench, table, key, child, parent)


def _add_pair(workbench: Workbench, table: Table, key: ForeignKey, child: Place, parent: Place) -> None:
    taken = _taken(workbench, child)
    column_names = {attribute_name(column.name) for column in table.columns}
    name = free_name(_name_of_parent(key), taken | column_names)
    reverse_wanted = _name_of_children(workbench, table, key, name)
    parent_table = workbench.after.find_table(key.referred_table, key.referred_schema)
    parent_columns = {attribute_name(column.name) for column in parent_table.columns} if parent_table else set()
    reverse = free_name(
        reverse_wanted, _taken(workbench, parent) | parent_columns | ({name} if child == parent else set())
    )
    paths = _paths(workbench.after, (table.schema, table.name), (key.referred_schema, key.referred_table))
    local = [f"{child.name}.{_attribute(workbench, table, column)}" for column in key.columns]
    shared = (("foreign_keys", _reference(local)),) if paths > 1 else ()
    nullable = any(column.nullable for column in table.columns if column.name in key.columns)
    remote = [f"{parent.name}.{attribute_name(column)}" for column in key.referred_columns]
    own = shared + ((("remote_side", _reference(remote)),) if child == parent else ())
    is_one = any(set(unique.columns) == set(key.columns) for unique in table.uniques)
    backwards = shared + _deletion(key, is_owned=not nullable)
    _write(workbench, Side(child, name, parent, False, nullable, own, table), reverse)
    _write(workbench, Side(parent, reverse, child, not is_one, True, backwards, table), name, is_reverse=True)


def _add_many_to_many(workbench: Workbench, table: Table) -> None:
    first, second = table.foreign_keys
    one = workbench.places.get((first.referred_schema, first.referred_table))
    other = workbench.places.get((second.referred_schema, second.referred_table))
    secondary = table.name if table.schema == "public" else f"{table.schema}.{table.name}"
    # SQLAlchemy evaluates the string as Python, so nothing but a name may stand in it.
    is_name = all(part.isidentifier() for part in secondary.split("."))
    if one is None or other is None or one == other or not is_name:
        return
    options = (("secondary", secondary),)
    to_other = free_name(_plural_name(second.referred_table, first.referred_table), _taken(workbench, one))
    to_one = free_name(_plural_name(first.referred_table, second.referred_table), _taken(workbench, other))
    _write(workbench, Side(one, to_other, other, True, False, options, table), to_one)
    _write(workbench, Side(other, to_one, one, True, False, options, table), to_other, is_reverse=True)


def _write(workbench: Workbench, side: Side, partner: str, *, is_reverse: bool = False) -> None:
    style = workbench.style
    if style.relationship == "backref" and is_reverse:
        return
    editor = workbench.edit(side.owner.path)
    write = editor.write
    tie = "back_populates" if style.relationship == "back_populates" else "backref"
    options = {name: value if name in _FLAGS else write.literal(value) for name, value in side.options}
    named: dict[str, Node | None] = {name: options.pop(name) for name in ("secondary",) if name in options}
    named |= {tie: write.literal(partner), **options}
    positional: list[Node] = [] if style.is_mapped else [write.literal(side.target.name)]
    if not style.is_mapped and is_reverse and not side.is_list:
        named["uselist"] = "False"
    node = call(write.orm("relationship"), *positional, **named)
    prefix = (
        f"{side.name}: {_annotation(editor, side, style.uses_optional)} = " if style.is_mapped else f"{side.name} = "
    )
    source = lay_out(prefix, node, style.line_length - 4)
    editor.set_class(insert_relationship(editor.get_class(side.owner.name), source))


_FLAGS = {"passive_deletes"}


def _annotation(editor: FileEditor, side: Side, uses_optional: bool) -> str:
    name = editor.class_name(side.target, type_checking=True)
    text = name if editor.has_future_annotations else f'"{name}"'
    if side.is_list:
        inner = f"list[{text}]"
    elif not side.is_optional:
        inner = text
    elif uses_optional:
        inner = f"{editor.imports.get('typing', 'Optional')}[{text}]"
    else:
        # "X" | None cannot be evaluated: the quotes go around the whole.
        inner = f"{text} | None" if editor.has_future_annotations else f'"{name} | None"'
    return f"{editor.write.orm('Mapped')}[{inner}]"


def _reference(columns: Sequence[str]) -> str:
    return columns[0] if len(columns) == 1 else f"[{', '.join(columns)}]"


def _deletion(key: ForeignKey, *, is_owned: bool) -> tuple[tuple[str, str], ...]:
    """What the session must know when the database deletes or empties the rows of the other side itself."""
    if key.on_delete == "CASCADE":
        # A row that may be without its parent is no orphan when it is taken from it.
        return (("cascade", "all, delete-orphan" if is_owned else "all"), ("passive_deletes", "True"))
    return (("passive_deletes", "True"),) if key.on_delete in {"SET NULL", "SET DEFAULT"} else ()


def _name_of_parent(key: ForeignKey) -> str:
    if len(key.columns) == 1:
        for suffix in ("_id", "_uuid", "_fk", "_key"):
            if key.columns[0].endswith(suffix) and key.columns[0] != suffix:
                return attribute_name(key.columns[0].removesuffix(suffix))
    return attribute_name(singularize(key.referred_table))


def _name_of_children(workbench: Workbench, table: Table, key: ForeignKey, name: str) -> str:
    is_one = any(set(unique.columns) == set(key.columns) for unique in table.uniques)
    plain = singularize(table.name) if is_one else pluralize(table.name)
    if key.referred_table == table.name:
        return "children" if name == "parent" else f"{name}_of"
    short = _strip_shared(plain, key.referred_table)
    several = _paths(workbench.after, (table.schema, table.name), (key.referred_schema, key.referred_table)) > 1
    return attribute_name(f"{name}_{short}" if several else short)


def _plural_name(table: str, beside: str) -> str:
    return attribute_name(_strip_shared(pluralize(table), beside))


def _strip_shared(name: str, table: str) -> str:
    """`loyalty_transactions` of a `loyalty_accounts` are its `transactions`."""
    first, _, rest = name.partition("_")
    return rest if rest and table.split("_", maxsplit=1)[0] == first and "_" in table else name


def _attribute(workbench: Workbench, table: Table, column: str) -> str:
    model = workbench.find_model(table.schema, table.name)
    return (model.columns.get(column) if model is not None else None) or attribute_name(column)


def _taken(workbench: Workbench, place: Place) -> set[str]:
    return set(attributes(workbench.edit(place.path).get_class(place.name)))


def _paths(schema: Schema, child: Key, parent: Key) -> int:
    """How many foreign keys join the two tables, either way."""
    pairs = {(child, parent), (parent, child)}
    return sum(
        ((table.schema, table.name), (key.referred_schema, key.referred_table)) in pairs
        for table in schema.tables
        for key in table.foreign_keys
    )


def disambiguate(workbench: Workbench, table: Table, keys: Iterable[ForeignKey]) -> None:
    """Tell existing relationships which foreign key they follow, where new ones make a second way to the same table."""
    for key in keys:
        child, parent = (table.schema, table.name), (key.referred_schema, key.referred_table)
        old = [
            (owner, known)
            for owner in workbench.before.tables
            for known in owner.foreign_keys
            if {(owner.schema, owner.name), (known.referred_schema, known.referred_table)} == {child, parent}
        ]
        if len(old) == 1:
            _name_foreign_key(workbench, *old[0])


def _name_foreign_key(workbench: Workbench, table: Table, key: ForeignKey) -> None:
    child = workbench.places.get((table.schema, table.name))
    parent = workbench.places.get((key.referred_schema, key.referred_table))
    if child is None or parent is None:
        return
    reference = _reference([f"{child.name}.{_attribute(workbench, table, column)}" for column in key.columns])
    for owner, target in ((child, parent), (parent, child)):
        editor = workbench.edit(owner.path)
        node = editor.get_class(owner.name)
        for statement in statements(node):
            found = assigned(statement)
            if found is not None and isinstance(statement, cst.SimpleStatementLine) and _leads_to(statement, target):
                width = workbench.style.line_length - 4
                value = editor.write.literal(reference)
                changed = map_call(statement, lambda made: _with_keys(made, value, width), width)  # noqa: B023
                node = replace_statement(node, statement, changed)
        editor.set_class(node)


def _with_keys(made: cst.Call, value: str, width: int) -> cst.Call:
    known = ("foreign_keys", "secondary", "primaryjoin")
    return (
        made if any(find_argument(made, name) for name in known) else set_argument(made, "foreign_keys", value, width)
    )


def _leads_to(statement: cst.SimpleStatementLine, target: Place) -> bool:
    found = assigned(statement)
    if found is None or call_name(found[1]) != "relationship" or not isinstance(found[1], cst.Call):
        return False
    argument = code_of(found[1].args[0]) if found[1].args and found[1].args[0].keyword is None else ""
    annotation = code_of(found[2].annotation) if found[2] is not None else ""
    words = "".join(c if c.isalnum() or c == "_" else " " for c in f"{argument} {annotation}").split()
    return target.name in words


def remove_relationships(workbench: Workbench, table: Table, key: ForeignKey) -> None:
    """Both sides of a foreign key that is gone, when they can follow no other."""
    child = workbench.places.get((table.schema, table.name))
    parent = workbench.places.get((key.referred_schema, key.referred_table))
    if child is None or parent is None:
        return
    if _paths(workbench.after, (table.schema, table.name), (key.referred_schema, key.referred_table)):
        name = key.columns[0]
        workbench.notes.append(
            f"`{table.name}.{name}` no longer leads to `{key.referred_table}`: check the relationships"
        )
        return
    for owner, target in ((child, parent), (parent, child)):
        remove_to(workbench, owner, target)


def remove_to(workbench: Workbench, owner: Place, target: Place) -> None:
    """Every relationship of `owner` that leads to `target`, but not those through a table of pairs."""
    editor = workbench.edit(owner.path)
    try:
        node = editor.get_class(owner.name)
    except KeyError:
        return
    for statement in statements(node):
        found = assigned(statement)
        if found is None or not isinstance(statement, cst.SimpleStatementLine) or not _leads_to(statement, target):
            continue
        if isinstance(found[1], cst.Call) and find_argument(found[1], "secondary") is None:
            node = remove_statement(node, found[0])
            workbench.notes.append(f"relationship {owner.name}.{found[0]} is gone with its foreign key")
    editor.set_class(node)
