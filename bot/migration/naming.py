"""Names of constraints and indexes that a spec leaves unnamed: as the repository names its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bot.schema.model import Schema, Table

Kind = Literal["pk", "uq", "fk", "ck", "ix"]
MINIMUM_EXAMPLES = 1

# Spellings that are in use, the most usual first; those of Postgres itself (None) need no name in the DDL.
_CANDIDATES: Mapping[Kind, tuple[str, ...]] = {
    "pk": ("pk_%(table_name)s", "%(table_name)s_pk", "pk__%(table_name)s"),
    "uq": (
        "uq_%(table_name)s_%(column_0_name)s",
        "uq_%(table_name)s_%(column_0_N_name)s",
        "uq__%(table_name)s__%(column_0_N_name)s",
        "%(table_name)s_%(column_0_N_name)s_uq",
        "uix_%(table_name)s_%(column_0_N_name)s",
    ),
    "fk": (
        "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "fk_%(table_name)s_%(column_0_name)s",
        "fk_%(table_name)s_%(referred_table_name)s",
        "fk__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
    ),
    "ck": ("ck_%(table_name)s_%(constraint_name)s", "ck__%(table_name)s__%(constraint_name)s"),
    "ix": (
        "ix_%(table_name)s_%(column_0_name)s",
        "ix_%(table_name)s_%(column_0_N_name)s",
        "idx_%(table_name)s_%(column_0_N_name)s",
        "ix__%(table_name)s__%(column_0_N_name)s",
        "%(table_name)s_%(column_0_N_name)s_index",
    ),
}
_POSTGRES: Mapping[Kind, str] = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
}
_PREPARER = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy


@dataclass(frozen=True, slots=True)
class Named:
    """What a name is made of. `label` tells a check from the others of its table."""

    kind: Kind
    table: str
    columns: tuple[str, ...]
    referred_table: str = ""
    referred_columns: tuple[str, ...] = ()
    label: str = ""
    name: str = ""


def learn_naming(schema: Schema) -> dict[str, str]:
    """The naming convention that most names of the schema follow, by kind, as SQLAlchemy writes conventions.

    A kind is left out where the names are Postgres's own, or where there is nothing to learn from.
    https://docs.sqlalchemy.org/en/20/core/constraints.html#constraint-naming-conventions
    """
    learned: dict[str, str] = {}
    names = [named for table in schema.tables for named in _list_named(table)]
    for kind, candidates in _CANDIDATES.items():
        votes: Counter[str] = Counter()
        for named in (item for item in names if item.kind == kind):
            votes.update(c for c in (*candidates, _POSTGRES[kind]) if _fits(c, named))
        best = max((*candidates, _POSTGRES[kind]), key=lambda candidate: votes[candidate])
        if votes[best] >= MINIMUM_EXAMPLES and best != _POSTGRES[kind]:
            learned[kind] = best
    return learned


def render_name(convention: Mapping[str, str], named: Named) -> str | None:
    """The name by the convention, cut to length as SQLAlchemy cuts it; None when the server is to choose."""
    template = convention.get(named.kind)
    if template is None:
        return None
    return _fill(template, named)


def _list_named(table: Table) -> Iterator[Named]:
    if table.primary_key and table.primary_key.name:
        yield Named("pk", table.name, table.primary_key.columns, name=table.primary_key.name)
    for unique in table.uniques:
        yield Named("uq", table.name, unique.columns, name=unique.name or "")
    for key in table.foreign_keys:
        yield Named("fk", table.name, key.columns, key.referred_table, key.referred_columns, name=key.name or "")
    for check in table.checks:
        yield Named("ck", table.name, (), name=check.name or "")
    for index in table.indexes:
        columns = tuple(key.column for key in index.keys if key.column)
        if len(columns) == len(index.keys):
            yield Named("ix", table.name, columns, name=index.name)


def _fits(template: str, named: Named) -> bool:
    if "%(constraint_name)s" in template:
        pattern = re.escape(template % {"table_name": named.table, "constraint_name": "\0"}).replace("\0", ".+")
        return re.fullmatch(pattern, named.name) is not None
    return _fill(template, named) == named.name


def _fill(template: str, named: Named) -> str | None:
    """By SQLAlchemy's own rules for tokens and length; None for a convention that is not plain text."""
    metadata = sa.MetaData(naming_convention={named.kind: template})
    columns = [sa.Column(name, sa.Integer) for name in dict.fromkeys(named.columns)]
    try:
        table = sa.Table(named.table, metadata, *columns)
        part = _build(metadata, table, named)
        text = _PREPARER.format_index(part) if isinstance(part, sa.Index) else _PREPARER.format_constraint(part)
    except (sa.exc.SQLAlchemyError, KeyError, TypeError, ValueError):
        return None
    return str(text).strip('"').replace('""', '"').replace("%%", "%") if text else None


def _build(metadata: sa.MetaData, table: sa.Table, named: Named) -> sa.Constraint | sa.Index:
    columns: Sequence[str] = named.columns
    if named.kind == "ix":
        return sa.Index(None, *(table.c[name] for name in columns))
    constraint: sa.Constraint
    if named.kind == "pk":
        constraint = sa.PrimaryKeyConstraint(*columns)
    elif named.kind == "uq":
        constraint = sa.UniqueConstraint(*columns)
    elif named.kind == "ck":
        constraint = sa.CheckConstraint(sa.text("true"), name=named.label or "check")
    else:
        referred = named.referred_columns or ("id",) * len(columns)
        if named.referred_table != named.table:
            sa.Table(named.referred_table, metadata, *(sa.Column(name, sa.Integer) for name in dict.fromkeys(referred)))
        constraint = sa.ForeignKeyConstraint(columns, [f"{named.referred_table}.{name}" for name in referred])
    table.append_constraint(constraint)
    return constraint
