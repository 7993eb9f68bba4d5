"""The structure of a database as frozen values, in the server's own spelling.

Types, defaults, checks, index and view definitions are strings exactly as the catalog renders them
(`format_type`, `pg_get_expr`, `pg_get_constraintdef`, `pg_get_indexdef`, `pg_get_viewdef`; for SQLite the stored SQL,
token by token), so two spellings of one thing never differ.

What a class does not say was left out on purpose: owners, privileges, tablespaces and security labels, the current
values of sequences, whether a materialised view is filled, planner settings of single columns (statistics, storage,
compression), storage parameters of TOAST tables and of the indexes of constraints, names of NOT NULL constraints,
comments of namespaces and of a view's columns, base types, casts, operators and their classes, languages,
publications and subscriptions, and the options of foreign servers, which may hold secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Dialect = Literal["postgresql", "sqlite"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `default` and `generated` are expressions; `identity` as in `GENERATED … AS IDENTITY`.

    `virtual` says of a generated column that it is computed when it is read, not stored. `identity_options` are the
    ones of the identity's sequence that are not the usual, in SQL words ("START WITH 1000"). `not_null_validated` is
    False for NOT NULL … NOT VALID.
    """

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    identity: Literal["always", "by default"] | None = None
    generated: str | None = None
    collation: str | None = None
    comment: str | None = None
    virtual: bool = False
    identity_options: tuple[str, ...] = ()
    not_null_validated: bool = True


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """`columns` in key order. `without_overlaps` concerns the last one."""

    name: str | None
    columns: tuple[str, ...]
    deferrable: bool = False
    initially_deferred: bool = False
    comment: str | None = None
    include: tuple[str, ...] = ()
    without_overlaps: bool = False


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint (not a bare unique index). `without_overlaps` concerns the last column."""

    name: str | None
    columns: tuple[str, ...]
    nulls_distinct: bool = True
    include: tuple[str, ...] = ()
    deferrable: bool = False
    initially_deferred: bool = False
    comment: str | None = None
    without_overlaps: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`on_update` and `on_delete` in SQL words ("NO ACTION", "CASCADE", …); `validated` is False for NOT VALID.

    `set_columns` are those of `ON DELETE SET NULL (…)`, empty for all. `period` says that the last column is one.
    A key that is not `enforced` is not validated either.
    """

    name: str | None
    columns: tuple[str, ...]
    referred_schema: str
    referred_table: str
    referred_columns: tuple[str, ...]
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"
    match: str = "SIMPLE"
    deferrable: bool = False
    initially_deferred: bool = False
    validated: bool = True
    comment: str | None = None
    set_columns: tuple[str, ...] = ()
    period: bool = False
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """`expression` without the word CHECK and without outer parentheses added by the catalog."""

    name: str | None
    expression: str
    validated: bool = True
    no_inherit: bool = False
    comment: str | None = None
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Exclusion:
    """`definition` as `pg_get_constraintdef` gives it."""

    name: str
    definition: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class IndexKey:
    """One key of an index: a column name or an expression, never both."""

    column: str | None = None
    expression: str | None = None
    opclass: str | None = None
    collation: str | None = None
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """An index that no constraint owns. `definition` is the whole statement as the catalog renders it."""

    name: str
    keys: tuple[IndexKey, ...]
    unique: bool = False
    method: str = "btree"
    include: tuple[str, ...] = ()
    predicate: str | None = None
    nulls_distinct: bool = True
    valid: bool = True
    definition: str = ""
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """`definition` as `pg_get_triggerdef` gives it; `enabled` as in `pg_trigger.tgenabled`."""

    name: str
    definition: str
    enabled: str = "O"
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Columns in the order of the catalog; every other part sorted by name (then by content when unnamed).

    `partition` is "PARTITION BY …", "PARTITION OF … FOR VALUES …", or the latter followed by the former. `parents` are
    the (schema, name) of those it is a partition of or inherits from; constraints, indexes and triggers that only come
    from them are not listed, columns are. `options` are whatever else is not the usual: storage parameters
    ("fillfactor=70"), "UNLOGGED", "ROW LEVEL SECURITY", "STRICT", "WITHOUT ROWID", ….
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    indexes: tuple[Index, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    comment: str | None = None
    partition: str | None = None
    parents: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumerated type; `values` in sort order."""

    schema: str
    name: str
    values: tuple[str, ...]
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A sequence that no identity column owns; `owned_by` is (schema, table, column) for serial columns."""

    schema: str
    name: str
    type: str
    start: int
    minimum: int
    maximum: int
    increment: int
    cycle: bool
    cache: int = 1
    owned_by: tuple[str, str, str] | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """A view or a materialised one (whose indexes count). `options` as "security_barrier=true"."""

    schema: str
    name: str
    definition: str
    materialized: bool = False
    indexes: tuple[Index, ...] = ()
    comment: str | None = None
    triggers: tuple[Trigger, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """`name` with its identity arguments, as `add(integer, integer)`; `definition` from `pg_get_functiondef`."""

    schema: str
    name: str
    definition: str
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """`checks` are (name, expression) pairs; `unvalidated` names those that are NOT VALID."""

    schema: str
    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    checks: tuple[tuple[str, str], ...] = ()
    comment: str | None = None
    collation: str | None = None
    unvalidated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Other:
    """An object that is compared as a whole, by its definition, and that nothing else of the model says.

    `kind` is its word in SQL ("composite type", "range type", "aggregate", "policy", "rule", "statistics",
    "foreign table", "foreign server", "event trigger", "collation", "text search configuration", "shadow table").
    `schema` is "" for what lives in no namespace; `table` is set for what belongs to a table.
    """

    schema: str
    name: str
    kind: str
    definition: str
    table: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """A snapshot of a database. Every tuple is sorted by (schema, name).

    `schemas` are the namespaces that are not the system's; `extensions` are (name, version) without plpgsql.
    Objects that belong to an extension are not listed.
    """

    dialect: Dialect
    schemas: tuple[str, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()
    domains: tuple[Domain, ...] = ()
    enums: tuple[Enum, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    functions: tuple[Function, ...] = ()
    others: tuple[Other, ...] = ()

    def find_table(self, name: str, schema: str | None = None) -> Table | None:
        """The table of that name, in the default namespace (`public`, `main`) when none is given."""
        namespace = schema or ("public" if self.dialect == "postgresql" else "main")
        return next((table for table in self.tables if (table.schema, table.name) == (namespace, name)), None)
