"""Steps for functions, before or after the tables that need them or that they need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.migration.difference import Difference
from bot.migration.object_steps import can_be_replaced, comment_function, create_function, drop_function
from bot.migration.rebuilds import sort_by_mention
from bot.migration.sql_text import find_words
from bot.migration.steps import Step
from bot.schema.model import Function


def sort_functions(difference: Difference) -> tuple[list[Function], list[Function]]:
    """New and changed functions: those that tables need, and those that need tables.

    Postgres checks the body of a function in SQL when it is made, so what it names must be there.
    """
    old = {(function.schema, function.name): function for function in difference.old.functions}
    changed = [f for f in difference.new.functions if old.get((f.schema, f.name)) != f]
    needed = _list_words_of_expressions(difference)
    names = {table.name for table in difference.born} | {view.name for view in difference.rebuilds.views_up}
    for table, new in difference.pairs:
        names |= {column.name for column in new.columns} - {column.name for column in table.columns}
    ordered = sort_by_mention(changed, lambda function: find_words(function.definition))
    early = [f for f in ordered if f.name.split("(")[0] in needed or not find_words(f.definition) & names]
    return early, [f for f in ordered if f not in early]


def _list_words_of_expressions(difference: Difference) -> frozenset[str]:
    texts: list[str] = []
    for table in difference.new.tables:
        texts += [text for column in table.columns for text in (column.default, column.generated) if text]
        texts += [check.expression for check in table.checks]
        texts += [index.definition for index in table.indexes]
    return find_words(" ".join(texts))


def create_functions(difference: Difference, functions: Sequence[Function]) -> Iterator[Step]:
    """`CREATE OR REPLACE` for each, or only its comment where nothing else differs."""
    old = {(function.schema, function.name): function for function in difference.old.functions}
    for function in functions:
        was = old.get((function.schema, function.name))
        if was is not None and was.definition == function.definition:
            yield comment_function(function)
        else:
            replaced = was is not None and can_be_replaced(was, function)
            yield from create_function(function, old_comment=was.comment if was and replaced else None)


def drop_functions(functions: Sequence[Function]) -> Iterator[Step]:
    """Those that others call go last."""
    yield from map(drop_function, reversed(functions))


def find_functions_that_go(difference: Difference, *, of_rows: bool) -> list[Function]:
    """Functions that go; those of rows name a table that goes, and go before it."""
    kept = {(function.schema, function.name) for function in difference.new.functions}
    names = {table.name for table in difference.gone}
    gone = [function for function in difference.old.functions if (function.schema, function.name) not in kept]
    return [function for function in gone if bool(find_words(function.definition) & names) == of_rows]


def find_functions_made_anew(difference: Difference) -> list[Function]:
    """Functions whose result changes: they cannot be replaced in place."""
    new = {(function.schema, function.name): function for function in difference.new.functions}
    pairs = [(f, new[f.schema, f.name]) for f in difference.old.functions if (f.schema, f.name) in new]
    return [was for was, now in pairs if was.definition != now.definition and not can_be_replaced(was, now)]
