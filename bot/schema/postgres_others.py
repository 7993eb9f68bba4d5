"""What is compared as a whole, by its definition: one query over the catalogs of all these kinds."""

# ruff: noqa: S608 - constants of ours joined together, no value from outside
from __future__ import annotations

from bot.schema.postgres_sql import OURS, comment, not_of_extension

_COLUMNS = """(SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation <> ty.typcollation THEN 'COLLATE ' || quote_ident(co.collname) END,
           CASE WHEN a.attnotnull THEN 'NOT NULL' END), ', ' ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type ty ON ty.oid = a.atttypid LEFT JOIN pg_collation co ON co.oid = a.attcollation
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"""

COMPOSITE_TYPES = f"""
SELECT 'composite type' AS kind, n.nspname::text AS schema, t.typname::text AS name, NULL::text AS table,
       COALESCE({_COLUMNS}, '') AS definition, {comment("pg_type", "t.oid")} AS comment
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c'
WHERE {OURS} AND {not_of_extension("pg_type", "t.oid")}
"""

RANGE_TYPES = f"""
SELECT 'range type', n.nspname, t.typname, NULL,
       concat_ws(', ', 'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
           CASE WHEN NOT o.opcdefault THEN 'SUBTYPE_OPCLASS = ' || quote_ident(o.opcname) END,
           CASE WHEN r.rngcollation <> st.typcollation THEN 'COLLATION = ' || quote_ident(co.collname) END,
           CASE WHEN r.rngcanonical <> 0 THEN 'CANONICAL = ' || r.rngcanonical::text END,
           CASE WHEN r.rngsubdiff <> 0 THEN 'SUBTYPE_DIFF = ' || r.rngsubdiff::text END,
           'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL)),
       {comment("pg_type", "t.oid")}
FROM pg_range r JOIN pg_type t ON t.oid = r.rngtypid JOIN pg_namespace n ON n.oid = t.typnamespace
JOIN pg_type st ON st.oid = r.rngsubtype LEFT JOIN pg_opclass o ON o.oid = r.rngsubopc
LEFT JOIN pg_collation co ON co.oid = r.rngcollation
WHERE {OURS} AND {not_of_extension("pg_type", "t.oid")}
"""

AGGREGATES = f"""
SELECT 'aggregate', n.nspname, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', NULL,
       concat_ws(', ', 'SFUNC = ' || a.aggtransfn::oid::regprocedure, 'STYPE = ' || format_type(a.aggtranstype, NULL),
           CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC = ' || a.aggfinalfn::oid::regprocedure END,
           CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || a.aggcombinefn::oid::regprocedure END,
           CASE WHEN a.aggmtransfn <> 0 THEN 'MSFUNC = ' || a.aggmtransfn::oid::regprocedure END,
           CASE WHEN a.aggminvtransfn <> 0 THEN 'MINVFUNC = ' || a.aggminvtransfn::oid::regprocedure END,
           CASE WHEN a.aggsortop <> 0 THEN 'SORTOP = ' || a.aggsortop::regoperator END,
           'INITCOND = ' || quote_literal(a.agginitval),
           CASE WHEN a.aggkind <> 'n' THEN 'KIND = ' || a.aggkind::text END, 'PARALLEL = ' || p.proparallel::text),
       {comment("pg_proc", "p.oid")}
FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE {OURS} AND {not_of_extension("pg_proc", "p.oid")}
"""

POLICIES = f"""
SELECT 'policy', n.nspname, y.polname, c.relname,
       concat_ws(' ', CASE WHEN y.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
           CASE y.polcmd WHEN 'r' THEN 'FOR SELECT' WHEN 'a' THEN 'FOR INSERT' WHEN 'w' THEN 'FOR UPDATE'
                WHEN 'd' THEN 'FOR DELETE' ELSE 'FOR ALL' END,
           'TO ' || CASE WHEN y.polroles = '{{0}}' THEN 'PUBLIC' ELSE (SELECT string_agg(quote_ident(ro.rolname), ', '
                ORDER BY ro.rolname) FROM pg_roles ro WHERE ro.oid = ANY (y.polroles)) END,
           'USING ' || pg_get_expr(y.polqual, y.polrelid),
           'WITH CHECK ' || pg_get_expr(y.polwithcheck, y.polrelid)),
       {comment("pg_policy", "y.oid")}
FROM pg_policy y JOIN pg_class c ON c.oid = y.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {OURS} AND {not_of_extension("pg_class", "c.oid")}
"""

