"""Which statements a spec may hold: those that describe a schema, and of these what a catalog's snapshot can compare.

What it may not: rows (DML, COPY), code that runs at once (DO, CALL), rights, settings, transactions, and whatever needs
or reaches for a superuser. A migration made of it would be run on somebody's production database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pglast
from pglast import ast
from pglast.enums import AlterTableType, ObjectType

from bot.spec.sql.functions import check_function
from bot.spec.sql.parts import Refused, check_parts, check_schema
from bot.spec.sql.text import COMMENTS

_OBJECTS = """TABLE COLUMN TABCONSTRAINT DOMCONSTRAINT INDEX TYPE DOMAIN SEQUENCE VIEW MATVIEW SCHEMA FUNCTION TRIGGER
    EXTENSION"""
_TABLE_ACTIONS = """AddColumn DropColumn AlterColumnType ColumnDefault SetNotNull DropNotNull AddConstraint
    DropConstraint AlterConstraint ValidateConstraint AddIdentity SetIdentity DropIdentity SetExpression DropExpression
    AttachPartition DetachPartition"""
OBJECTS = frozenset(ObjectType[f"OBJECT_{name}"] for name in _OBJECTS.split())
TABLE_ACTIONS = frozenset(AlterTableType[f"AT_{name}"] for name in _TABLE_ACTIONS.split())

# Trusted extensions (https://www.postgresql.org/docs/current/contrib.html), and two that hosted servers all offer.
_EXTENSIONS = """btree_gin btree_gist citext cube dict_int fuzzystrmatch hstore intarray isn lo ltree pg_trgm pgcrypto
    plpgsql postgis seg tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp vector"""
EXTENSIONS = frozenset(_EXTENSIONS.split())

_ABOUT: Mapping[type, str] = {
    **dict.fromkeys((ast.InsertStmt, ast.UpdateStmt, ast.DeleteStmt, ast.MergeStmt, ast.SelectStmt), "rows"),
    **dict.fromkeys((ast.CopyStmt, ast.TruncateStmt), "rows"),
    **dict.fromkeys((ast.DoStmt, ast.CallStmt, ast.ExecuteStmt, ast.PrepareStmt), "code that runs at once"),
    **dict.fromkeys(
        (ast.GrantStmt, ast.GrantRoleStmt, ast.CreateRoleStmt, ast.AlterRoleStmt, ast.DropRoleStmt), "rights"
    ),
    **dict.fromkeys((ast.AlterOwnerStmt, ast.AlterDefaultPrivilegesStmt, ast.CreatePolicyStmt), "rights"),
    **dict.fromkeys((ast.VariableSetStmt, ast.AlterSystemStmt, ast.AlterDatabaseSetStmt), "settings"),
    ast.TransactionStmt: "transactions, and a migration is in one already",
}


def check_statement(node: Any, sql: str) -> str:
    """The statement as it can be run in a transaction: without CONCURRENTLY, which says how and not what.

    Raises `Refused` or `NotSql`.
    """
    check = _CHECKS.get(type(node))
    if check is None:
        about = _ABOUT.get(type(node))
        raise Refused(f"`{_first_words(sql)}` is no part of a data model" + (f": it is about {about}" if about else ""))
    check(node)
    check_parts(node)
    return _drop_concurrently(sql) if getattr(node, "concurrent", False) else sql


def _accept(node: Any) -> None:
    """Nothing but its parts to check."""


def _check_table_actions(node: Any) -> None:
    for command in node.cmds or ():
        if command.subtype not in TABLE_ACTIONS:
            raise Refused("this change of a table is no part of a data model (owner, storage, row security …)")


def _check_object(kind: ObjectType) -> None:
    if kind not in OBJECTS:
        raise Refused(f"a data model says nothing of a {kind.name.removeprefix('OBJECT_').lower()}")


def _check_query(node: Any) -> None:
    if node.objtype != ObjectType.OBJECT_MATVIEW:
        raise Refused("a table made from a query holds rows", "CREATE TABLE with its columns")


def _check_extension(node: Any) -> None:
    if node.extname not in EXTENSIONS:
        expected = f"one of {', '.join(sorted(EXTENSIONS))}"
        raise Refused(f"the extension {node.extname} needs a superuser, or nobody knows it", expected)


def _check_new_schema(node: Any) -> None:
    check_schema(node.schemaname)
    if node.authrole is not None or node.schemaElts:
        raise Refused("a schema is created by its name alone", "CREATE SCHEMA its_name;")


_CHECKS: Mapping[type, Callable[[Any], None]] = {
    **dict.fromkeys((ast.CreateStmt, ast.CreateEnumStmt, ast.AlterEnumStmt, ast.IndexStmt, ast.ViewStmt), _accept),
    **dict.fromkeys((ast.CreateSeqStmt, ast.AlterSeqStmt, ast.CreateTrigStmt), _accept),
    **dict.fromkeys((ast.CreateDomainStmt, ast.AlterDomainStmt), _accept),
    ast.AlterTableStmt: _check_table_actions,
    ast.DropStmt: lambda node: _check_object(node.removeType),
    ast.RenameStmt: lambda node: _check_object(node.renameType),
    ast.AlterObjectSchemaStmt: lambda node: _check_object(node.objectType),
    ast.CommentStmt: lambda node: _check_object(node.objtype),
    ast.CreateTableAsStmt: _check_query,
    ast.CreateExtensionStmt: _check_extension,
    ast.CreateFunctionStmt: check_function,
    ast.CreateSchemaStmt: _check_new_schema,
}


def _drop_concurrently(sql: str) -> str:
    for token in pglast.parser.scan(sql):
        if token.name == "CONCURRENTLY":
            return sql[: token.start].rstrip() + sql[token.end + 1 :]
    return sql


def _first_words(sql: str) -> str:
    tokens = [token for token in pglast.parser.scan(sql) if token.name not in COMMENTS][:2]
    return " ".join(sql[token.start : token.end + 1] for token in tokens)[:60].upper()
