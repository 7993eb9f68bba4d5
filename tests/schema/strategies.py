"""Schemas of every shape, for laws."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.schema import model

NAMES = st.sampled_from(["a", "b", "c d", 'e"f', "g'h", "ä", "public", "PK"])
SPACES = st.sampled_from(["public", "shop"])
TEXTS = st.sampled_from(["x", "", "x > 0", "'a, b'", "two\nlines", "(a)", "`", "→"])
MAYBE = st.none() | TEXTS
FLAGS = st.booleans()


def _several(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    """Values with names of their own, sorted as a snapshot has them."""
    listed = st.lists(values, max_size=most, unique_by=lambda value: value.name)
    return listed.map(lambda found: tuple(sorted(found, key=lambda value: value.name)))


def _placed(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[tuple[Any, ...]]:
    listed = st.lists(values, max_size=most, unique_by=lambda value: (value.schema, value.name))
    return listed.map(lambda found: tuple(sorted(found, key=lambda value: (value.schema, value.name))))


KEYS = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
FEW = st.lists(TEXTS, max_size=2, unique=True).map(tuple)

columns = st.builds(
    model.Column,
    NAMES,
    st.sampled_from(["integer", "character varying(20)", "text"]),
    FLAGS,
    MAYBE,
    st.sampled_from([None, "always", "by default"]),
    MAYBE,
    MAYBE,
    MAYBE,
    FLAGS,
    FEW,
    FLAGS,
)
primary_keys = st.builds(model.PrimaryKey, NAMES, KEYS, FLAGS, FLAGS, MAYBE, FEW, FLAGS)
uniques = st.builds(model.Unique, NAMES, KEYS, FLAGS, FEW, FLAGS, FLAGS, MAYBE, FLAGS)
foreign_keys = st.builds(
    model.ForeignKey,
    NAMES,
    KEYS,
    SPACES,
    NAMES,
    KEYS,
    st.sampled_from(["NO ACTION", "CASCADE"]),
    st.sampled_from(["NO ACTION", "SET NULL"]),
    st.sampled_from(["SIMPLE", "FULL"]),
    FLAGS,
    FLAGS,
    FLAGS,
    MAYBE,
    FEW,
    FLAGS,
    FLAGS,
)
checks = st.builds(model.Check, NAMES, TEXTS, FLAGS, FLAGS, MAYBE, FLAGS)
exclusions = st.builds(model.Exclusion, NAMES, TEXTS, MAYBE)
index_keys = st.builds(model.IndexKey, NAMES, st.none(), MAYBE, MAYBE, FLAGS, FLAGS) | st.builds(
    model.IndexKey, st.none(), TEXTS
)
indexes = st.builds(
    model.Index,
    NAMES,
    st.lists(index_keys, min_size=1, max_size=2).map(tuple),
    FLAGS,
    st.sampled_from(["btree", "gin"]),
    FEW,
    MAYBE,
    FLAGS,
    FLAGS,
    TEXTS,
    MAYBE,
)
triggers = st.builds(model.Trigger, NAMES, TEXTS, st.sampled_from("ODRA"), MAYBE)
tables = st.builds(
    model.Table,
    SPACES,
    NAMES,
    st.lists(columns, max_size=4, unique_by=lambda column: column.name).map(tuple),
    st.none() | primary_keys,
    _several(uniques, 2),
    _several(foreign_keys, 2),
    _several(checks, 2),
    _several(exclusions, 1),
    _several(indexes, 2),
    _several(triggers, 1),
    MAYBE,
    MAYBE,
    st.lists(st.tuples(SPACES, NAMES), max_size=2, unique=True).map(tuple),
    FEW,
)
enums = st.builds(model.Enum, SPACES, NAMES, st.lists(TEXTS, unique=True, max_size=3).map(tuple), MAYBE)
NUMBERS = st.integers(-5, 5)
sequences = st.builds(
    model.Sequence,
    SPACES,
    NAMES,
    st.just("bigint"),
    NUMBERS,
    NUMBERS,
    NUMBERS,
    NUMBERS,
    FLAGS,
    NUMBERS,
    st.none() | st.tuples(SPACES, NAMES, NAMES),
    MAYBE,
)
views = st.builds(model.View, SPACES, NAMES, TEXTS, FLAGS, _several(indexes, 1), MAYBE, _several(triggers, 1), FEW)
functions = st.builds(model.Function, SPACES, NAMES, TEXTS, MAYBE)
domains = st.builds(
    model.Domain,
    SPACES,
    NAMES,
    st.just("text"),
    FLAGS,
    MAYBE,
    st.lists(st.tuples(NAMES, TEXTS), max_size=2, unique_by=lambda check: check[0]).map(tuple),
    MAYBE,
    MAYBE,
    FEW,
)
others = st.builds(
    model.Other, SPACES, NAMES, st.sampled_from(["policy", "composite type"]), TEXTS, st.none() | NAMES, MAYBE
)
schemas = st.builds(
    model.Schema,
    st.just("postgresql"),
    st.lists(SPACES, unique=True).map(sorted).map(tuple),
    st.dictionaries(NAMES, TEXTS, max_size=2).map(lambda found: tuple(sorted(found.items()))),
    _placed(domains, 2),
    _placed(enums, 2),
    _placed(sequences, 2),
    _placed(tables, 3),
    _placed(views, 2),
    _placed(functions, 2),
    _placed(others, 2),
)