RULES = f"""
SELECT 'rule', n.nspname, w.rulename, c.relname, pg_get_ruledef(w.oid)
       || CASE WHEN w.ev_enabled <> 'O' THEN ' -- ENABLED ' || w.ev_enabled::text ELSE '' END,
       {comment("pg_rewrite", "w.oid")}
FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE w.rulename <> '_RETURN' AND {OURS} AND {not_of_extension("pg_class", "c.oid")}
"""

STATISTICS = f"""
SELECT 'statistics', n.nspname, x.stxname, c.relname, pg_get_statisticsobjdef(x.oid),
       {comment("pg_statistic_ext", "x.oid")}
FROM pg_statistic_ext x JOIN pg_class c ON c.oid = x.stxrelid JOIN pg_namespace n ON n.oid = x.stxnamespace
WHERE {OURS} AND {not_of_extension("pg_statistic_ext", "x.oid")}
"""

FOREIGN_TABLES = f"""
SELECT 'foreign table', n.nspname, c.relname, NULL,
       '(' || COALESCE({_COLUMNS}, '') || ') SERVER ' || quote_ident(sv.srvname)
       || COALESCE(' OPTIONS (' || array_to_string(f.ftoptions, ', ') || ')', ''), {comment("pg_class", "c.oid")}
FROM pg_foreign_table f JOIN pg_class c ON c.oid = f.ftrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_foreign_server sv ON sv.oid = f.ftserver
WHERE {OURS} AND {not_of_extension("pg_class", "c.oid")}
"""

FOREIGN_SERVERS = f"""
SELECT 'foreign server', '', sv.srvname, NULL, concat_ws(' ', 'TYPE ' || quote_literal(sv.srvtype),
       'VERSION ' || quote_literal(sv.srvversion), 'FOREIGN DATA WRAPPER ' || quote_ident(w.fdwname)),
       {comment("pg_foreign_server", "sv.oid")}
FROM pg_foreign_server sv JOIN pg_foreign_data_wrapper w ON w.oid = sv.srvfdw
WHERE {not_of_extension("pg_foreign_server", "sv.oid")}
"""

EVENT_TRIGGERS = f"""
SELECT 'event trigger', '', v.evtname, NULL, concat_ws(' ', 'ON ' || v.evtevent,
       'WHEN TAG IN (' || array_to_string(v.evttags, ', ') || ')', 'EXECUTE FUNCTION ' || v.evtfoid::regprocedure,
       CASE WHEN v.evtenabled <> 'O' THEN 'ENABLED ' || v.evtenabled::text END),
       {comment("pg_event_trigger", "v.oid")}
FROM pg_event_trigger v
WHERE {not_of_extension("pg_event_trigger", "v.oid")}
"""

# The columns of pg_collation differ between versions of the server: all that say anything are taken.
COLLATIONS = f"""
SELECT 'collation', n.nspname, co.collname, NULL,
       (jsonb_strip_nulls(to_jsonb(co)) - '{{oid,collname,collnamespace,collowner,collversion}}'::text[])::text,
       {comment("pg_collation", "co.oid")}
FROM pg_collation co JOIN pg_namespace n ON n.oid = co.collnamespace
WHERE {OURS} AND {not_of_extension("pg_collation", "co.oid")}
"""

TEXT_SEARCH = f"""
SELECT 'text search configuration', n.nspname, f.cfgname, NULL,
       'PARSER ' || (SELECT quote_ident(p.prsname) FROM pg_ts_parser p WHERE p.oid = f.cfgparser)
       || COALESCE((SELECT string_agg(format(' %s %s:%s', m.maptokentype, m.mapseqno, m.mapdict::regdictionary), ','
                    ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = f.oid), ''),
       {comment("pg_ts_config", "f.oid")}
FROM pg_ts_config f JOIN pg_namespace n ON n.oid = f.cfgnamespace
WHERE {OURS} AND {not_of_extension("pg_ts_config", "f.oid")}
UNION ALL
SELECT 'text search dictionary', n.nspname, d.dictname, NULL,
       concat_ws(' ', 'TEMPLATE', (SELECT quote_ident(t.tmplname) FROM pg_ts_template t WHERE t.oid = d.dicttemplate),
           d.dictinitoption),
       {comment("pg_ts_dict", "d.oid")}
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
WHERE {OURS} AND {not_of_extension("pg_ts_dict", "d.oid")}
"""

OTHERS = "UNION ALL".join(
    (
        COMPOSITE_TYPES,
        RANGE_TYPES,
        AGGREGATES,
        POLICIES,
        RULES,
        STATISTICS,
        FOREIGN_TABLES,
        FOREIGN_SERVERS,
        EVENT_TRIGGERS,
        COLLATIONS,
        TEXT_SEARCH,
    )
)
