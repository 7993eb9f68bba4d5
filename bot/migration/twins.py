"""A column whose new type would rewrite the table gets a twin that is filled beside the traffic and takes its place.

    expand    the twin is added, a trigger writes it along with the column
    build     rows that stand are filled in batches
    change    twin and column change names, the trigger now writes the old one along with the new
    contract  the old one goes

https://martinfowler.com/bliki/ParallelChange.html. Only columns that nothing else stands on: for others the change is
made in place, and the revision says what that blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.migration.casts import render_using
from bot.migration.difference import Difference
from bot.migration.names import shorten_name
from bot.migration.rebuilds import ColumnName, pair_columns
from bot.migration.renames import Rename
from bot.migration.rewrites import is_rewrite_free
from bot.migration.sql_text import find_words, quote_name, quote_qualified
from bot.migration.stage import Fill, Stage, StageEnd
from bot.schema.model import Column, ForeignKey, Function, PrimaryKey, Schema, Table, Trigger, Unique

_STAGES = (Stage.EXPAND, Stage.BUILD, Stage.CHANGE, Stage.CONTRACT)


@dataclass(frozen=True, slots=True)
class Twin:
    """One column that changes its type, `before` and `after`."""

    schema: str
    table: str
    before: Column
    after: Column

    @property
    def fresh(self) -> str:
        """What the new column is called until it takes the name."""
        return shorten_name(f"{self.after.name}_new")

    @property
    def stale(self) -> str:
        """What the old column is called from then on."""
        return shorten_name(f"{self.after.name}_old")

    @property
    def code(self) -> str:
        """The name of the trigger and of its function."""
        return shorten_name(f"sync_{self.table}_{self.after.name}")


def find_twins(difference: Difference) -> tuple[Twin, ...]:
    """The columns for which it is worth while and possible."""
    if difference.rebuilds.types or difference.rebuilds.replaced:
        return ()
    return tuple(
        Twin(new.schema, new.name, before, after)
        for old, new in difference.pairs
        for before, after in pair_columns(old, new)
        if _needs_twin(before, after) and _stands_alone(difference, old, new, after.name)
    )


def hold_back(schema: Schema, twins: Iterable[Twin]) -> Schema:
    """The schema with these columns as they were."""
    for twin in twins:
        schema = _change_columns(schema, twin, {twin.after.name: (twin.before,)})
    return schema


def weave_in(start: Schema, ends: Sequence[StageEnd], twins: Sequence[Twin], goal: Schema) -> tuple[StageEnd, ...]:
    """The stages of everything else, with the twins' own stages among them."""
    by_stage = {end.stage: end for end in ends}
    woven: list[StageEnd] = []
    schema = start
    for stage in Stage:
        end = by_stage.get(stage)
        if end is None and stage not in _STAGES:
            continue
        schema = end.schema if end is not None else schema
        fills = end.fills if end is not None else ()
        woven.append(_weave(StageEnd(stage, schema, fills), twins))
    woven[-1] = replace(woven[-1], schema=goal)
    return tuple(woven)


def _weave(end: StageEnd, twins: Sequence[Twin]) -> StageEnd:
    schema = end.schema
    for twin in twins:
        if end.stage < Stage.CHANGE:
            schema = _expand(schema, twin, is_filled=end.stage >= Stage.BUILD)
        elif end.stage < Stage.CONTRACT:
            schema = _switch(schema, twin)
    fills, renames, backfills = end.fills, end.renames, end.backfills
    if end.stage is Stage.BUILD:
        fills = (*fills, *(_fill_fresh(twin) for twin in twins))
    elif end.stage is Stage.CHANGE:
        renames = (*renames, *(rename for twin in twins for rename in _rename(twin)))
    elif end.stage is Stage.CONTRACT:
        backfills = (*backfills, *(_fill_stale(twin) for twin in twins))
    return replace(end, schema=schema, fills=fills, renames=renames, backfills=backfills)


def _needs_twin(before: Column, after: Column) -> bool:
    plain = replace(before, type=after.type, default=after.default, comment=after.comment) == after
    is_counted = "nextval(" in f"{before.default}{after.default}"
    computed = before.identity or before.generated or before.collation
    return plain and not computed and not is_counted and not is_rewrite_free(before.type, after.type)


def _stands_alone(difference: Difference, old: Table, new: Table, name: str) -> bool:
    taken = {column.name for table in (old, new) for column in table.columns}
    if {shorten_name(f"{name}_new"), shorten_name(f"{name}_old")} & taken:
        return False
    if any(table.partition or table.parents for table in (old, new)):
        return False
    schemas = (difference.old, difference.new)
    words = {word for table in (old, new) for word in _list_words(table)}
    words |= {word for schema in schemas for word in _list_words_of_others(schema, new)}
    return name not in words


