"""One query a catalog: plain SQL for the newest server, so that a DBA can run each by hand.

What an older server does not know is followed by what stands for it there: `k.conenforced/*18:true*/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.schema.postgres_others import OTHERS
from bot.schema.postgres_sql import OURS, comment, join_comment, not_made_along, not_of_extension

SCHEMAS = f"""
SELECT n.nspname AS name FROM pg_namespace n
WHERE {OURS} AND {not_of_extension("pg_namespace", "n.oid")}
"""

EXTENSIONS = "SELECT extname AS name, extversion AS version FROM pg_extension WHERE extname <> 'plpgsql'"

DOMAINS = f"""
SELECT n.nspname AS schema, t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS type,
       t.typnotnull AS not_null, pg_get_expr(t.typdefaultbin, 0) AS default, {comment("pg_type", "t.oid")} AS comment,
       CASE WHEN t.typcollation <> b.typcollation THEN co.collname END AS collation,
       ARRAY(SELECT ARRAY[c.conname::text, pg_get_expr(c.conbin, 0)] FROM pg_constraint c
             WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname) AS checks,
       ARRAY(SELECT c.conname::text FROM pg_constraint c
             WHERE c.contypid = t.oid AND NOT c.convalidated ORDER BY c.conname) AS unvalidated
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_type b ON b.oid = t.typbasetype
LEFT JOIN pg_collation co ON co.oid = t.typcollation
WHERE t.typtype = 'd' AND {OURS} AND {not_of_extension("pg_type", "t.oid")}
"""

ENUMS = f"""
SELECT n.nspname AS schema, t.typname AS name, {comment("pg_type", "t.oid")} AS comment,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS values
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE t.typtype = 'e' AND {OURS} AND {not_of_extension("pg_type", "t.oid")}
"""

# `dependence` is 'i' for the sequence of an identity column, which belongs to the column, and 'a' for that of a serial
# column, which stands for itself; `owner` and `number` are that column's.
SEQUENCES = f"""
SELECT n.nspname AS schema, c.relname AS name, format_type(s.seqtypid, NULL) AS type, s.seqstart AS start,
       s.seqmin AS minimum, s.seqmax AS maximum, s.seqincrement AS increment, s.seqcycle AS cycle,
       s.seqcache AS cache, m.description AS comment, d.deptype AS dependence, d.refobjid AS owner,
       d.refobjsubid AS number, tn.nspname AS owner_schema, tc.relname AS owner_name
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
     AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
