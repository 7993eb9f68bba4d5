"""In which order tables can be filled so that every foreign key finds its row, cycles included."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.schema.model import ForeignKey, Schema, Table

Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Tables that are filled together; more than one only when their foreign keys form a cycle.

    `late` are nullable keys that are left null first and set when every table of the group has rows; `promised` are
    deferrable ones that point to rows which come later in the same transaction. `stuck` says why it cannot be done.
    """

    tables: tuple[Table, ...]
    late: frozenset[tuple[Name, ForeignKey]] = frozenset()
    promised: frozenset[tuple[Name, ForeignKey]] = frozenset()
    stuck: str | None = None


def find_dependencies(schema: Schema, wanted: Collection[Name]) -> tuple[Table, ...]:
    """The wanted tables and all that their foreign keys lead to, in the order of the schema."""
    tables = {(table.schema, table.name): table for table in schema.tables}
    found: set[Name] = set()
    waiting = [name for name in wanted if name in tables]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(parent for parent in map(parent_of, tables[name].foreign_keys) if parent in tables)
    return tuple(table for name, table in tables.items() if name in found)


def group_tables(tables: Iterable[Table]) -> tuple[Group, ...]:
    """Groups in an order in which each needs only the ones before it."""
    known = {(table.schema, table.name): table for table in tables}
    edges = {name: {parent for _, parent in _edges(name, table, known)} for name, table in known.items()}
    return tuple(_make_group([known[name] for name in names], known) for names in _components(edges))


def parent_of(key: ForeignKey) -> Name:
    """The table that a foreign key leads to."""
    return key.referred_schema, key.referred_table


def is_nullable(table: Table, key: ForeignKey) -> bool:
    """Whether a row need not have a parent: one null column is enough, unless MATCH FULL (then all must be)."""
    nullable = [column.nullable for column in table.columns if column.name in key.columns]
    return all(nullable) if key.match == "FULL" else any(nullable)


def _edges(name: Name, table: Table, known: Mapping[Name, Table]) -> Iterator[tuple[ForeignKey, Name]]:
    for key in table.foreign_keys:
        parent = parent_of(key)
        if parent in known and parent != name:
            yield key, parent


def _make_group(tables: list[Table], known: Mapping[Name, Table]) -> Group:
    if len(tables) == 1:
        return Group(tuple(tables))
    inside = {(table.schema, table.name): table for table in tables}
    late: set[tuple[Name, ForeignKey]] = set()
    promised: set[tuple[Name, ForeignKey]] = set()
    for name, table in inside.items():
        for key, _ in _edges(name, table, inside):
            if is_nullable(table, key):
                late.add((name, key))
            elif key.deferrable:
                promised.add((name, key))
    for left_out in (late, late | promised):
        order = _sort(inside, left_out)
        if order is not None:
            used = frozenset(promised) if left_out is not late else frozenset()
            return Group(tuple(inside[name] for name in order), frozenset(late), used)
    names = ", ".join(sorted(table.name for table in tables))
    return Group(tuple(tables), stuck=f"foreign keys among {names} form a cycle, neither nullable nor deferrable")


def _sort(inside: Mapping[Name, Table], left_out: set[tuple[Name, ForeignKey]]) -> tuple[Name, ...] | None:
    """An order of the tables when those keys are left out, or None when a cycle remains."""
    edges = {
        name: {parent for key, parent in _edges(name, table, inside) if (name, key) not in left_out}
        for name, table in inside.items()
    }
    components = _components(edges)
    return tuple(names[0] for names in components) if all(len(names) == 1 for names in components) else None


def _components(edges: Mapping[Name, set[Name]]) -> list[list[Name]]:
    """Strongly connected components, parents first (Tarjan 1972, without recursion)."""
    index: dict[Name, int] = {}
    low: dict[Name, int] = {}
    stack: list[Name] = []
    result: list[list[Name]] = []
    for start in edges:
        if start in index:
            continue
        index[start] = low[start] = len(index)
        stack.append(start)
        work = [(start, iter(sorted(edges[start])))]
        while work:
            node, children = work[-1]
            child = next(children, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    result.append(_pop_until(stack, node))
            elif child not in index:
                index[child] = low[child] = len(index)
                stack.append(child)
                work.append((child, iter(sorted(edges[child]))))
            elif child in stack:
                low[node] = min(low[node], index[child])
    return result


def _pop_until(stack: list[Name], node: Name) -> list[Name]:
    component: list[Name] = []
    while not component or component[-1] != node:
        component.append(stack.pop())
    return sorted(component)
