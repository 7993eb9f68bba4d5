"""Which statements a spec may hold: those that describe a schema, and of these what a catalog's snapshot can compare.

What it may not: rows (DML, COPY), code that runs at once (DO, CALL), rights, settings, transactions, and whatever needs
or reaches for a superuser. A migration made of it would be run on somebody's production database.
"""

from __future__ import annotations

import re
from typing import Any

import pglast
from pglast import ast
from pglast.enums import AlterTableType, ObjectType

from bot.spec.sql_text import NotSql, parse_statement, walk

ALLOWED = (
    "CREATE, ALTER, DROP or COMMENT ON of tables, enums, domains, indexes, sequences, views, functions and triggers"
)

_STATEMENTS = (
    *(ast.CreateStmt, ast.AlterTableStmt, ast.DropStmt, ast.CreateEnumStmt, ast.AlterEnumStmt, ast.IndexStmt),
    *(ast.CreateSeqStmt, ast.AlterSeqStmt, ast.ViewStmt, ast.CreateFunctionStmt, ast.CreateTrigStmt, ast.RenameStmt),
    *(ast.CreateExtensionStmt, ast.CommentStmt, ast.CreateDomainStmt, ast.AlterDomainStmt, ast.CreateSchemaStmt),
    *(ast.CreateTableAsStmt, ast.AlterObjectSchemaStmt),
)
_OBJECTS = frozenset(
    getattr(ObjectType, f"OBJECT_{name}")
    for name in (
        *(
            "TABLE",
            "COLUMN",
            "TABCONSTRAINT",
            "DOMCONSTRAINT",
            "INDEX",
            "TYPE",
            "DOMAIN",
            "SEQUENCE",
            "VIEW",
            "MATVIEW",
        ),
        *("SCHEMA", "FUNCTION", "TRIGGER", "EXTENSION"),
    )
)
_TABLE_ACTIONS = frozenset(
    getattr(AlterTableType, f"AT_{name}")
    for name in (
        *("AddColumn", "DropColumn", "AlterColumnType", "ColumnDefault", "SetNotNull", "DropNotNull", "AddConstraint"),
        *("DropConstraint", "AlterConstraint", "ValidateConstraint", "AddIdentity", "SetIdentity", "DropIdentity"),
        *("SetExpression", "DropExpression", "AttachPartition", "DetachPartition", "AddIndex", "AddIndexConstraint"),
    )
)
# Trusted extensions, https://www.postgresql.org/docs/current/contrib.html, and two that hosted servers all offer.
EXTENSIONS = frozenset(
    ["btree_gin", "btree_gist", "citext", "cube", "dict_int", "fuzzystrmatch", "hstore", "intarray", "isn", "lo", "ltree", "pg_trgm", "pgcrypto", "seg", "tablefunc", "tcn", "tsm_system_rows", "tsm_system_time", "unaccent", "uuid-ossp", "plpgsql", "vector", "postgis"]
)
_SYSTEM_SCHEMAS = frozenset({"pg_catalog", "information_schema", "pg_toast", "pg_temp"})
_REACHING = re.compile(
    r"^(?:pg_(?:read|ls|stat)_\w*(?:file|dir)\w*|pg_(?:terminate|cancel)_backend|pg_reload_conf|pg_rotate_logfile|"
    r"pg_(?:file|logdir|promote|switch|create|drop|backup|export|replication)_?\w*|pg_sleep\w*|lo_(?:import|export)|"
    r"dblink\w*|set_config|query_to_xml\w*|database_to_xml\w*|pg_advisory_\w+)$",
    re.IGNORECASE,
)
_REACHING_IN_TEXT = re.compile(
    r"\b(?:pg_read_\w*file|pg_ls_\w*dir|pg_stat_file|lo_import|lo_export|dblink\w*|pg_terminate_backend|set_config|"
    r"pg_reload_conf|pg_file_\w+)\s*\(|\bcopy\b[^;]*\bprogram\b|\balter\s+system\b|"
    r"\b(?:create|alter|drop)\s+(?:role|user|database)\b",
    re.IGNORECASE,
)
_KINDS = {
    **dict.fromkeys((ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.SelectStmt), "rows"),
    **dict.fromkeys((ast.CopyStmt, ast.TruncateStmt), "rows"),
    **dict.fromkeys((ast.DoStmt, ast.CallStmt, ast.ExecuteStmt, ast.PrepareStmt), "code that runs at once"),
    **dict.fromkeys(
        (ast.GrantStmt, ast.GrantRoleStmt, ast.CreateRoleStmt, ast.AlterRoleStmt, ast.DropRoleStmt), "rights"
    ),
    **dict.fromkeys((ast.AlterOwnerStmt, ast.AlterDefaultPrivilegesStmt, ast.CreatePolicyStmt), "rights"),
    **dict.fromkeys((ast.VariableSetStmt, ast.AlterSystemStmt, ast.AlterDatabaseSetStmt), "settings"),
    ast.TransactionStmt: "transactions: each migration is in one already",
}


