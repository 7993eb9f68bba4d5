"""What we make of squawk's rules (https://squawkhq.com/docs/rules): how much each weighs, how Alembic does it instead.

Left out is what the proof finds out on a real server, what our own rules know better because they see the schema and
the code, and what is taste.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.config import LintLevel


@dataclass(frozen=True, slots=True)
class SquawkRule:
    """`title` is the finding's, `example` a template of a revision's code; `why_off` says why the rule is not asked."""

    level: LintLevel
    title: str = ""
    example: str = ""
    why_off: str = ""


# What a dollar sign begins is taken from the statement (`squawk_examples`); an ellipsis is for the reader to fill.
_CONCURRENT_INDEX = """\
with op.get_context().autocommit_block():
    op.create_index("$name", "$table", $columns$unique, postgresql_concurrently=True)
"""
_CONCURRENT_DROP = """\
with op.get_context().autocommit_block():
    op.drop_index("$name", postgresql_concurrently=True)
"""
_NOT_VALID = """\
op.create_check_constraint("$name", "$table", "$condition", postgresql_not_valid=True)
# in a revision of its own, deployed afterwards:
op.execute("ALTER TABLE $table VALIDATE CONSTRAINT $name")
"""
_FOREIGN_KEY = """\
op.create_foreign_key(
    "$name", "$table", "$referred", $columns, $referred_columns$ondelete, postgresql_not_valid=True
)
# in a revision of its own, deployed afterwards:
op.execute("ALTER TABLE $table VALIDATE CONSTRAINT $name")
"""
_UNIQUE = """\
with op.get_context().autocommit_block():
    op.create_index("$name", "$table", $columns, unique=True, postgresql_concurrently=True)
op.execute("ALTER TABLE $table ADD CONSTRAINT $name UNIQUE USING INDEX $name")
"""
_PRIMARY_KEY = """\
with op.get_context().autocommit_block():
    op.create_index("$name", "$table", $columns, unique=True, postgresql_concurrently=True)
op.execute("ALTER TABLE $table ADD CONSTRAINT $name PRIMARY KEY USING INDEX $name")
"""
_NOT_NULL = """\
op.create_check_constraint("ck_${table}_${column}_set", "$table", "$column IS NOT NULL", postgresql_not_valid=True)
# in a revision of its own, deployed afterwards; since Postgres 12 SET NOT NULL believes the check and scans nothing:
op.execute("ALTER TABLE $table VALIDATE CONSTRAINT ck_${table}_${column}_set")
op.alter_column("$table", "$column", nullable=False)
op.drop_constraint("ck_${table}_${column}_set", "$table", type_="check")
"""
_REQUIRED = """\
op.add_column("$table", sa.Column("$column", ..., server_default=..., nullable=False))
"""
_DEFAULT = """\
op.add_column("$table", sa.Column("$column", ..., nullable=True))
op.alter_column("$table", "$column", server_default=...)
# then fill the rows that are there, some thousand at a time, in a revision of its own
"""
_NEW_TYPE = """\
# 1. this revision: a column of the new type beside the old one; the code writes both
op.add_column("$table", sa.Column("${column}_new", ..., nullable=True))
# 2. the next one: fill it, some thousand rows at a time; the code reads the new column
# 3. the last one: drop the old column
"""
_LOCK_TIMEOUT = """\
op.execute("SET lock_timeout = '3s'")  # or once for all, in env.py: connect_args={"options": "-c lock_timeout=3s"}
"""
_DOMAIN = """\
op.execute("ALTER DOMAIN $domain ADD CONSTRAINT $name CHECK ($condition) NOT VALID")
# in a revision of its own, deployed afterwards:
op.execute("ALTER DOMAIN $domain VALIDATE CONSTRAINT $name")
"""
_DETACH = """\
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE $table DETACH PARTITION $partition CONCURRENTLY")
"""
_REINDEX = """\
with op.get_context().autocommit_block():
    op.execute("REINDEX INDEX CONCURRENTLY $name")
