"""How a constraint's name is spelled under the repository's naming convention, worked out by SQLAlchemy itself."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bot.schema.model import Check, ForeignKey, Index, PrimaryKey, Table, Unique

Named = PrimaryKey | Unique | ForeignKey | Check | Index
POSTGRES_NAME_BYTES = 63
_KINDS: Mapping[type, str] = {PrimaryKey: "pk", Unique: "uq", ForeignKey: "fk", Check: "ck", Index: "ix"}


@dataclass(frozen=True, slots=True)
class NameArgument:
    """The `name` argument: none at all when `text` is None; `is_final` when the convention must not touch it."""

    text: str | None
    is_final: bool = False


def choose_name(convention: Mapping[str, str], table: Table, part: Named) -> NameArgument:
    """How to write the name of `part` so that the database ends up with exactly that name."""
    wanted = part.name
    if wanted is None or render_name(convention, table, part, None) == wanted:
        return NameArgument(None)
    short = _find_short_name(convention.get(_KINDS[type(part)], ""), table, wanted)
    for candidate in filter(None, (short, wanted)):
        if render_name(convention, table, part, candidate) == wanted:
            return NameArgument(candidate)
    return NameArgument(wanted, is_final=True)


def render_name(convention: Mapping[str, str], table: Table, part: Named, given: str | None) -> str | None:
    """The name in the database when the source gives `given`: by the convention, else as Postgres names it."""
    try:
        name = _build(convention, table, part, given)
    except (sa.exc.SQLAlchemyError, KeyError, TypeError, ValueError):
        return None
    return name if name is not None else _name_by_postgres(table, part)


def _find_short_name(template: str, table: Table, wanted: str) -> str | None:
    if "%(constraint_name)s" not in template:
        return None
    pattern = re.escape(template).replace(re.escape("%(constraint_name)s"), "(.+)")
    pattern = pattern.replace(re.escape("%(table_name)s"), re.escape(table.name))
    match = re.fullmatch(pattern, wanted)
    return match[1] if match else None


def _build(convention: Mapping[str, str], table: Table, part: Named, given: str | None) -> str | None:
    metadata = sa.MetaData(naming_convention={"ix": "ix_%(column_0_label)s", **convention})
    built = sa.Table(table.name, metadata, *(sa.Column(column.name, sa.Integer) for column in table.columns))
    constraint = _build_part(metadata, built, part, given)
    if constraint is None:
        return None
    preparer = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    if isinstance(constraint, sa.Index):
        name: str | None = preparer.format_index(constraint)
    else:
        name = preparer.format_constraint(constraint) if constraint.name else None
    return str(name).strip('"').replace('""', '"') if name else None


def _build_part(
    metadata: sa.MetaData, table: sa.Table, part: Named, given: str | None
) -> sa.Constraint | sa.Index | None:
    if isinstance(part, Index):
        return _build_index(table, part, given)
    if isinstance(part, ForeignKey):
        return _build_foreign_key(metadata, table, part, given)
    constraint: sa.Constraint
    if isinstance(part, PrimaryKey):
        constraint = sa.PrimaryKeyConstraint(*part.columns, name=given)
    elif isinstance(part, Unique):
        constraint = sa.UniqueConstraint(*part.columns, name=given)
    else:
        constraint = sa.CheckConstraint(sa.text("true"), name=given)
    table.append_constraint(constraint)
    return constraint


def _build_index(table: sa.Table, part: Index, given: str | None) -> sa.Index | None:
    columns = [key.column for key in part.keys if key.column]
    if not columns or (given is None and len(columns) != len(part.keys)):
        return sa.Index(given, sa.text("true"), _table=table) if given else None
    return sa.Index(given, *(table.c[column] for column in columns))


def _build_foreign_key(
    metadata: sa.MetaData, table: sa.Table, part: ForeignKey, given: str | None
) -> sa.ForeignKeyConstraint:
    if part.referred_table != table.name:
        sa.Table(part.referred_table, metadata, *(sa.Column(name, sa.Integer) for name in part.referred_columns))
    targets = [f"{part.referred_table}.{name}" for name in part.referred_columns]
    constraint = sa.ForeignKeyConstraint(part.columns, targets, name=given)
    table.append_constraint(constraint)
    return constraint


def _name_by_postgres(table: Table, part: Named) -> str | None:
    """As `ChooseConstraintName` in src/backend/catalog/pg_constraint.c does when nothing needs to be cut or counted."""
    if isinstance(part, PrimaryKey):
        name = f"{table.name}_pkey"
    elif isinstance(part, Unique):
        name = f"{table.name}_{_join(part.columns)}_key"
    elif isinstance(part, ForeignKey):
        name = f"{table.name}_{_join(part.columns)}_fkey"
    else:
        return None
    return name if len(name.encode()) <= POSTGRES_NAME_BYTES else None


def _join(columns: Sequence[str]) -> str:
    return "_".join(columns)
