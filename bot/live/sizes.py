"""How large tables of a live database are, by the server's own estimate."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

Name = tuple[str, str]

# A partitioned table holds nothing itself: its leaves do. reltuples is -1 until a table is first analysed
# (https://www.postgresql.org/docs/current/catalog-pg-class.html); TOAST counts as part of the table.
_QUERY = sa.text("""
SELECT n.nspname, c.relname,
       sum(greatest(leaf.reltuples, 0)) AS rows,
       bool_or(leaf.reltuples < 0 AND pg_catalog.pg_relation_size(leaf.oid) > 0) AS is_unknown,
       sum(pg_catalog.pg_table_size(leaf.oid)) AS size_bytes,
       sum(pg_catalog.pg_indexes_size(leaf.oid)) AS index_bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN LATERAL (
       SELECT c.oid AS relid WHERE c.relkind <> 'p'
       UNION ALL
       SELECT p.relid FROM pg_catalog.pg_partition_tree(c.oid) p WHERE c.relkind = 'p' AND p.isleaf
  ) part ON true
  JOIN pg_catalog.pg_class leaf ON leaf.oid = part.relid
 WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname = ANY(:schemas) AND c.relname = ANY(:names)
 GROUP BY n.nspname, c.relname
""")


@dataclass(frozen=True, slots=True)
class TableSize:
    """`rows` is None where the server has not counted yet (no ANALYZE); `size_bytes` is without `index_bytes`."""

    rows: int | None
    size_bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True)
class LiveSizes:
    """What one environment says of the tables, by the name they are shown with; `reason` tells why it says nothing."""

    environment: str
    tables: Mapping[str, TableSize]
    reason: str = ""


def read_sizes(connection: sa.Connection, tables: Collection[Name]) -> dict[Name, TableSize]:
    """The sizes of those of the tables that are there, in one query of the catalog. Raises SQLAlchemy's errors."""
    values = {"schemas": sorted({schema for schema, _ in tables}), "names": sorted({name for _, name in tables})}
    found = connection.execute(_QUERY, values)
    return {
        (row.nspname, row.relname): TableSize(
            None if row.is_unknown else int(row.rows), int(row.size_bytes), int(row.index_bytes)
        )
        for row in found
        if (row.nspname, row.relname) in tables
    }


def to_json(sizes: LiveSizes) -> dict[str, Any]:
    """A dictionary that JSON can hold; `from_json` reads it back."""
    return asdict(sizes)


def from_json(content: Mapping[str, Any]) -> LiveSizes:
    """The sizes that `to_json` wrote. Raises KeyError or TypeError when a part is missing."""
    tables = {str(name): TableSize(**size) for name, size in content["tables"].items()}
    return LiveSizes(str(content["environment"]), tables, str(content["reason"]))