"""

_ON: Mapping[str, SquawkRule] = {
    "adding-field-with-default": SquawkRule(
        "warning", "The whole table is rewritten for the new column's values", _DEFAULT
    ),
    "adding-foreign-key-constraint": SquawkRule(
        "warning", "Both tables refuse writes while the foreign key is checked", _FOREIGN_KEY
    ),
    "adding-not-nullable-field": SquawkRule(
        "warning", "The table stands still while it is read for NOT NULL", _NOT_NULL
    ),
    "adding-required-field": SquawkRule("warning", "A new NOT NULL column has no default", _REQUIRED),
    "adding-serial-primary-key-field": SquawkRule(
        "warning", "The table stands still while its primary key is built", _PRIMARY_KEY
    ),
    "ban-alter-database-options": SquawkRule("warning", "A setting of the whole database is changed"),
    "ban-alter-domain-with-add-constraint": SquawkRule(
        "warning", "Every table that uses the domain is read under a lock", _DOMAIN
    ),
    "ban-alter-role-options": SquawkRule("warning", "A role is changed, which the whole server shares"),
    "ban-alter-system-options": SquawkRule("warning", "A setting of the whole server is changed"),
    "ban-char-field": SquawkRule(
        "info", "character(n) pads with blanks", "sa.Text()  # a check on its length, if that must be so\n"
    ),
    "ban-disable-trigger": SquawkRule("warning", "A trigger is switched off"),
    "ban-drop-database": SquawkRule("error", "A database is dropped"),
    "ban-drop-not-null": SquawkRule("info", "A column may be NULL now, which code that reads it may not expect"),
    "ban-revoke": SquawkRule("warning", "A privilege is taken away"),
    "ban-truncate-cascade": SquawkRule("error", "TRUNCATE … CASCADE empties every table that refers to this one"),
    "ban-uncommitted-transaction": SquawkRule("error", "The revision begins a transaction and does not end it"),
    "changing-column-type": SquawkRule(
        "warning", "The table is rewritten for the column's new type while nobody can use it", _NEW_TYPE
    ),
    "constraint-missing-not-valid": SquawkRule(
        "warning", "The whole table is read under a lock, for a new constraint", _NOT_VALID
    ),
    "disallowed-unique-constraint": SquawkRule(
        "warning", "The table stands still while the unique constraint's index is built", _UNIQUE
    ),
    "identifier-too-long": SquawkRule("warning", "A name is longer than Postgres keeps"),
    "prefer-identity": SquawkRule(
        "info",
        "A serial column, not an identity column",
        "sa.Identity()  # among the column's arguments\n",
    ),
    "prefer-repack": SquawkRule("info", "The table stands still while it is written anew"),
    "require-concurrent-index-creation": SquawkRule(
        "warning", "The table refuses writes while the index is built", _CONCURRENT_INDEX
    ),
    "require-concurrent-index-deletion": SquawkRule(
        "warning", "The table stands still while the index is dropped", _CONCURRENT_DROP
    ),
    "require-concurrent-partition-detach": SquawkRule("warning", "The table stands still for the detaching", _DETACH),
    "require-concurrent-reindex": SquawkRule(
        "warning", "The table refuses writes while the index is built anew", _REINDEX
    ),
    "require-lock-timeout": SquawkRule(
        "info", "Nothing limits the wait for a lock, behind which others wait", _LOCK_TIMEOUT
    ),
    "transaction-nesting": SquawkRule("error", "The revision begins or ends a transaction, which is Alembic's"),
}
_OFF: Mapping[str, tuple[str, ...]] = {
    "the server refuses it in the proof": (
        "ban-concurrent-index-creation-in-transaction",
        "ban-duplicate-column-assignments",
    ),
    "the server ran the statement in the proof": ("syntax-error",),
    "a new domain is used by nothing yet": ("ban-create-domain-with-constraint",),
    "drop-still-used looks at the code": (
        "ban-drop-column",
        "ban-drop-table",
        "ban-drop-view",
        "ban-set-schema",
        "renaming-column",
        "renaming-table",
    ),
    "the summary of the migration says what goes or changes": (
        "ban-alter-identity",
        "ban-drop-constraint",
        "ban-drop-default",
        "ban-drop-domain",
        "ban-drop-extension",
        "ban-drop-function",
        "ban-drop-generated-expression",
        "ban-drop-schema",
        "ban-drop-sequence",
        "ban-drop-type",
        "renaming-object",
    ),
    "integer-primary-key asks it of the keys of new tables": ("prefer-bigint-over-int",),
    "a small number is a choice": ("prefer-bigint-over-smallint",),
    "what is no transaction is repaired by hand, not by IF EXISTS": ("prefer-robust-stmts",),
    "a longer varchar is a change of the catalog only": ("prefer-text-field",),
    "timestamp-without-time-zone finds it": ("prefer-timestamp-tz",),
    "the proof compares the order with the target's": ("require-enum-value-ordering",),
    "a time-out that ends a long migration half way is no help": ("require-statement-timeout",),
}
_OPT_IN = (
    "ban-add-column",
    "ban-add-composite-attribute",
    "ban-add-enum-value",
    "ban-alter-extension",
    "ban-alter-function-options",
    "ban-alter-generated-expression",
    "ban-alter-policy-condition",
    "ban-alter-policy-roles",
    "ban-alter-row-level-security",
    "ban-alter-sequence-values",
    "ban-alter-view-options",
    "ban-create-policy",
    "ban-detach-inheritance",
    "ban-drop-index",
    "ban-drop-policy",
    "ban-drop-trigger",
    "ban-new-write-restriction",
    "ban-replace-view-function",
    "ban-replica-identity",
    "ban-set-default",
    "require-table-schema",
)
OPT_IN = frozenset(_OPT_IN) | {
    "ban-alter-database-options",
    "ban-alter-role-options",
    "ban-alter-system-options",
    "ban-disable-trigger",
    "ban-revoke",
}


def _off(why: str) -> SquawkRule:
    return SquawkRule("off", why_off=why)


SQUAWK_RULES: Mapping[str, SquawkRule] = MappingProxyType(
    dict(
        sorted(
            {
                **_ON,
                **{name: _off(why) for why, names in _OFF.items() for name in names},
                **{name: _off("squawk leaves it out too") for name in _OPT_IN},
            }.items()
        )
    )
)
WITHOUT_CODE: Mapping[str, SquawkRule] = MappingProxyType(
    {
        "ban-drop-column": SquawkRule("warning", "A column is dropped"),
        "ban-drop-table": SquawkRule("warning", "A table is dropped"),
        "ban-drop-view": SquawkRule("warning", "A view is dropped"),
        "renaming-column": SquawkRule("warning", "A column is renamed"),
        "renaming-table": SquawkRule("warning", "A table is renamed"),
    }
)
UNKNOWN_RULE = SquawkRule("info")


def get_squawk_rule(code: str, *, knows_code: bool) -> SquawkRule:
    """What we make of a rule of squawk's (an unknown one is a newer squawk's); some are ours when the code is known."""
    if not knows_code and code in WITHOUT_CODE:
        return WITHOUT_CODE[code]
    return SQUAWK_RULES.get(code, UNKNOWN_RULE)