class Refused(Exception):
    """A statement that a spec may not hold; the message says what it is, `expected` what would be right."""

    def __init__(self, message: str, expected: str = ALLOWED) -> None:
        super().__init__(message)
        self.expected = expected


def check_statement(node: Any, sql: str) -> str:
    """The statement as it can be run in a transaction: without CONCURRENTLY, which says how and not what.

    Raises `Refused` or `NotSql`.
    """
    if not isinstance(node, _STATEMENTS):
        kind = next((what for class_, what in _KINDS.items() if isinstance(node, class_)), None)
        name = _first_words(sql)
        raise Refused(f"`{name}` is no part of a data model" + (f": it is about {kind}" if kind else ""))
    _check_kind(node)
    for part, _ in walk(node):
        _check_part(part)
    return _drop_concurrently(sql) if getattr(node, "concurrent", False) else sql


def _check_kind(node: Any) -> None:
    match node:
        case ast.AlterTableStmt():
            for command in node.cmds or ():
                if command.subtype not in _TABLE_ACTIONS:
                    raise Refused("this change of a table is no part of a data model (owner, storage, row security …)")
        case ast.DropStmt():
            _check_object(node.removeType)
        case ast.RenameStmt() | ast.AlterObjectSchemaStmt():
            _check_object(node.renameType if isinstance(node, ast.RenameStmt) else node.objectType)
        case ast.CommentStmt():
            _check_object(node.objtype)
        case ast.CreateTableAsStmt():
            if node.objtype != ObjectType.OBJECT_MATVIEW:
                raise Refused("a table made from a query holds rows", "CREATE TABLE with its columns")
        case ast.CreateExtensionStmt():
            if node.extname not in EXTENSIONS:
                raise Refused(
                    f"the extension {node.extname} needs a superuser", f"one of {', '.join(sorted(EXTENSIONS))}"
                )
        case ast.CreateFunctionStmt():
            _check_function(node)
        case ast.CreateSchemaStmt():
            if node.authrole is not None or node.schemaElts:
                raise Refused("a schema is created by its name alone", "CREATE SCHEMA its_name;")
            _check_schema(node.schemaname)


def _check_object(kind: ObjectType) -> None:
    if kind not in _OBJECTS:
        raise Refused(f"a spec says nothing of a {kind.name.removeprefix('OBJECT_').lower()}")


def _check_function(node: Any) -> None:
    options = {option.defname: option.arg for option in node.options or ()}
    language = getattr(options.get("language"), "sval", "sql")
    if language.lower() not in ("sql", "plpgsql"):
        raise Refused(f"a function in the language {language} is refused", "LANGUAGE sql or plpgsql")
    security = options.get("security")
    if security is not None and getattr(security, "boolval", True):
        raise Refused("a function with the rights of its owner is refused", "a function without SECURITY DEFINER")
    body = options.get("as")
    texts = [part.sval for part in body or ()] if isinstance(body, tuple) else []
    if any(_REACHING_IN_TEXT.search(text) for text in texts):
        raise Refused("the function reaches out of the database", "a function that works on its tables only")
    if language.lower() == "sql" and len(texts) == 1:
        _check_sql_body(texts[0])


def _check_sql_body(text: str) -> None:
    try:
        for piece in pglast.parser.split(text, with_parser=False):
            for part, _ in walk(parse_statement(piece)):
                _check_part(part)
    except (pglast.parser.ParseError, ValueError) as error:
        raise NotSql(f"the body of the function: {error}") from error


def _check_part(part: Any) -> None:
    match part:
        case ast.RangeVar():
            _check_schema(part.schemaname)
            if part.relpersistence == "t":
                raise Refused("a temporary table is no part of a data model")
        case ast.FuncCall():
            name = part.funcname[-1].sval
            if _REACHING.match(name):
                raise Refused(f"`{name}` is refused in a data model", "expressions on the columns only")
        case ast.CreateStmt() | ast.IndexStmt():
            space = part.tablespacename if isinstance(part, ast.CreateStmt) else part.tableSpace
            if space is not None:
                raise Refused("where a table is stored is no part of a data model", "the statement without TABLESPACE")


def _check_schema(name: str | None) -> None:
    if name in _SYSTEM_SCHEMAS or (name or "").startswith("pg_"):
        raise Refused(f"the schema {name} belongs to the server", "a schema of your own")


def _drop_concurrently(sql: str) -> str:
    for token in pglast.parser.scan(sql):
        if token.name == "CONCURRENTLY":
            return sql[: token.start].rstrip() + sql[token.end + 1 :]
    return sql


def _first_words(sql: str) -> str:
    tokens = [token for token in pglast.parser.scan(sql) if token.name not in ("SQL_COMMENT", "C_COMMENT")][:2]
    return " ".join(sql[token.start : token.end + 1] for token in tokens)[:60].upper()
