"""From one schema to another: Alembic's operations, in an order that a database with rows can carry out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alembic.operations import ops

from bot.migration.column_steps import add_column, alter_column, continue_after_rows, drop_column
from bot.migration.elements import is_plain_serial, namespace
from bot.migration.object_steps import (
    add_schemas_and_extensions,
    add_types,
    alter_sequence,
    can_be_replaced,
    comment_on,
    comment_view,
    create_domain,
    create_enum,
    create_function,
    create_sequence,
    create_view,
    drop_function,
    drop_schemas_and_extensions,
    drop_sequence,
    drop_types,
    drop_view,
    extend_enums,
    own_sequence,
)
from bot.migration.part_steps import add_part, drop_part, tweak_part
from bot.migration.rebuilds import (
    Rebuilds,
    find_rebuilds,
    pair_columns,
    pair_tables,
    sort_by_mention,
    uses_type,
)
from bot.migration.renames import Rename, apply_renames
from bot.migration.sql_text import find_words, quote_literal, quote_name, quote_qualified
from bot.migration.steps import RenameTable, Step, sql
from bot.migration.table_steps import comment_table, create_tables, drop_tables
from bot.schema.model import (
    Check,
    Column,
    Exclusion,
    ForeignKey,
    Function,
    Index,
    PrimaryKey,
    Schema,
    Table,
    Trigger,
    Unique,
    View,
)
from bot.schema.model import (
    Sequence as DatabaseSequence,
)

_DOWN_ORDER: tuple[type, ...] = (Index, Exclusion, Check, Unique, PrimaryKey)
_UP_ORDER: tuple[type, ...] = (PrimaryKey, Unique, Check, Exclusion, Index, ForeignKey)


def plan_steps(
    before: Schema,
    after: Schema,
    renames: Sequence[Rename] = (),
    *,
    reverting: bool = False,
    autocommit: bool = True,
) -> tuple[Step, ...]:
    """The steps that lead from `before` to `after`, of two snapshots of Postgres databases.

    `renames` are carried out first, so that what they name keeps its rows. `reverting` says that this is a way back:
    a column that returns without its values gets placeholders. `autocommit` says whether env.py lets a statement run
    outside of its transaction. Nothing to do gives no steps.
    """
    return tuple(_Plan(before, after, renames, reverting, autocommit).run())


class _Plan:
    def __init__(
        self, before: Schema, after: Schema, renames: Sequence[Rename], reverting: bool, autocommit: bool
    ) -> None:
        self.renames, self.reverting, self.autocommit = renames, reverting, autocommit
        self.old, self.new = apply_renames(before, renames), after
        self.pairs = list(pair_tables(self.old, self.new))
        self.rebuilds: Rebuilds = find_rebuilds(self.old, self.new)
        kept = {(table.schema, table.name) for table, _ in self.pairs}
        self.gone = [table for table in self.old.tables if (table.schema, table.name) not in kept]
        self.born = [table for table in self.new.tables if (table.schema, table.name) not in kept]
        self.early, self.late = self._sort_functions()

    def run(self) -> Iterator[Step]:
        extensions = list(extend_enums(self.old, self.new, autocommit=self.autocommit))
        enum_renamed = any(rename.kind in ("enum", "enum_value") for rename in self.renames)
        if not enum_renamed:
            yield from extensions
        yield from map(render_rename, self.renames)
        if enum_renamed:
            yield from extensions
        yield from self._take_down()
        yield from add_schemas_and_extensions(self.old, self.new)
        yield from add_types(self.old, self.new)
        yield from self._remake_types()
        yield from self._change_sequences()
        yield from self._create_functions(self.early)
        tables, late_keys = create_tables(self.born, self.new, self._is_settled)
        yield from tables
        yield from self._change_columns()
        yield from self._own_sequences()
        yield from self._put_up(late_keys)
        yield from self._clear_away()

    def _take_down(self) -> Iterator[Step]:
        down = [pair for pair in self.rebuilds.parts if pair.before is not None and not pair.is_tweak]
        parts = [(pair.schema, pair.table, pair.before) for pair in down]
        yield from (drop_part(s, t, part) for s, t, part in parts if isinstance(part, Trigger))
        yield from map(drop_view, self.rebuilds.views_down)
        yield from (drop_part(s, t, part) for s, t, part in parts if isinstance(part, ForeignKey))
        yield from self._drop_functions(self._find_functions_that_go(of_rows=True))
        yield from self._disown_sequences()
        yield from drop_tables(self.gone)
        for kind in _DOWN_ORDER:
            yield from (drop_part(s, t, part) for s, t, part in parts if part is not None and type(part) is kind)
        for old, new in self.pairs:
            left = {column.name for column in new.columns}
            drops = [c for c in old.columns if c.name not in left or self._is_replaced(new, c)]
            # A computed column goes before those that it is computed from.
            yield from (drop_column(old, column) for column in sorted(drops, key=lambda c: c.generated is None))
        yield from self._drop_functions(self._find_functions_made_anew())

    def _remake_types(self) -> Iterator[Step]:
        """The old self of a type steps aside; the columns follow to the new one by and by."""
        for enum in self.new.enums:
            if (enum.schema, enum.name) in self.rebuilds.types:
                yield sql(_rename_type("TYPE", enum.schema, enum.name, aside(enum.name)))
                yield create_enum(enum)
                if enum.comment is not None:
                    yield comment_on(f"TYPE {quote_qualified(enum.schema, enum.name)}", enum.comment)
        for domain in self.new.domains:
            if (domain.schema, domain.name) in self.rebuilds.types:
                yield sql(_rename_type("DOMAIN", domain.schema, domain.name, aside(domain.name)))
                yield from create_domain(domain)

    def _change_columns(self) -> Iterator[Step]:
        for old, new in self.pairs:
            if (old.comment, old.partition) != (new.comment, new.partition):
                yield comment_table(old, new)
            before = {column.name: column for column in old.columns}
            added = [c for c in new.columns if c.name not in before or self._is_replaced(new, c)]
            for column in added:
                if column.generated is None:
                    yield from add_column(new, column, self.new, reverting=self.reverting)
            for was, column in pair_columns(old, new):
                rebuilt = uses_type(column, self.rebuilds.types) is not None and was.type == column.type
                if (was != column or rebuilt) and not self._is_replaced(new, column):
                    yield from alter_column(new, was, column, self.old, self.new, is_rebuilt=rebuilt)
            for column in added:
                if column.generated is not None:
                    yield from add_column(new, column, self.new, reverting=self.reverting)

    def _put_up(self, late_keys: list[tuple[Table, ForeignKey]]) -> Iterator[Step]:
        up = [pair for pair in self.rebuilds.parts if pair.after is not None and not pair.is_tweak]
        for kind in _UP_ORDER:
            for pair in up:
                if pair.after is not None and type(pair.after) is kind:
                    yield from add_part(pair.schema, pair.table, pair.after)
        for table, key in late_keys:
            yield from add_part(table.schema, table.name, key)
        for pair in self.rebuilds.parts:
            if pair.is_tweak:
                yield from tweak_part(pair)
        view_names = {view.name for view in self.rebuilds.views_up}
        yield from self._create_functions([f for f in self.late if not find_words(f.definition) & view_names])
        yield from self._put_up_views()
        yield from self._create_functions([f for f in self.late if find_words(f.definition) & view_names])
        for pair in up:
            if isinstance(pair.after, Trigger):
                yield from add_part(pair.schema, pair.table, pair.after)
        for table in self.born:
            for trigger in table.triggers:
                yield from add_part(table.schema, table.name, trigger)

    def _put_up_views(self) -> Iterator[Step]:
        old = {(view.schema, view.name): view for view in self.old.views}
        made = {(view.schema, view.name) for view in self.rebuilds.views_up}
        for view in self.rebuilds.views_up:
            yield from create_view(view)
            for index in view.indexes:
                yield from add_part(view.schema, view.name, index)
        for view in self.new.views:
            if (view.schema, view.name) not in made:
                yield from _tweak_view(old[view.schema, view.name], view)

    def _clear_away(self) -> Iterator[Step]:
        yield from self._drop_functions(self._find_functions_that_go(of_rows=False))
        kept = {(item.schema, item.name) for item in self.new.sequences}
        for item in self.old.sequences:
            if (item.schema, item.name) not in kept and not self._goes_with_owner(item):
                yield drop_sequence(item)
        for domain in self.new.domains:
            if (domain.schema, domain.name) in self.rebuilds.types:
                yield sql(f"DROP DOMAIN {quote_qualified(domain.schema, aside(domain.name))}")
        for enum in self.new.enums:
            if (enum.schema, enum.name) in self.rebuilds.types:
                yield sql(f"DROP TYPE {quote_qualified(enum.schema, aside(enum.name))}")
        yield from drop_types(self.old, self.new)
        yield from drop_schemas_and_extensions(self.old, self.new)

    def _is_replaced(self, table: Table, column: Column) -> bool:
        return (table.schema, table.name, column.name) in self.rebuilds.replaced

    def _is_settled(self, key: ForeignKey) -> bool:
        """Whether the columns that a key of a new table refers to are now as they will be, and are a key already."""
        where = (key.referred_schema, key.referred_table)
        for old, new in self.pairs:
            if (new.schema, new.name) != where:
                continue
            columns = set(key.referred_columns)
            same = {was.name for was, column in pair_columns(old, new) if was.type == column.type}
            busy = any((pair.schema, pair.table) == where and not pair.is_tweak for pair in self.rebuilds.parts)
            return columns <= same and not busy
        return False

    # Sequences ---------------------------------------------------------------------------------------------------

    def _change_sequences(self) -> Iterator[Step]:
        old = {(item.schema, item.name): item for item in self.old.sequences}
        for item in self.new.sequences:
            was = old.get((item.schema, item.name))
            if was is not None and not self._goes_with_owner(was):
                yield from alter_sequence(was, item)
            elif not self._comes_with_table(item):
                yield from create_sequence(item)

    def _disown_sequences(self) -> Iterator[Step]:
        new = {(item.schema, item.name): item for item in self.new.sequences}
        for item in self.old.sequences:
            wanted = new.get((item.schema, item.name))
            if wanted and item.owned_by and item.owned_by != wanted.owned_by:
                yield sql(f"ALTER SEQUENCE {quote_qualified(item.schema, item.name)} OWNED BY NONE")

    def _own_sequences(self) -> Iterator[Step]:
        old = {(item.schema, item.name): item for item in self.old.sequences}
        kept = {(new.schema, new.name, column.name): (new, column) for t, new in self.pairs for column in new.columns}
        stood = {(t.schema, t.name, column.name) for t, _ in self.pairs for column in t.columns}
        for item in self.new.sequences:
            was = old.get((item.schema, item.name))
            if item.owned_by is None or (was is not None and was.owned_by == item.owned_by):
                continue
            if self._comes_with_table(item):
                continue
            yield own_sequence(item)
            if item.owned_by in kept and item.owned_by in stood:
                yield continue_after_rows(*kept[item.owned_by])

    def _goes_with_owner(self, item: DatabaseSequence) -> bool:
        """Whether the sequence is dropped by the server, together with its column or table."""
        if item.owned_by is None:
            return False
        wanted = {(other.schema, other.name): other.owned_by for other in self.new.sequences}
        if wanted.get((item.schema, item.name), item.owned_by) != item.owned_by:
            return False
        schema, table, column = item.owned_by
        for old, new in self.pairs:
            if (new.schema, new.name) == (schema, table):
                return column not in {c.name for c in new.columns}
        return any((gone.schema, gone.name) == (schema, table) for gone in self.gone)

    def _comes_with_table(self, item: DatabaseSequence) -> bool:
        """Whether `op.create_table` makes it, as the sequence of a serial key."""
        for table in self.born:
            if item.owned_by is not None and item.owned_by[:2] == (table.schema, table.name):
                column = next(column for column in table.columns if column.name == item.owned_by[2])
                return is_plain_serial(column, table, self.new)
        return False

    # Functions ---------------------------------------------------------------------------------------------------

    def _sort_functions(self) -> tuple[list[Function], list[Function]]:
        """New and changed functions: those that tables need, and those that need tables.

        Postgres checks the body of a function in SQL when it is made, so what it names must be there.
        """
        old = {(function.schema, function.name): function for function in self.old.functions}
        changed = [f for f in self.new.functions if old.get((f.schema, f.name)) != f]
        needed = self._list_words_of_expressions()
        names = {table.name for table in self.born} | {view.name for view in self.rebuilds.views_up}
        for table, new in self.pairs:
            names |= {column.name for column in new.columns} - {column.name for column in table.columns}
        ordered = sort_by_mention(changed, lambda function: find_words(function.definition))
        early = [f for f in ordered if f.name.split("(")[0] in needed or not find_words(f.definition) & names]
        return early, [f for f in ordered if f not in early]

    def _list_words_of_expressions(self) -> frozenset[str]:
        texts: list[str] = []
        for table in self.new.tables:
            texts += [text for column in table.columns for text in (column.default, column.generated) if text]
            texts += [check.expression for check in table.checks]
            texts += [index.definition for index in table.indexes]
        return find_words(" ".join(texts))

    def _create_functions(self, functions: Sequence[Function]) -> Iterator[Step]:
        old = {(function.schema, function.name): function for function in self.old.functions}
        for function in functions:
            was = old.get((function.schema, function.name))
            if was is not None and was.definition == function.definition:
                routine = "PROCEDURE" if "REPLACE PROCEDURE" in function.definition[:40] else "FUNCTION"
                name, _, arguments = function.name.partition("(")
                target = f"{routine} {quote_qualified(function.schema, name)}({arguments}"
                yield comment_on(target, function.comment)
                continue
            replaced = was is not None and can_be_replaced(was, function)
            yield from create_function(function, old_comment=was.comment if was and replaced else None)

    def _drop_functions(self, functions: Sequence[Function]) -> Iterator[Step]:
        yield from map(drop_function, reversed(functions))

    def _find_functions_that_go(self, *, of_rows: bool) -> list[Function]:
        """Functions that go; those of rows name a table that goes, and go before it."""
        kept = {(function.schema, function.name) for function in self.new.functions}
        names = {table.name for table in self.gone}
        gone = [function for function in self.old.functions if (function.schema, function.name) not in kept]
        return [function for function in gone if bool(find_words(function.definition) & names) == of_rows]

    def _find_functions_made_anew(self) -> list[Function]:
        """Functions whose result changes: they cannot be replaced in place."""
        new = {(function.schema, function.name): function for function in self.new.functions}
        pairs = [(f, new[f.schema, f.name]) for f in self.old.functions if (f.schema, f.name) in new]
        return [was for was, now in pairs if was.definition != now.definition and not can_be_replaced(was, now)]


def render_rename(rename: Rename) -> Step:
    """The step for one rename."""
    old, new, schema = rename.before, rename.after, rename.schema
    if rename.kind == "table":
        return Step(RenameTable(old, new, schema=namespace(schema)))
    if rename.kind == "column":
        return Step(ops.AlterColumnOp(rename.table or "", old, modify_name=new, schema=namespace(schema)))
    if rename.kind == "constraint":
        where = quote_qualified(schema, rename.table or "")
        return sql(f"ALTER TABLE {where} RENAME CONSTRAINT {quote_name(old)} TO {quote_name(new)}")
    if rename.kind == "enum_value":
        type_ = quote_qualified(schema, rename.table or "")
        return sql(f"ALTER TYPE {type_} RENAME VALUE {quote_literal(old)} TO {quote_literal(new)}")
    words = {"index": "INDEX", "enum": "TYPE", "sequence": "SEQUENCE", "view": "VIEW"}[rename.kind]
    return sql(_rename_type(words, schema, old, new))


def aside(name: str) -> str:
    """The name of a type while its new self takes its place."""
    return f"{name}_old"


def _rename_type(words: str, schema: str, old: str, new: str) -> str:
    return f"ALTER {words} {quote_qualified(schema, old)} RENAME TO {quote_name(new)}"


def _tweak_view(old: View, new: View) -> Iterator[Step]:
    if old.comment != new.comment:
        yield comment_view(new)
    before, after = {index.name: index for index in old.indexes}, {index.name: index for index in new.indexes}
    for name, index in before.items():
        if after.get(name) != index:
            yield drop_part(new.schema, new.name, index)
    for name, index in after.items():
        if before.get(name) != index:
            yield from add_part(new.schema, new.name, index)
