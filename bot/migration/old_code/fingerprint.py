"""A digest of a schema's structure in one query of the catalog, which any connection can be asked."""

from __future__ import annotations

import sqlalchemy as sa

# Neither parameters nor percent signs, which drivers read differently. Alembic's own table is not the application's.
_OWN = (
    "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
    " AND c.relname !~ '^alembic_version'"
)
_CLASS = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
QUERY = f"""
SELECT pg_catalog.md5(coalesce(pg_catalog.string_agg(line, ';' ORDER BY line), '')) FROM (
SELECT pg_catalog.concat_ws(' ', n.nspname, c.relname, c.relkind, a.attname, t.typname, a.atttypmod, a.attnotnull,
       a.attidentity, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid)) AS line
  FROM {_CLASS}
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE c.relkind IN ('r', 'p', 'f', 'S') AND {_OWN}
UNION ALL
SELECT pg_catalog.concat_ws(' ', n.nspname, c.relname, k.conname, k.convalidated,
       pg_catalog.pg_get_constraintdef(k.oid))
  FROM {_CLASS} JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid WHERE {_OWN}
UNION ALL
SELECT pg_catalog.concat_ws(' ', i.indisvalid, pg_catalog.pg_get_indexdef(i.indexrelid))
  FROM {_CLASS} JOIN pg_catalog.pg_index i ON i.indrelid = c.oid WHERE c.relkind IN ('r', 'p', 'm') AND {_OWN}
UNION ALL
SELECT pg_catalog.concat_ws(' ', n.nspname, c.relname, pg_catalog.pg_get_viewdef(c.oid))
  FROM {_CLASS} WHERE c.relkind IN ('v', 'm') AND {_OWN}
UNION ALL
SELECT pg_catalog.pg_get_triggerdef(g.oid)
  FROM {_CLASS} JOIN pg_catalog.pg_trigger g ON g.tgrelid = c.oid WHERE NOT g.tgisinternal AND {_OWN}
UNION ALL
SELECT pg_catalog.concat_ws(' ', t.typname, e.enumlabel)
  FROM pg_catalog.pg_enum e JOIN pg_catalog.pg_type t ON t.oid = e.enumtypid
UNION ALL
SELECT pg_catalog.concat_ws(' ', n.nspname, c.proname, pg_catalog.md5(c.prosrc))
  FROM (SELECT oid, proname, pronamespace, prosrc, proname AS relname FROM pg_catalog.pg_proc) c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.pronamespace WHERE {_OWN}
) lines"""  # noqa: S608 (constants of ours joined together)


def read_fingerprint(connection: sa.Connection) -> str:
    """The digest of the schema that the connection sees. Raises SQLAlchemy's errors."""
    return str(connection.exec_driver_sql(QUERY).scalar_one())
