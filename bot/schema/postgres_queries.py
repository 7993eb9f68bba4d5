"""One query a catalog: plain SQL, so that a DBA can run each by hand."""

from __future__ import annotations

_OURS = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"


def _not_of_extension(catalog: str, oid: str) -> str:
    return (
        "NOT EXISTS (SELECT FROM pg_depend e WHERE e.deptype = 'e' "
        f"AND e.classid = '{catalog}'::regclass AND e.objid = {oid})"
    )


def _comment(catalog: str, oid: str, part: str | None = None) -> str:
    return f"col_description({oid}, {part})" if part else f"obj_description({oid}, '{catalog}')"


SCHEMAS = f"""
SELECT n.nspname AS name FROM pg_namespace n
WHERE {_OURS} AND {_not_of_extension("pg_namespace", "n.oid")}
"""

EXTENSIONS = "SELECT extname AS name, extversion AS version FROM pg_extension WHERE extname <> 'plpgsql'"

DOMAINS = f"""
SELECT n.nspname AS schema, t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS type,
       t.typnotnull AS not_null, t.typdefault AS default, {_comment("pg_type", "t.oid")} AS comment,
       ARRAY(SELECT ARRAY[c.conname::text, pg_get_expr(c.conbin, 0)] FROM pg_constraint c
             WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname) AS checks
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'd' AND {_OURS} AND {_not_of_extension("pg_type", "t.oid")}
"""

ENUMS = f"""
SELECT n.nspname AS schema, t.typname AS name, {_comment("pg_type", "t.oid")} AS comment,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS values
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND {_OURS} AND {_not_of_extension("pg_type", "t.oid")}
"""

# Sequences of identity columns (deptype 'i') belong to their column; those of serial columns (deptype 'a') are listed.
SEQUENCES = f"""
SELECT n.nspname AS schema, c.relname AS name, format_type(s.seqtypid, NULL) AS type, s.seqstart AS start,
       s.seqmin AS minimum, s.seqmax AS maximum, s.seqincrement AS increment, s.seqcycle AS cycle,
       s.seqcache AS cache, {_comment("pg_class", "c.oid")} AS comment,
       (SELECT ARRAY[tn.nspname::text, tc.relname::text, a.attname::text] FROM pg_depend d
        JOIN pg_class tc ON tc.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = tc.relnamespace
        JOIN pg_attribute a ON a.attrelid = tc.oid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a') AS owned_by
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND {_not_of_extension("pg_class", "c.oid")}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'i')
"""

TABLES = f"""
SELECT c.oid, n.nspname AS schema, c.relname AS name, {_comment("pg_class", "c.oid")} AS comment,
       CASE WHEN c.relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid)
            WHEN c.relispartition THEN 'PARTITION OF ' || (SELECT i.inhparent::regclass::text FROM pg_inherits i
                 WHERE i.inhrelid = c.oid) || ' ' || pg_get_expr(c.relpartbound, c.oid) END AS partition
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND {_OURS} AND {_not_of_extension("pg_class", "c.oid")}
"""

COLUMNS = f"""
SELECT a.attrelid AS owner, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, a.attidentity AS identity, a.attgenerated <> '' AS generated,
       pg_get_expr(d.adbin, d.adrelid) AS expression,
       CASE WHEN a.attcollation <> t.typcollation THEN co.collname END AS collation,
       {_comment("pg_class", "a.attrelid", "a.attnum")} AS comment
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation co ON co.oid = a.attcollation
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {_OURS}
ORDER BY a.attrelid, a.attnum
"""

# contype 'n' (NOT NULL, listed since Postgres 18) is told by the column's nullability.
CONSTRAINTS = f"""
SELECT k.conrelid AS owner, k.conname AS name, k.contype AS type, pg_get_constraintdef(k.oid) AS definition,
       k.condeferrable AS deferrable, k.condeferred AS deferred, k.convalidated AS validated,
       k.connoinherit AS no_inherit, k.confupdtype AS on_update, k.confdeltype AS on_delete, k.confmatchtype AS match,
       pg_get_expr(k.conbin, k.conrelid) AS expression, {_comment("pg_constraint", "k.oid")} AS comment,
       COALESCE(/*nulls_not_distinct*/, false) AS nulls_not_distinct,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(num, pos)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.pos) AS columns,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(num, pos)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.num
             WHERE u.pos > i.indnkeyatts ORDER BY u.pos) AS include,
       rn.nspname AS referred_schema, rc.relname AS referred_table,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(num, pos)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.pos) AS referred_columns
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u')
LEFT JOIN pg_class rc ON rc.oid = k.confrelid LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0 AND {_OURS}
ORDER BY k.conrelid, k.conname
"""

# Options of a key are bits of indoption: 1 descending, 2 nulls first.
INDEXES = f"""
SELECT i.indrelid AS owner, ic.relname AS name, i.indisunique AS unique, am.amname AS method, i.indisvalid AS valid,
       /*nulls_not_distinct*/ AS nulls_not_distinct, pg_get_expr(i.indpred, i.indrelid) AS predicate,
       pg_get_indexdef(i.indexrelid) AS definition, {_comment("pg_class", "ic.oid")} AS comment,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, g.pos, true) FROM generate_series(i.indnkeyatts + 1, i.indnatts)
             g(pos) ORDER BY g.pos) AS include,
       (SELECT jsonb_agg(jsonb_build_object(
            'column', a.attname,
            'expression', pg_get_indexdef(i.indexrelid, u.pos::int, true),
            'opclass', CASE WHEN NOT o.opcdefault THEN o.opcname END,
            'collation', CASE WHEN co.oid <> COALESCE(a.attcollation, co.oid) THEN co.collname END,
            'descending', u.option & 1 = 1,
            'nulls_first', u.option & 2 = 2) ORDER BY u.pos)
        FROM ROWS FROM (unnest(i.indkey::int2[]), unnest(i.indclass::oid[]), unnest(i.indcollation::oid[]),
                        unnest(i.indoption::int2[])) WITH ORDINALITY u(num, class, coll, option, pos)
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.num AND u.num <> 0
        LEFT JOIN pg_opclass o ON o.oid = u.class LEFT JOIN pg_collation co ON co.oid = u.coll
        WHERE u.pos <= i.indnkeyatts) AS keys
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS} AND c.relkind IN ('r', 'p', 'm') AND NOT ic.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, ic.relname
"""

TRIGGERS = f"""
SELECT t.tgrelid AS owner, t.tgname AS name, pg_get_triggerdef(t.oid) AS definition, t.tgenabled AS enabled,
       {_comment("pg_trigger", "t.oid")} AS comment
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {_OURS}
ORDER BY t.tgrelid, t.tgname
"""

VIEWS = f"""
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind = 'm' AS materialized,
       pg_get_viewdef(c.oid) AS definition, {_comment("pg_class", "c.oid")} AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {_OURS} AND {_not_of_extension("pg_class", "c.oid")}
"""

FUNCTIONS = f"""
SELECT n.nspname AS schema, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
       pg_get_functiondef(p.oid) AS definition, {_comment("pg_proc", "p.oid")} AS comment
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p') AND {_OURS} AND {_not_of_extension("pg_proc", "p.oid")}
"""

QUERIES = {
    "schemas": SCHEMAS,
    "extensions": EXTENSIONS,
    "domains": DOMAINS,
    "enums": ENUMS,
    "sequences": SEQUENCES,
    "tables": TABLES,
    "columns": COLUMNS,
    "constraints": CONSTRAINTS,
    "indexes": INDEXES,
    "triggers": TRIGGERS,
    "views": VIEWS,
    "functions": FUNCTIONS,
}
