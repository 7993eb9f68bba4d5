"""The order in which tables are filled."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from bot.migration.rows.order import find_dependencies, group_tables
from bot.schema.model import Column, ForeignKey, Schema, Table


def make_table(name: str, parents: Mapping[str, str]) -> Table:
    """`parents` maps a table to "must", "may" (nullable) or "later" (deferrable)."""
    columns = [Column("id", "integer", nullable=False)]
    keys = []
    for parent, how in parents.items():
        columns.append(Column(f"{parent}_id", "integer", nullable=how == "may"))
        keys.append(ForeignKey(None, (f"{parent}_id",), "public", parent, ("id",), deferrable=how == "later"))
    return Table("public", name, tuple(columns), foreign_keys=tuple(keys))


def test_parents_come_first() -> None:
    tables = [make_table("a", {"b": "must"}), make_table("b", {"c": "may"}), make_table("c", {})]
    assert [group.tables[0].name for group in group_tables(tables)] == ["c", "b", "a"]


def test_a_nullable_key_breaks_a_cycle() -> None:
    (group,) = group_tables([make_table("a", {"b": "may"}), make_table("b", {"a": "must"})])
    assert [table.name for table in group.tables] == ["a", "b"]
    assert {name for name, _ in group.late} == {("public", "a")}
    assert not group.promised


def test_a_deferrable_key_breaks_a_cycle() -> None:
    (group,) = group_tables([make_table("a", {"b": "later"}), make_table("b", {"a": "must"})])
    assert {name for name, _ in group.promised} == {("public", "a")}
    assert group.stuck is None


def test_a_cycle_of_musts_says_so() -> None:
    (group,) = group_tables([make_table("a", {"b": "must"}), make_table("b", {"a": "must"})])
    assert group.stuck == "foreign keys among a, b form a cycle, neither nullable nor deferrable"


def test_dependencies_of_the_wanted() -> None:
    tables = (make_table("a", {"b": "may"}), make_table("b", {"b": "may"}), make_table("c", {"a": "must"}))
    schema = Schema("postgresql", tables=tables)
    assert [table.name for table in find_dependencies(schema, [("public", "a")])] == ["a", "b"]


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.sets(st.sampled_from("abcdefgh")), max_size=8))
def test_every_table_once_and_never_before_its_parent(edges: dict[str, set[str]]) -> None:
    tables = [make_table(name, dict.fromkeys(sorted(parents), "must")) for name, parents in edges.items()]
    seen: set[str] = set()
    for group in group_tables(tables):
        inside = {table.name for table in group.tables}
        assert not inside & seen
        for table in group.tables:
            assert {key.referred_table for key in table.foreign_keys} & edges.keys() <= seen | inside
        seen |= inside
    assert seen == edges.keys()