def _list_words(table: Table) -> Iterator[str]:
    keys = [table.primary_key] if table.primary_key else []
    parts: list[PrimaryKey | Unique | ForeignKey] = [*keys, *table.uniques, *table.foreign_keys]
    for part in parts:
        yield from (*part.columns, *getattr(part, "include", ()))
    texts = [check.expression for check in table.checks]
    texts += [item.definition for item in table.exclusions] + [item.definition for item in table.triggers]
    texts += [index.definition.partition(" USING ")[2] for index in table.indexes]
    texts += [column.generated for column in table.columns if column.generated]
    yield from find_words(" ".join(texts))


def _list_words_of_others(schema: Schema, table: Table) -> Iterator[str]:
    for view in schema.views:
        words = find_words(view.definition)
        yield from words if table.name in words else ()
    for other in schema.tables:
        for key in other.foreign_keys:
            if (key.referred_schema, key.referred_table) == (table.schema, table.name):
                yield from key.referred_columns


def _expand(schema: Schema, twin: Twin, *, is_filled: bool) -> Schema:
    nullable = twin.after.nullable or not is_filled
    fresh = replace(twin.after, name=twin.fresh, default=None, comment=None, nullable=nullable)
    schema = _change_columns(schema, twin, {twin.before.name: (twin.before, fresh)})
    value = _cast(f"NEW.{quote_name(twin.before.name)}", twin.before, twin.after)
    return _add_code(schema, twin, f"NEW.{quote_name(twin.fresh)} := {value};")


def _switch(schema: Schema, twin: Twin) -> Schema:
    stale = replace(twin.before, name=twin.stale, default=None, comment=None, nullable=True)
    schema = _change_columns(schema, twin, {twin.after.name: (twin.after, stale)})
    value = _cast(f"NEW.{quote_name(twin.after.name)}", twin.after, twin.before, reverting=True)
    target = f"NEW.{quote_name(twin.stale)}"
    # A value that the old type cannot hold must not stop the new code.
    body = f"BEGIN\n    {target} := {value};\n  EXCEPTION WHEN others THEN\n    {target} := NULL;\n  END;"
    return _add_code(schema, twin, body)


def _cast(text: str, before: Column, after: Column, *, reverting: bool = False) -> str:
    return render_using(text, before.type, after.type, reverting=reverting) or text


def _add_code(schema: Schema, twin: Twin, body: str) -> Schema:
    name = quote_qualified(twin.schema, twin.code)
    definition = (
        f"CREATE OR REPLACE FUNCTION {name}()\n RETURNS trigger\n LANGUAGE plpgsql\n"
        f"AS $function$\nBEGIN\n  {body}\n  RETURN NEW;\nEND\n$function$\n"
    )
    where = quote_qualified(twin.schema, twin.table)
    event = f"BEFORE INSERT OR UPDATE ON {where} FOR EACH ROW EXECUTE FUNCTION {name}()"
    trigger = Trigger(twin.code, f"CREATE TRIGGER {quote_name(twin.code)} {event}")
    functions = (*schema.functions, Function(twin.schema, f"{twin.code}()", definition))
    tables = tuple(
        replace(table, triggers=(*table.triggers, trigger)) if _is_table_of(twin, table) else table
        for table in schema.tables
    )
    ordered = tuple(sorted(functions, key=lambda function: (function.schema, function.name)))
    return replace(schema, functions=ordered, tables=tables)


def _change_columns(schema: Schema, twin: Twin, columns: dict[str, tuple[Column, ...]]) -> Schema:
    def change(table: Table) -> Table:
        if not _is_table_of(twin, table):
            return table
        kept = [item for column in table.columns for item in columns.get(column.name, (column,))]
        return replace(table, columns=tuple(kept))

    return replace(schema, tables=tuple(map(change, schema.tables)))


def _is_table_of(twin: Twin, table: Table) -> bool:
    return (table.schema, table.name) == (twin.schema, twin.table)


def _rename(twin: Twin) -> tuple[Rename, Rename]:
    name = twin.after.name
    return (
        Rename("column", twin.schema, name, twin.stale, table=twin.table),
        Rename("column", twin.schema, twin.fresh, name, table=twin.table),
    )


def _fill_fresh(twin: Twin) -> Fill:
    name = quote_name(twin.before.name)
    column: ColumnName = (twin.schema, twin.table, twin.fresh)
    return Fill(
        column, _cast(name, twin.before, twin.after), f"{name} IS NOT NULL AND {quote_name(twin.fresh)} IS NULL"
    )


def _fill_stale(twin: Twin) -> Fill:
    name = quote_name(twin.after.name)
    column: ColumnName = (twin.schema, twin.table, twin.stale)
    value = _cast(name, twin.after, twin.before, reverting=True)
    return Fill(column, value, f"{name} IS NOT NULL")