LEFT JOIN pg_class tc ON tc.oid = d.refobjid LEFT JOIN pg_namespace tn ON tn.oid = tc.relnamespace
{join_comment("pg_class", "c.oid")}
WHERE {OURS} AND {not_of_extension("pg_class", "c.oid")}
"""

TABLES = f"""
SELECT c.oid, n.nspname AS schema, c.relname AS name, m.description AS comment,
       NULLIF(concat_ws(' ',
           CASE WHEN c.relispartition THEN 'PARTITION OF ' || (SELECT i.inhparent::regclass::text FROM pg_inherits i
                WHERE i.inhrelid = c.oid) || ' ' || pg_get_expr(c.relpartbound, c.oid) END,
           CASE WHEN c.relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END), '') AS partition,
       ARRAY(SELECT ARRAY[pn.nspname::text, pc.relname::text] FROM pg_inherits i
             JOIN pg_class pc ON pc.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = pc.relnamespace
             WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
       COALESCE(c.reloptions, '{{}}') || array_remove(ARRAY[
           CASE WHEN c.relpersistence = 'u' THEN 'UNLOGGED' END,
           CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END,
           CASE WHEN c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END,
           CASE c.relreplident WHEN 'f' THEN 'REPLICA IDENTITY FULL' WHEN 'n' THEN 'REPLICA IDENTITY NOTHING'
                WHEN 'i' THEN 'REPLICA IDENTITY USING INDEX ' || (SELECT quote_ident(ic.relname) FROM pg_index i
                JOIN pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident) END,
           CASE WHEN c.reloftype <> 0 THEN 'OF ' || format_type(c.reloftype, NULL) END,
           CASE WHEN am.amname <> 'heap' THEN 'USING ' || quote_ident(am.amname) END], NULL) AS options
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am am ON am.oid = c.relam
{join_comment("pg_class", "c.oid")}
WHERE c.relkind IN ('r', 'p') AND {OURS} AND {not_of_extension("pg_class", "c.oid")}
"""

# Also of materialised views, whose indexes name them by number.
COLUMNS = f"""
SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
       a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation, t.typcollation, m.description
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
{join_comment("pg_class", "a.attrelid", "a.attnum")}
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'm') AND {OURS}
"""

# NOT NULL is told by its column; only whether it was not validated stands in a constraint of its own (Postgres 18).
UNVALIDATED = "SELECT conrelid, conkey[1] FROM pg_constraint WHERE contype = 'n' AND NOT convalidated"

# What comes from a parent table (conparentid for the constraints of partitions, conislocal for inherited checks) is
# told of the parent.
_OWN = f"k.conparentid = 0 AND (k.conislocal OR k.coninhcount = 0) AND {OURS}"

KEYS = f"""
SELECT k.conrelid, k.conname, k.contype, k.conkey, i.indkey::int2[], i.indnkeyatts,
       NOT i.indnullsnotdistinct/*15:false*/, k.condeferrable, k.condeferred, k.conperiod/*18:false*/, m.description
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_index i ON i.indexrelid = k.conindid
{join_comment("pg_constraint", "k.oid")}
WHERE k.contype IN ('p', 'u') AND {_OWN}
ORDER BY k.conname
"""

FOREIGN_KEYS = f"""
SELECT k.conrelid, k.conname, k.conkey, k.confrelid, rn.nspname, rc.relname, k.confkey, k.confupdtype, k.confdeltype,
       k.confmatchtype, k.condeferrable, k.condeferred, k.convalidated, m.description,
       k.confdelsetcols/*15:NULL::int2[]*/, k.conperiod/*18:false*/, k.conenforced/*18:true*/
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class rc ON rc.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = rc.relnamespace
{join_comment("pg_constraint", "k.oid")}
WHERE k.contype = 'f' AND {_OWN}
ORDER BY k.conname
"""

CHECKS = f"""
SELECT k.conrelid, k.conname, k.contype,
       CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid) ELSE pg_get_constraintdef(k.oid) END,
       k.convalidated, k.connoinherit, m.description, k.conenforced/*18:true*/
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
{join_comment("pg_constraint", "k.oid")}
WHERE k.contype IN ('c', 'x') AND {_OWN}
ORDER BY k.conname
"""

INDEXES = f"""
SELECT i.indrelid, ic.relname, i.indisunique, am.amname, i.indkey::int2[], i.indnkeyatts,
       pg_get_expr(i.indpred, i.indrelid), NOT i.indnullsnotdistinct/*15:false*/, i.indisvalid,
       pg_get_indexdef(i.indexrelid), m.description, i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[],
       CASE WHEN i.indexprs IS NOT NULL THEN
           ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, true) FROM generate_series(1, i.indnkeyatts) p
                 WHERE i.indkey[p - 1] = 0 ORDER BY p) END
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
{join_comment("pg_class", "ic.oid")}
WHERE {OURS} AND c.relkind IN ('r', 'p', 'm') AND NOT ic.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY ic.relname
"""

# Names for the numbers in the rows above.
OPERATOR_CLASSES = "SELECT oid, opcname AS name FROM pg_opclass WHERE NOT opcdefault"
COLLATIONS = "SELECT oid, collname AS name FROM pg_collation"

TRIGGERS = f"""
SELECT t.tgrelid, t.tgname, pg_get_triggerdef(t.oid), t.tgenabled, {comment("pg_trigger", "t.oid")}
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND {OURS}
ORDER BY t.tgname
"""

VIEWS = f"""
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind = 'm' AS materialized,
       pg_get_viewdef(c.oid) AS definition, COALESCE(c.reloptions, '{{}}') AS options,
       {comment("pg_class", "c.oid")} AS comment
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('v', 'm') AND {OURS} AND {not_of_extension("pg_class", "c.oid")}
"""

FUNCTIONS = f"""
SELECT n.nspname AS schema, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' AS name,
       pg_get_functiondef(p.oid) AS definition, {comment("pg_proc", "p.oid")} AS comment
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prokind IN ('f', 'p', 'w') AND {OURS} AND {not_of_extension("pg_proc", "p.oid")}
  AND {not_made_along("pg_proc", "p.oid")}
"""

QUERIES = {
    "schemas": SCHEMAS,
    "extensions": EXTENSIONS,
    "domains": DOMAINS,
    "enums": ENUMS,
    "sequences": SEQUENCES,
    "tables": TABLES,
    "columns": COLUMNS,
    "unvalidated": UNVALIDATED,
    "keys": KEYS,
    "foreign_keys": FOREIGN_KEYS,
    "checks": CHECKS,
    "indexes": INDEXES,
    "operator_classes": OPERATOR_CLASSES,
    "collations": COLLATIONS,
    "triggers": TRIGGERS,
    "views": VIEWS,
    "functions": FUNCTIONS,
    "others": OTHERS,
}
_NEWER = re.compile(r"[\w.]+/\*(\d+):([^*]+)\*/")


def get_queries(major: int) -> Mapping[str, str]:
    """The queries for a server of that major version, 14 or later."""

    def choose(match: re.Match[str]) -> str:
        return match[0] if major >= int(match[1]) else match[2]

    return {name: _NEWER.sub(choose, query) for name, query in QUERIES.items()}
