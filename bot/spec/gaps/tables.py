"""Questions about the tables of a spec, beside the world in which they shall stand."""

from __future__ import annotations

from collections.abc import Iterable

from bot.spec.gaps.world import World, WorldTable, normalise
from bot.spec.model import ColumnSpec, ConstraintSpec, TableSpec
from bot.spec.names import find_nearest, is_name
from bot.spec.open_words import is_open, is_open_type
from bot.spec.sql.text import NotSql, is_constant, split_reference
from bot.spec.sql.types import SERIAL, find_type_key


def find_table_gaps(tables: Iterable[TableSpec], world: World) -> None:
    """Report what is open to the world's problems. All tables are entered first, since they may refer to each other."""
    tables = tuple(tables)
    for table in tables:
        _enter(table, world)
    for table in tables:
        if table.drop:
            world.check_table(table.name, table.line, "The spec drops the table")
            continue
        entry = world.tables.get(normalise(table.name))
        for column in table.columns:
            _check_words(column, world)
            if entry is not None and not column.drop:
                _check_column(table, column, entry, world)
        if entry is not None:
            _check_constraints(table, entry, world)


def _enter(table: TableSpec, world: World) -> None:
    """Make the world hold the table as the spec leaves it."""
    name = normalise(table.name)
    if table.drop:
        return
    if table.was is not None:
        old = world.check_table(table.was, table.line, f"The table `{table.name}` was")
        world.tables.pop(normalise(table.was), None)
        world.tables[name] = old or WorldTable({}, is_open=True)
    if name in world.tables:
        _change(table, world.tables[name], world)
    elif world.is_complete and _is_change(table):
        world.check_table(table.name, table.line, "The spec changes the table")
        world.tables[name] = WorldTable({}, is_open=True)
    else:
        is_new = world.is_complete or _is_surely_new(table)
        columns = {column.name: column.type for column in table.columns if not column.drop}
        world.tables[name] = WorldTable(columns, is_new, is_open=not is_new)


def _change(table: TableSpec, entry: WorldTable, world: World) -> None:
    dropped = {column.name: entry.columns.get(column.name) for column in table.columns if column.drop}
    added = [c for c in table.columns if c.name not in entry.columns and c.was is None and not c.drop]
    for column in table.columns:
        _check_old(table, column, entry, world)
        if column.was is not None:
            entry.columns[column.name] = entry.columns.pop(column.was, column.type or "")
            entry.unfilled |= {column.name} if column.was in entry.unfilled else set()
    for column in table.columns if not entry.is_new else ():
        _check_filled(table, column, entry, world)
    for column in added if not entry.is_new else ():
        _check_rename(table, column, dropped, world)
    for column in table.columns:
        if column.drop:
            entry.columns.pop(column.name, None)
        else:
            entry.columns[column.name] = column.type or entry.columns.get(column.name)


def _check_old(table: TableSpec, column: ColumnSpec, entry: WorldTable, world: World) -> None:
    """A column that is dropped or renamed must be there."""
    name = column.name if column.drop else column.was
    if name is None or name in entry.columns or entry.is_open:
        return
    nearest = find_nearest(name, entry.columns)
    verb = "drops" if column.drop else "renames"
    question = f"The spec {verb} the column `{name}`, which `{table.name}` does not have. Which one is meant?"
    world.gap(column.line, question, f"`{nearest}`" if nearest else "the name of a column that is there")


def _check_filled(table: TableSpec, column: ColumnSpec, entry: WorldTable, world: World) -> None:
    """Rows exist: a column that must hold something has to say what they get, each its own when it is unique."""
    if column.drop or (column.name in entry.columns and column.name not in entry.unfilled):
        return
    key = find_type_key(column.type or "")
    fills = column.default is not None or column.identity or column.generated is not None
    if (column.nullable is False or column.primary_key) and not fills and not (key and key[0][-1] in SERIAL):
        answer = 'a default, such as `default: "0"`; or the column nullable'
        world.ask_what_rows_get(table.name, column.name, column.line, answer)
    elif column.name not in entry.columns and column.unique and column.default and is_constant(column.default):
        question = f"`{table.name}` holds rows, and all would get {column.default} in `{column.name}`, which is unique."
        world.gap(column.line, question, "the column nullable, or a default such as gen_random_uuid()")


