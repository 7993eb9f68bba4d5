"""Indexes and constraints of tables that stand, put up and taken down beside the traffic.

First what must not run in a transaction (and can be run again when it was broken off), then what is quick, in one
transaction together with Alembic's own note of the revision. What each statement locks is in docs/online-migrations.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from alembic.operations import ops

from bot.migration.batches import fill_in_batches
from bot.migration.column_steps import alter_nullable
from bot.migration.difference import Difference
from bot.migration.elements import (
    build_index_keys,
    can_be_directive,
    foreign_key_definition,
    index_options,
    namespace,
)
from bot.migration.names import shorten_name
from bot.migration.part_steps import add_part, comment_part, drop_part, tweak_part
from bot.migration.patience import replace_constraint, run_patiently
from bot.migration.rebuilds import Part, PartPair, pair_columns
from bot.migration.sql_text import quote_literal, quote_name, quote_qualified, simplify_expression
from bot.migration.stage import Fill, fill_with_default
from bot.migration.steps import Step, final_name, sql
from bot.schema.model import Check, Column, ForeignKey, Index, IndexKey, Table, Unique


@dataclass(slots=True)
class OnlineSteps:
    """In the order in which they run: `fills`, `additions` and `builds` outside of a transaction, `quick` inside."""

    fills: list[Step] = field(default_factory=list)
    additions: list[Step] = field(default_factory=list)
    builds: list[Step] = field(default_factory=list)
    quick: list[Step] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)


def plan_online_steps(difference: Difference, fills: Collection[Fill], lock_timeout_seconds: float) -> tuple[Step, ...]:
    """The steps of a difference that is made of indexes, constraints and nullability of standing tables only."""
    return _Planner(difference, fills, lock_timeout_seconds).plan()


class _Planner:
    def __init__(self, difference: Difference, fills: Collection[Fill], lock_timeout_seconds: float) -> None:
        self.difference, self.lock_timeout_seconds = difference, lock_timeout_seconds
        self.fills = {fill.column: fill for fill in fills}
        self.steps = OnlineSteps()

    def plan(self) -> tuple[Step, ...]:
        for old, new in self.difference.pairs:
            for before, after in pair_columns(old, new):
                self._plan_column(new, before, after)
        for pair in self.difference.rebuilds.parts:
            self._plan_part(pair)
        steps = self.steps
        leftovers = [self._drop_leftovers()] if steps.indexes else []
        return (*steps.fills, *steps.additions, *leftovers, *steps.builds, *steps.quick)

    def _plan_column(self, table: Table, before: Column, after: Column) -> None:
        fill = self.fills.get((table.schema, table.name, after.name))
        if fill is not None:
            self._fill(fill, "Rows that stand get a value, too.")
        if before.nullable and not after.nullable:
            if fill is None and after.default is not None:
                self._fill(
                    fill_with_default(table.schema, table.name, after.name), "Rows without a value get the default."
                )
            self._forbid_null(table, before, after)
        elif not before.nullable and after.nullable:
            self.steps.quick.append(alter_nullable(table, before, self.difference.old, nullable=True))

    def _fill(self, fill: Fill, note: str) -> None:
        schema, table, column = fill.column
        assignments = [f"{quote_name(column)} = {fill.value}"]
        self.steps.fills.append(fill_in_batches(schema, table, assignments, fill.where, note))

    def _forbid_null(self, table: Table, before: Column, after: Column) -> None:
        """By way of a validated check, which SET NOT NULL believes instead of reading the table (Postgres 12)."""
        check = shorten_name(f"ck_{table.name}_{after.name}_is_set")
        definition = f"CHECK ({quote_name(after.name)} IS NOT NULL) NOT VALID"
        self._add_and_validate(table.schema, table.name, check, definition)
        self.steps.quick.append(alter_nullable(table, before, self.difference.old, nullable=False))
        self.steps.quick.append(_drop_constraint(table.schema, table.name, check))

    def _plan_part(self, pair: PartPair) -> None:
        before, after = pair.before, pair.after
        if pair.is_tweak:
            self._tweak(pair)
        elif isinstance(before or after, Index):
            self._plan_index(pair)
        elif isinstance(before or after, Unique):
            self._plan_unique(pair)
        elif isinstance(after, (Check, ForeignKey)) and (before is None or after.validated):
            self._plan_checked(pair, after)
        else:
            self.steps.quick += [drop_part(pair.schema, pair.table, part) for part in [before] if part is not None]
            self.steps.quick += [step for part in _given(after) for step in add_part(pair.schema, pair.table, part)]

    def _tweak(self, pair: PartPair) -> None:
        for step in tweak_part(pair):
            validates = "VALIDATE CONSTRAINT" in str(getattr(step.operation, "sqltext", ""))
            (self.steps.builds if validates else self.steps.quick).append(replace(step, autocommit=validates))

    def _plan_index(self, pair: PartPair) -> None:
        before, after = pair.before, pair.after
        schema, table = pair.schema, pair.table
        if isinstance(after, Index):
            name = shorten_name(f"{after.name}_new") if before is not None else after.name
            self._build(schema, table, replace(after, name=name), after.name)
            if isinstance(before, Index):
                self.steps.quick.append(drop_part(schema, table, before))
                self.steps.quick.append(_rename_index(schema, name, after.name))
            self._comment(pair, after)
        elif isinstance(before, Index):
            self.steps.builds.append(_drop_index(schema, table, before))

    def _plan_unique(self, pair: PartPair) -> None:
        before, after = pair.before, pair.after
        if isinstance(after, Unique):
            plain = after.name or ""
            name = shorten_name(f"{plain}_new") if before is not None else plain
            self._build(pair.schema, pair.table, _as_index(after, name, pair), plain)
            self.steps.quick += [drop_part(pair.schema, pair.table, part) for part in _given(before)]
            self.steps.quick.append(_use_index(pair, after, name))
            self._comment(pair, after)
        elif before is not None:
            self.steps.quick.append(drop_part(pair.schema, pair.table, before))

    def _plan_checked(self, pair: PartPair, after: Check | ForeignKey) -> None:
        before, plain = pair.before, after.name or ""
        if not after.validated:
            self.steps.quick += add_part(pair.schema, pair.table, after)
            return
        name = shorten_name(f"{plain}_new") if before is not None else plain
        self._add_and_validate(pair.schema, pair.table, name, _define_not_valid(after))
        if before is not None:
            self.steps.quick.append(drop_part(pair.schema, pair.table, before))
            where = quote_qualified(pair.schema, pair.table)
            renames = f"RENAME CONSTRAINT {quote_name(name)} TO {quote_name(plain)}"
            self.steps.quick.append(sql(f"ALTER TABLE {where} {renames}"))
        self._comment(pair, after)

    def _add_and_validate(self, schema: str, table: str, name: str, definition: str) -> None:
        statement = replace_constraint(schema, table, name, definition)
        self.steps.additions.append(run_patiently([statement], self.lock_timeout_seconds, autocommit=True))
        where = quote_qualified(schema, table)
        self.steps.builds.append(sql(f"ALTER TABLE {where} VALIDATE CONSTRAINT {quote_name(name)}", autocommit=True))

    def _build(self, schema: str, table: str, index: Index, old_name: str) -> None:
        self.steps.indexes.append(quote_qualified(schema, index.name))
        self.steps.builds.append(_create_index(schema, table, index, old_name))

    def _comment(self, pair: PartPair, part: Part) -> None:
        if part.comment is not None:
            self.steps.quick.append(comment_part(pair.schema, pair.table, part))

    def _drop_leftovers(self) -> Step:
        names = ", ".join(f"to_regclass({quote_literal(name)})" for name in self.steps.indexes)
        text = f"""DO $do$ DECLARE
    leftover regclass;
