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
    """`title` is the finding's, `example` a revision's code to paste; `why_off` says why the rule is not asked."""

    level: LintLevel
    title: str = ""
    example: str = ""
    why_off: str = ""


_CONCURRENT_INDEX = """\
with op.get_context().autocommit_block():
    op.create_index("ix_orders_status", "orders", ["status"], postgresql_concurrently=True)
"""
_CONCURRENT_DROP = """\
with op.get_context().autocommit_block():
    op.drop_index("ix_orders_status", table_name="orders", postgresql_concurrently=True)
"""
_NOT_VALID = """\
op.create_check_constraint("ck_orders_total", "orders", "total >= 0", postgresql_not_valid=True)
# in a revision of its own, deployed afterwards:
op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_orders_total")
"""
_FOREIGN_KEY = """\
op.create_foreign_key(
    "fk_orders_customer_id", "orders", "customers", ["customer_id"], ["id"], postgresql_not_valid=True
)
# in a revision of its own, deployed afterwards:
op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_customer_id")
"""
_UNIQUE = """\
with op.get_context().autocommit_block():
    op.create_index("uq_books_isbn", "books", ["isbn"], unique=True, postgresql_concurrently=True)
op.execute("ALTER TABLE books ADD CONSTRAINT uq_books_isbn UNIQUE USING INDEX uq_books_isbn")
"""
_PRIMARY_KEY = """\
with op.get_context().autocommit_block():
    op.create_index("pk_books", "books", ["id"], unique=True, postgresql_concurrently=True)
op.execute("ALTER TABLE books ADD CONSTRAINT pk_books PRIMARY KEY USING INDEX pk_books")
"""
_NOT_NULL = """\
op.create_check_constraint("ck_books_isbn_set", "books", "isbn IS NOT NULL", postgresql_not_valid=True)
# in a revision of its own, deployed afterwards; since Postgres 12 SET NOT NULL believes the check and scans nothing:
op.execute("ALTER TABLE books VALIDATE CONSTRAINT ck_books_isbn_set")
op.alter_column("books", "isbn", nullable=False)
op.drop_constraint("ck_books_isbn_set", "books", type_="check")
"""
_REQUIRED = """\
op.add_column("books", sa.Column("stock", sa.Integer(), server_default="0", nullable=False))
"""
_DEFAULT = """\
op.add_column("books", sa.Column("token", sa.Uuid(), nullable=True))
op.alter_column("books", "token", server_default=sa.text("gen_random_uuid()"))
# then fill the rows that are there, some thousand at a time, in a revision of its own
"""
_NEW_TYPE = """\
# 1. this revision: a column of the new type beside the old one; the code writes both
op.add_column("orders", sa.Column("number_text", sa.Text(), nullable=True))
# 2. the next one: fill it, some thousand rows at a time; the code reads the new column
# 3. the last one: drop the old column
"""
_LOCK_TIMEOUT = """\
op.execute("SET lock_timeout = '3s'")  # or once for all, in env.py: connect_args={"options": "-c lock_timeout=3s"}
"""
_DOMAIN = """\
op.execute("ALTER DOMAIN email_address ADD CONSTRAINT email_has_at CHECK (VALUE LIKE '%@%') NOT VALID")
# in a revision of its own, deployed afterwards:
op.execute("ALTER DOMAIN email_address VALIDATE CONSTRAINT email_has_at")
"""
_DETACH = """\
with op.get_context().autocommit_block():
    op.execute("ALTER TABLE logs DETACH PARTITION logs_2024 CONCURRENTLY")
"""
_REINDEX = """\
with op.get_context().autocommit_block():
    op.execute("REINDEX INDEX CONCURRENTLY ix_orders_status")
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
        "info", "character(n) pads with blanks", 'sa.Column("country", sa.Text(), nullable=False)\n'
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
        'sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False)\n',
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
