"""Tests of keys, unique constraints, checks, references and indexes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.implement.schema_tests.base_rows import NoValidRow, index_columns, is_required, plan_row, render_value
from bot.implement.schema_tests.candidates import satisfy, violate
from bot.implement.schema_tests.case import Case, Skipped, adder, given, identifier, qualified
from bot.migration.python_layout import quote_string
from bot.schema.model import Check, Column, ForeignKey, Index, PrimaryKey, Schema, Table, Unique

Key = tuple[str, str]


def unique_case(schema: Schema, table: Table, part: Unique | PrimaryKey | Index) -> Case | Skipped:
    """A second row with the same key is refused."""
    columns = _key_columns(table, part)
    subject = f"`{table.name}`: {part.name}"
    predicate = part.predicate if isinstance(part, Index) else None
    extra = satisfy(schema, table, predicate, plan_row(schema, table).plain) if predicate else {}
    if extra is None or not columns:
        return Skipped(subject, "no row was found that it applies to")
    setup, values, tables = _same_values(schema, table, columns, extra)
    body = [
        *setup,
        f"same = {{{', '.join(f'{quote_string(name)}: {value}' for name, value in values.items())}}}",
        f"{adder(table)}(db, **same)",
        f"with refused(db, {quote_string(part.name or '')}):",
        f"    {adder(table)}(db, **same)",
    ]
    is_optional = (
        isinstance(part, Unique) and part.nulls_distinct and any(_get(table, name).nullable for name in columns)
    )
    if is_optional and not any(is_required(_get(table, name)) for name in columns):
        body += [f"{adder(table)}(db)", f"{adder(table)}(db)"]
    tail = "; rows without it may be many" if len(body) > len(setup) + 4 else ""
    what = _and(columns)
    return Case(
        "unique",
        table,
        columns,
        f"{identifier(table.name)}_{'_'.join(map(identifier, columns))}_is_unique",
        f"{what} of `{table.name}` {'occur together' if len(columns) > 1 else 'occurs'} once{tail}",
        tuple(body),
        ((table.schema, table.name), *tables),
    )


def _key_columns(table: Table, part: Unique | PrimaryKey | Index) -> tuple[str, ...]:
    return index_columns(table, part) if isinstance(part, Index) else part.columns


def _same_values(
    schema: Schema, table: Table, columns: tuple[str, ...], extra: dict[str, Any]
) -> tuple[list[str], dict[str, str], list[Key]]:
    """Lines that prepare, the sources of the values that both rows share, and the tables that they need rows of."""
    setup: list[str] = []
    values: dict[str, str] = {}
    tables: list[Key] = []
    for key in table.foreign_keys:
        if set(key.columns) & set(columns):
            parent = _parent(schema, key)
            variable = f"parent_{identifier('_'.join(key.columns))}"
            setup.append(f"{variable} = {adder(parent)}(db)")
            pairs = zip(key.columns, key.referred_columns, strict=True)
            values |= {own: f"{variable}[{quote_string(other)}]" for own, other in pairs}
            tables.append((parent.schema, parent.name))
    loose = [name for name in columns if name not in values]
    wanted = replace(table, columns=tuple(_as_required(item) if item.name in loose else item for item in table.columns))
    plain = {**plan_row(schema, wanted).plain, **extra}
    for name in [*loose, *(name for name in extra if name not in loose)]:
        if name in plain and name not in values:
            values[name] = render_value(schema, _get(table, name), plain[name])
    return setup, values, tables


def _as_required(column: Column) -> Column:
    return replace(column, nullable=False, default=None, identity=None)


def check_case(schema: Schema, table: Table, part: Check) -> Case | Skipped:
    """A row that breaks the check is refused by it."""
    base = plan_row(schema, table)
    values = violate(schema, table, part, base.plain)
    subject = f"`{table.name}`: {part.name}"
    if not values:
        return Skipped(subject, "no values were found that break it alone")
    if set(values) & {name for key in table.foreign_keys for name in key.columns}:
        return Skipped(subject, "it concerns a reference")
    sources = {name: render_value(schema, _get(table, name), value) for name, value in values.items()}
    return Case(
        "check",
        table,
        tuple(values),
        f"{identifier(table.name)}_{_short(table, part.name or 'check')}",
        f"a row of `{table.name}` must have {part.expression}",
        (f"with refused(db, {quote_string(part.name or '')}):", f"    {adder(table)}(db, {given(sources)})"),
        ((table.schema, table.name),),
    )


def _short(table: Table, name: str) -> str:
    text = identifier(name)
    for prefix in (f"ck_{table.name}_", f"{table.name}_", "ck_"):
        text = text.removeprefix(identifier(prefix))
    return f"{text.removesuffix('_check')}_is_checked"


def reference_case(schema: Schema, table: Table, key: ForeignKey) -> Case | Skipped:
    """A row that refers to nothing is refused; what happens when the other row goes is as it was said."""
    parent = _parent(schema, key)
    missing = {name: _missing(_get(table, name)) for name in key.columns}
    pairs = list(zip(key.columns, key.referred_columns, strict=True))
    own = {column: f"parent[{quote_string(other)}]" for column, other in pairs}
    where = given({other: f"parent[{quote_string(other)}]" for _, other in pairs})
    is_kept_apart = key.on_delete in {"CASCADE", "SET NULL"}
    rows = [f"parent = {adder(parent)}(db)"]
    rows.append(f"{'row = ' if is_kept_apart else ''}{adder(table)}(db, {given(own)})")
    identity = _identity(table)
    if identity is None:
        return Skipped(f"`{table.name}`: {key.name}", "its table has no key to find the row by")
    kept = given({name: f"row[{quote_string(name)}]" for name in identity})
    refusal = f"with refused(db, {quote_string(key.name or '')}):"
    body = [refusal, f"    {adder(table)}(db, {given(missing)})", *rows]
    sentence = f"{_and(key.columns)} of `{table.name}` refers to a row of `{parent.name}`"
    delete = f"delete(db, {qualified(parent)}, {where})"
    if key.on_delete == "CASCADE":
        body += [delete, f"left = find(db, {qualified(table)}, {kept})", "assert left is None"]
        sentence += " and goes with it"
    elif key.on_delete == "SET NULL" and not set(identity) & set(key.columns):
        body += [delete, f"left = find(db, {qualified(table)}, {kept})", "assert left is not None"]
        body += [f"assert left[{quote_string(name)}] is None" for name in key.columns]
        sentence += " and stays without it"
    elif key.on_delete in {"NO ACTION", "RESTRICT"}:
        body += [refusal, f"    {delete}"]
        sentence += ", which stays as long as it is needed"
    return Case(
        "reference",
        table,
        key.columns,
        f"{identifier(table.name)}_{'_'.join(map(identifier, key.columns))}_refers_to_{identifier(parent.name)}",
        sentence,
        tuple(body),
        ((table.schema, table.name), (parent.schema, parent.name)),
        (parent.name,),
    )


def _identity(table: Table) -> tuple[str, ...] | None:
    return table.primary_key.columns if table.primary_key is not None else None


def _missing(column: Column) -> str:
    if column.type in {"smallint", "integer", "bigint"} or column.type.startswith("numeric"):
        return "-1"
    if column.type == "uuid":
        return '"00000000-0000-0000-0000-000000000000"'
    return '"~"'


def _parent(schema: Schema, key: ForeignKey) -> Table:
    parent = schema.find_table(key.referred_table, key.referred_schema)
    if parent is None:
        raise NoValidRow(f"`{key.referred_table}` is not there")
    return parent


def index_case(table: Table, index: Index) -> Case:
    """The index is there, on its columns."""
    names = [key.column for key in index.keys]
    columns = ", ".join(quote_string(name) if name else "None" for name in names)
    where = quote_string(table.name)
    schema = "" if table.schema == "public" else f", {quote_string(table.schema)}"
    lines = [
        f"columns = index_columns(db, {where}, {quote_string(index.name)}{schema})",
        f"assert columns == [{columns}]",
    ]
    return Case(
        "index",
        table,
        _key_columns(table, index),
        f"{identifier(table.name)}_has_{identifier(index.name)}",
        f"`{table.name}` is read by {_and(_key_columns(table, index)) or 'an expression'} through an index",
        tuple(lines),
    )


def _get(table: Table, name: str) -> Column:
    return next(column for column in table.columns if column.name == name)


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)