def _check_rename(table: TableSpec, column: ColumnSpec, dropped: dict[str, str | None], world: World) -> None:
    key = find_type_key(column.type or "")
    same = [name for name, type_ in dropped.items() if type_ and key and find_type_key(type_) == key]
    if same and not column.is_new:
        question = f"`{table.name}` loses `{same[0]}` and gains `{column.name}` of the same type: is it renamed?"
        world.gap(column.line, question, f"`was: {same[0]}` to keep its values, or `new: true` to lose them")


def _is_change(table: TableSpec) -> bool:
    """Whether a table is described that must exist: columns dropped or renamed, or none with a type."""
    changes = any(column.drop or column.was is not None for column in table.columns)
    return changes or not any(column.type is not None for column in table.columns)


def _is_surely_new(table: TableSpec) -> bool:
    keys = any(column.primary_key and column.type for column in table.columns)
    return table.was is None and (keys or any(c.kind == "primary_key" for c in table.constraints))


def _check_words(column: ColumnSpec, world: World) -> None:
    """Values that say themselves that they are none."""
    for key in ("type", "default", "references", "on_delete", "check", "generated"):
        text = getattr(column, key)
        if text is not None and (is_open_type if key == "type" else is_open)(text):
            answer = "such as `timestamptz`" if key == "type" else "its value, or nothing"
            world.gap(column.line, f"The {key.replace('_', ' ')} of the column `{column.name}` is `{text}`.", answer)


def _check_column(table: TableSpec, column: ColumnSpec, entry: WorldTable, world: World) -> None:
    what = f"the column `{table.name}.{column.name}`"
    if column.type is None and entry.columns.get(column.name) is None and not entry.is_open:
        world.gap(
            column.line, f"What type has {what}?", "such as `integer`, `numeric(10, 2)`, `varchar(50)`, `timestamptz`"
        )
    elif column.type is not None and not is_open_type(column.type):
        world.check_type(column.type, column.line, f"The column `{table.name}.{column.name}`")
    if column.references is not None and not is_open(column.references):
        _check_reference(column.references, column.line, f"`{table.name}.{column.name}` refers to the table", world)


def _check_reference(text: str, line: int, why: str, world: World) -> None:
    try:
        name, columns = split_reference(text)
    except NotSql:
        return
    found = world.check_table(name, line, why)
    if found is not None:
        for column in columns:
            _check_member(column.strip('"'), normalise(name), found, line, world)


def _check_constraints(table: TableSpec, entry: WorldTable, world: World) -> None:
    for constraint in table.constraints:
        if constraint.drop:
            continue
        for column in _list_columns(constraint):
            _check_member(column, table.name, entry, constraint.line, world)
        if constraint.references is not None and not is_open(constraint.references):
            _check_reference(constraint.references, constraint.line, f"`{table.name}` refers to the table", world)
        if constraint.expression is not None and is_open(constraint.expression):
            world.gap(
                constraint.line, f"A constraint of `{table.name}` is `{constraint.expression}`.", "its expression"
            )


def _list_columns(constraint: ConstraintSpec) -> tuple[str, ...]:
    if constraint.kind == "index":
        return tuple(key.strip('"') for key in constraint.columns if is_name(key))
    return constraint.columns


def _check_member(column: str, table: str, entry: WorldTable, line: int, world: World) -> None:
    if column in entry.columns or entry.is_open:
        return
    nearest = find_nearest(column, entry.columns)
    answer = f"`{nearest}`, if that is meant; or the column with its type" if nearest else "the column with its type"
    world.gap(line, f"The column `{column}` is used, but `{table}` has none of that name. Which one is meant?", answer)
