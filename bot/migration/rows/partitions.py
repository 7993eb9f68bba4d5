"""What partitioning says about the values of its key."""

from __future__ import annotations

from collections.abc import Iterator

from bot.migration.rows.hints import find_names
from bot.schema.model import Schema, Table

_OF, _BY, _BOUND = "PARTITION OF ", "PARTITION BY ", "FOR VALUES "


def read_partitions(schema: Schema, table: Table) -> tuple[frozenset[str], str]:
    """The columns of the partition key, and the bounds that a value may lie in: the table's own, or its partitions'."""
    text = table.partition or ""
    if text.startswith(_BY):
        return find_names(text), " ".join(_list_bounds(schema, table))
    if text.startswith(_OF):
        parent = next((other for other in schema.tables if _is_partition(text, other)), None)
        return find_names(parent.partition or "") if parent else frozenset(), text.partition(_BOUND)[2]
    return frozenset(), ""


def _list_bounds(schema: Schema, table: Table) -> Iterator[str]:
    for other in schema.tables:
        if other.partition and _is_partition(other.partition, table):
            yield other.partition.partition(_BOUND)[2]


def _is_partition(text: str, parent: Table) -> bool:
    name = text.removeprefix(_OF).partition(" " + _BOUND)[0].replace('"', "")
    return text.startswith(_OF) and name in (parent.name, f"{parent.schema}.{parent.name}")
