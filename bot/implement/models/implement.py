"""The changes of a schema carried into the models of a repository."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from bot.config import RepositoryConfig
from bot.implement.changeset import Changeset
from bot.implement.models.changed_table import ChangedTable
from bot.implement.models.enum_edit import alter_enum
from bot.implement.models.enum_source import add_enum, place_enums
from bot.implement.models.exports import export, withdraw
from bot.implement.models.new_table import add_table, is_core_table, place_table, start_file
from bot.implement.models.placement import choose_paths
from bot.implement.models.relationships import add_relationships, disambiguate, remove_relationships, remove_to
from bot.implement.models.scan import scan
from bot.implement.models.style import read_style
from bot.implement.models.usages import find_usages
from bot.implement.models.workbench import Workbench
from bot.migration.types import split_name
from bot.schema import model
from bot.schema.change import Change
from bot.schema.model import Column, Enum, ForeignKey, Schema, Table

Key = tuple[str, str]
# What no model states: the migration alone carries it.
_MIGRATION_ONLY = {"extension", "sequence", "function", "view", "trigger", "domain", "schema"}


def implement_models(
    tree: Path, changes: Sequence[Change], before: Schema, after: Schema, config: RepositoryConfig
) -> Changeset:
    """Edit the models under `tree` so that the tables they make are those of `after`.

    Raises `ImplementError` when there are no models of a kind that is known.
    """
    repository = scan(tree, before)
    workbench = Workbench(tree, repository, read_style(tree, repository), before, after)
    place_enums(workbench)
    new = _sort_by_dependence(
        [change.after for change in changes if change.action == "add" and isinstance(change.after, Table)]
    )
    paths = choose_paths(workbench, new, config)
    files = {path: (workbench.tree / path).exists() for path in paths.values()}
    _alter_enums(workbench, changes)
    for path in dict.fromkeys(paths.values()):
        inside = [table for table in new if paths[table.schema, table.name] == path]
        subject = inside[0].comment if len(inside) == 1 and inside[0].comment else path.stem.replace("_", " ")
        start_file(workbench, path, subject[:1].upper() + subject[1:].rstrip("."))
    _add_enums(workbench, changes, new, paths)
    for table in new:
        place_table(workbench, table, paths[table.schema, table.name])
    _change_tables(workbench, changes)
    for table in new:
        add_table(workbench, workbench.edit(paths[table.schema, table.name]), table)
    _relate(workbench, changes, new)
    _drop_tables(workbench, changes)
    new_places = [workbench.places[table.schema, table.name] for table in new if not is_core_table(workbench, table)]
    export(workbench, new_places, [path for path, existed in files.items() if not existed])
    _explain_rest(workbench, changes)
    _warn_of_usages(workbench, changes)
    return Changeset(
        files=workbench.save(),
        done=tuple(workbench.done),
        not_done=tuple(dict.fromkeys(workbench.not_done)),
        notes=tuple(dict.fromkeys(workbench.notes)),
    )


def _sort_by_dependence(tables: list[Table]) -> list[Table]:
    """Tables that others refer to come first; by name where that does not decide."""
    rest = {(table.schema, table.name): table for table in sorted(tables, key=lambda table: (table.schema, table.name))}
    ordered: list[Table] = []
    while rest:
        free = [key for key, table in rest.items() if not _needs(table) & (rest.keys() - {key})]
        ordered.append(rest.pop(free[0] if free else next(iter(rest))))
    return ordered


def _needs(table: Table) -> set[Key]:
    return {(key.referred_schema, key.referred_table) for key in table.foreign_keys}


def _alter_enums(workbench: Workbench, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.kind == "enum" and change.action == "alter" and isinstance(change.after, Enum):
            alter_enum(workbench, change.after)


def _add_enums(workbench: Workbench, changes: Sequence[Change], new: Sequence[Table], paths: dict[Key, Path]) -> None:
    if not workbench.style.has_enum_classes:
        return
    order = {(table.schema, table.name): position for position, table in enumerate(new)}
    enums = [change.after for change in changes if change.action == "add" and isinstance(change.after, Enum)]
    for enum in enums:
        if (enum.schema, enum.name) in workbench.enum_places:
            continue
        users = [table for table in workbench.after.tables if _uses(table, enum)]
        old = [workbench.find_model(table.schema, table.name) for table in users]
        model = next((model for model in old if model is not None), None)
        if model is not None:
            add_enum(workbench, enum, model.file.path, model.name)
        elif any((table.schema, table.name) in order for table in users):
            first = min((table for table in users), key=lambda table: order.get((table.schema, table.name), len(order)))
            add_enum(workbench, enum, paths[first.schema, first.name], None)
        else:
            workbench.not_done.append(f"the enum `{enum.name}`: no column has it, so no model states it")


def _uses(table: Table, enum: Enum) -> bool:
    return any(split_name(column.type.removesuffix("[]")) == (enum.schema, enum.name) for column in table.columns)


def _change_tables(workbench: Workbench, changes: Sequence[Change]) -> None:
    by_table: defaultdict[Key, list[Change]] = defaultdict(list)
    for change in changes:
        owner = change.table if change.table is not None else change.name if change.kind == "table" else None
        is_whole = change.kind == "table" and change.action != "alter"
        if owner is not None and not is_whole and not change.is_cosmetic and change.kind not in _MIGRATION_ONLY:
            by_table[change.schema, owner].append(change)
    for (schema, name), parts in sorted(by_table.items()):
        model = workbench.find_model(schema, name)
        before, after = workbench.before.find_table(name, schema), workbench.after.find_table(name, schema)
        if before is None or after is None:
            continue
        if model is None:
            what = "is a Table object" if workbench.repository.find_core_table(schema, name) else "has no class"
            workbench.not_done.append(f"the changes of `{name}`: it {what}, which is edited by hand")
            continue
        for change in parts:
            if change.action != "add" and isinstance(change.before, ForeignKey):
                remove_relationships(workbench, before, change.before)
        ChangedTable(workbench, model, before, after).apply(parts)


def _relate(workbench: Workbench, changes: Sequence[Change], new: Sequence[Table]) -> None:
    added: defaultdict[Key, list[ForeignKey]] = defaultdict(list)
    for change in changes:
        if isinstance(change.after, ForeignKey) and change.table is not None and _is_new_link(change):
            added[change.schema, change.table].append(change.after)
    tables = [(table, list(table.foreign_keys)) for table in new]
    for (schema, name), keys in sorted(added.items()):
        table = workbench.after.find_table(name, schema)
        if table is not None:
            tables.append((table, keys))
    for table, keys in tables:
        disambiguate(workbench, table, keys)
        add_relationships(workbench, table, keys)


def _is_new_link(change: Change) -> bool:
    before, after = change.before, change.after
    if not isinstance(before, ForeignKey) or not isinstance(after, ForeignKey):
        return True
    return (before.columns, before.referred_table) != (after.columns, after.referred_table)


def _drop_tables(workbench: Workbench, changes: Sequence[Change]) -> None:
    for change in changes:
        if change.kind != "table" or change.action != "drop" or not isinstance(change.before, Table):
            continue
        place = workbench.places.get((change.schema, change.name))
        if place is None:
            workbench.not_done.append(f"the dropped table `{change.name}`: no class of it was found")
            continue
        for other in dict.fromkeys(workbench.places.values()):
            if other != place:
                remove_to(workbench, other, place)
        workbench.edit(place.path).remove_class(place.name)
        withdraw(workbench, place)
        workbench.done.append(f"model {place.name} of the dropped table `{change.name}`: removed")


def _explain_rest(workbench: Workbench, changes: Sequence[Change]) -> None:
    for change in changes:
        part = change.after or change.before
        if isinstance(part, model.Sequence) and part.owned_by is not None:
            continue
        if change.kind in _MIGRATION_ONLY:
            workbench.notes.append(f"{change.kind} `{change.name}`: in the migration only, models do not state it")
        elif change.kind == "enum" and change.action == "drop":
            workbench.notes.append(
                f"the enum `{change.name}` is gone from the database; its Python class is left alone"
            )


def _warn_of_usages(workbench: Workbench, changes: Sequence[Change]) -> None:
    """Code that names what is gone still has to be changed: by a person."""
    for change in changes:
        if change.action != "drop" or not isinstance(change.before, (Column, Table)):
            continue
        owner = workbench.places.get((change.schema, change.table or change.name))
        if owner is None:
            continue
        name = owner.name if isinstance(change.before, Table) else change.name
        for usage in find_usages(workbench, name, owner, is_attribute=isinstance(change.before, Column)):
            workbench.not_done.append(f"{usage}: still uses `{name}`, which is gone")
