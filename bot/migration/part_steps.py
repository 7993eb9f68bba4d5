"""Steps for constraints and indexes of tables that stand already, and for their triggers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from alembic.operations import ops

from bot.migration.elements import (
    build_index_keys,
    can_be_directive,
    foreign_key_options,
    index_options,
    is_plain_check,
    namespace,
    unique_options,
)
from bot.migration.object_steps import comment_on, create_trigger, drop_trigger, tweak_trigger
from bot.migration.rebuilds import Part, PartPair
from bot.migration.sql_text import quote_name, quote_qualified, simplify_expression, sql_expression
from bot.migration.steps import AddPrimaryKey, Step, final_name, sql
from bot.schema.model import Check, Exclusion, ForeignKey, Index, PrimaryKey, Trigger, Unique

_TYPES: dict[type, str | None] = {
    PrimaryKey: "primary",
    Unique: "unique",
    ForeignKey: "foreignkey",
    Check: "check",
    Exclusion: None,
}


def drop_part(schema: str, table: str, part: Part) -> Step:
    """Take one part down."""
    if isinstance(part, Trigger):
        return drop_trigger(schema, table, part)
    if isinstance(part, Index):
        return Step(ops.DropIndexOp(final_name(part.name), table_name=table, schema=namespace(schema)))
    name = final_name(part.name or "")
    return Step(ops.DropConstraintOp(name, table, type_=_TYPES[type(part)], schema=namespace(schema)))


def add_part(schema: str, table: str, part: Part) -> Iterator[Step]:
    """Put one part up, with its comment."""
    if isinstance(part, Trigger):
        yield from create_trigger(schema, table, part)
        return
    if isinstance(part, Index):
        yield create_index(schema, table, part)
    else:
        yield add_constraint(schema, table, part)
    if part.comment is not None:
        yield comment_part(schema, table, part)


def tweak_part(pair: PartPair) -> Iterator[Step]:
    """What changes in place: validation, comment, firing."""
    before, after = pair.before, pair.after
    assert before is not None and after is not None  # noqa: S101 (a tweak has both)
    if isinstance(before, Trigger) and isinstance(after, Trigger):
        yield from tweak_trigger(pair.schema, pair.table, before, after)
        return
    if isinstance(after, (Check, ForeignKey)) and getattr(before, "validated", True) != after.validated:
        where = quote_qualified(pair.schema, pair.table)
        yield sql(f"ALTER TABLE {where} VALIDATE CONSTRAINT {quote_name(after.name or '')}")
    if before.comment != after.comment:
        yield comment_part(pair.schema, pair.table, after)


def comment_part(schema: str, table: str, part: Part) -> Step:
    """The comment of an index or a constraint."""
    if isinstance(part, Index):
        return comment_on(f"INDEX {quote_qualified(schema, part.name)}", part.comment)
    where = quote_qualified(schema, table)
    return comment_on(f"CONSTRAINT {quote_name(part.name or '')} ON {where}", part.comment)


def create_index(schema: str, table: str, index: Index) -> Step:
    """`op.create_index`, or the catalog's own statement where that has options that the directive cannot say."""
    if not can_be_directive(index):
        return sql(simplify_expression(index.definition))
    return Step(
        ops.CreateIndexOp(
            final_name(index.name),
            table,
            build_index_keys(index),
            schema=namespace(schema),
            unique=index.unique,
            **index_options(index),
        )
    )


def add_constraint(schema: str, table: str, part: PrimaryKey | Unique | ForeignKey | Check | Exclusion) -> Step:
    """A constraint of a table that stands."""
    space, name = namespace(schema), final_name(part.name or "")
    if isinstance(part, PrimaryKey) and not part.deferrable:
        return Step(AddPrimaryKey(name, table, list(part.columns), schema=space))
    if isinstance(part, Unique) and not part.include:
        return Step(ops.CreateUniqueConstraintOp(name, table, list(part.columns), schema=space, **unique_options(part)))
    if isinstance(part, ForeignKey):
        return Step(_foreign_key_op(space, table, part))
    if isinstance(part, Check) and is_plain_check(part):
        options = {} if part.validated else {"postgresql_not_valid": True}
        expression: Any = sql_expression(part.expression)
        return Step(ops.CreateCheckConstraintOp(name, table, expression, schema=space, **options))
    where, definition = quote_qualified(schema, table), simplify_expression(_define(part))
    return sql(f"ALTER TABLE {where} ADD CONSTRAINT {quote_name(part.name or '')} {definition}")


def _foreign_key_op(space: str | None, table: str, part: ForeignKey) -> ops.CreateForeignKeyOp:
    options = foreign_key_options(part)
    if space is not None:
        options["source_schema"] = space
    if part.referred_schema != "public":
        options["referent_schema"] = part.referred_schema
    columns, referred = list(part.columns), list(part.referred_columns)
    return ops.CreateForeignKeyOp(final_name(part.name or ""), table, part.referred_table, columns, referred, **options)


def _define(part: PrimaryKey | Unique | Check | Exclusion) -> str:
    """What Alembic's directives cannot say of a table that they do not know: NO INHERIT, INCLUDE, deferrable keys."""
    if isinstance(part, Exclusion):
        return part.definition
    if isinstance(part, Check):
        inherit = " NO INHERIT" if part.no_inherit else ""
        return f"CHECK ({part.expression}){inherit}{'' if part.validated else ' NOT VALID'}"
    deferral = (" DEFERRABLE" if part.deferrable else "") + (" INITIALLY DEFERRED" if part.initially_deferred else "")
    columns = ", ".join(map(quote_name, part.columns))
    if isinstance(part, PrimaryKey):
        return f"PRIMARY KEY ({columns}){deferral}"
    include = f" INCLUDE ({', '.join(map(quote_name, part.include))})" if part.include else ""
    return f"UNIQUE{'' if part.nulls_distinct else ' NULLS NOT DISTINCT'} ({columns}){include}{deferral}"