BEGIN
    FOR leftover IN
        SELECT indexrelid FROM pg_index WHERE NOT indisvalid AND indexrelid IN ({names})
    LOOP
        EXECUTE format('DROP INDEX %s', leftover);
    END LOOP;
END $do$"""  # noqa: S608 (names are quoted)
        note = "A build that was broken off leaves an index behind that is not valid."
        return sql(text, note, autocommit=True, is_spaced=True)


def _create_index(schema: str, table: str, index: Index, old_name: str) -> Step:
    if not can_be_directive(index):
        text = simplify_expression(index.definition).replace(" INDEX ", " INDEX CONCURRENTLY IF NOT EXISTS ", 1)
        text = text.replace(f" {quote_name(old_name)} ON ", f" {quote_name(index.name)} ON ", 1)
        return sql(text, autocommit=True)
    options: dict[str, Any] = {**index_options(index), "postgresql_concurrently": True, "if_not_exists": True}
    keys = build_index_keys(index)
    space, name = namespace(schema), final_name(index.name)
    return Step(ops.CreateIndexOp(name, table, keys, schema=space, unique=index.unique, **options), autocommit=True)


def _drop_index(schema: str, table: str, index: Index) -> Step:
    options: dict[str, Any] = {"postgresql_concurrently": True, "if_exists": True}
    operation = ops.DropIndexOp(final_name(index.name), table_name=table, schema=namespace(schema), **options)
    return Step(operation, autocommit=True)


def _rename_index(schema: str, before: str, after: str) -> Step:
    return sql(f"ALTER INDEX {quote_qualified(schema, before)} RENAME TO {quote_name(after)}")


def _use_index(pair: PartPair, part: Unique, index: str) -> Step:
    deferral = (" DEFERRABLE" if part.deferrable else "") + (" INITIALLY DEFERRED" if part.initially_deferred else "")
    where, name = quote_qualified(pair.schema, pair.table), quote_name(part.name or "")
    return sql(f"ALTER TABLE {where} ADD CONSTRAINT {name} UNIQUE USING INDEX {quote_name(index)}{deferral}")


def _as_index(part: Unique, name: str, pair: PartPair) -> Index:
    keys = tuple(IndexKey(column) for column in part.columns)
    return Index(name, keys, True, include=part.include, nulls_distinct=part.nulls_distinct)


def _define_not_valid(part: Check | ForeignKey) -> str:
    if isinstance(part, ForeignKey):
        return f"{foreign_key_definition(part)} NOT VALID"
    inherit = " NO INHERIT" if part.no_inherit else ""
    return f"CHECK ({simplify_expression(part.expression)}){inherit} NOT VALID"


def _drop_constraint(schema: str, table: str, name: str) -> Step:
    return Step(ops.DropConstraintOp(final_name(name), table, type_="check", schema=namespace(schema)))


def _given(part: Part | None) -> Iterator[Part]:
    if part is not None:
        yield part
