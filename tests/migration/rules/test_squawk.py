"""squawk on the SQL that an upgrade sent: the real binary, its answer mapped to findings."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bot.migration.alembic_runner import RanStatement
from bot.migration.finding import Finding
from bot.migration.lint import lint
from bot.migration.lint_context import LintContext
from bot.migration.revision_source import read_revision_source
from bot.migration.squawk import SquawkFailed, check_sql, read_pg_version, run_squawk
from bot.migration.squawk_rules import SQUAWK_RULES
from bot.migration.squawk_script import render_script
from bot.migration.type_changes import is_widened
from bot.schema.model import Schema
from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, get_line, revise


def run(look: Look, upgrade: str) -> tuple[LintContext, tuple[Finding, ...]]:
    """The context, and squawk's findings without the one that every upgrade has."""
    context = look(Example((revise(upgrade),)))
    return context, tuple(finding for finding in run_squawk(context) if finding.code != "require-lock-timeout")


ONE_RULE = {
    'op.create_index("ix_x", "orders", ["number"])': "require-concurrent-index-creation",
    'op.drop_index("ix_orders_customer_id", table_name="orders")': "require-concurrent-index-deletion",
    'op.create_unique_constraint("uq_x", "orders", ["number"])': "disallowed-unique-constraint",
    'op.create_check_constraint("ck_x", "orders", "number > 0")': "constraint-missing-not-valid",
    'op.create_foreign_key("fk_x", "orders", "orders", ["number"], ["id"])': "adding-foreign-key-constraint",
    'op.alter_column("orders", "note", nullable=False)': "adding-not-nullable-field",
    'op.alter_column("customers", "email", nullable=True)': "ban-drop-not-null",
    'op.alter_column("orders", "number", type_=sa.BigInteger())': "changing-column-type",
    'op.add_column("orders", sa.Column("x", sa.Integer, nullable=False))': "adding-required-field",
    'op.add_column("orders", sa.Column("x", sa.Uuid, server_default=sa.text("gen_random_uuid()")))': (
        "adding-field-with-default"
    ),
    'op.execute("TRUNCATE customers CASCADE")': "ban-truncate-cascade",
}


@pytest.mark.parametrize("upgrade", ONE_RULE)
def test_finding_of_squawk(upgrade: str, look: Look) -> None:
    context, (finding,) = run(look, upgrade)
    assert finding.code == ONE_RULE[upgrade]
    assert finding.severity == SQUAWK_RULES[finding.code].level
    assert finding.title == SQUAWK_RULES[finding.code].title
    assert get_line(context, finding) == upgrade
    assert finding.docs == f"https://squawkhq.com/docs/{finding.code}"
    assert finding.consequence
    assert finding.remedy


FINE = {
    "concurrently, outside of a transaction": """
        with op.get_context().autocommit_block():
            op.create_index("ix_x", "orders", ["number"], postgresql_concurrently=True)
    """,
    "new table": """
        op.create_table("a", sa.Column("id", sa.Uuid, primary_key=True), sa.Column("o", sa.BigInteger))
        op.create_index("ix_a", "a", ["o"])
        op.create_foreign_key("fk_a", "a", "orders", ["o"], ["id"])
        op.create_unique_constraint("uq_a", "a", ["o"])
        op.create_check_constraint("ck_a", "a", "o > 0")
    """,
    "wider types": """
        op.add_column("orders", sa.Column("x", sa.String(20)))
        op.alter_column("orders", "total", type_=sa.Numeric(12, 2))
        op.alter_column("customers", "name", type_=sa.String())
    """,
    "not valid": 'op.create_check_constraint("ck_x", "orders", "number > 0", postgresql_not_valid=True)',
    "value with a default": 'op.add_column("orders", sa.Column("x", sa.Integer, server_default="0", nullable=False))',
    "drops and renames, which other rules look at": """
        op.drop_column("orders", "note")
        op.alter_column("orders", "number", new_column_name="no")
        op.rename_table("customers", "buyers")
    """,
}


@pytest.mark.parametrize("name", FINE)
def test_what_squawk_has_nothing_to_say_about(name: str, look: Look) -> None:
    context = look(Example((revise(FINE[name]),), code={"shop/__init__.py": ""}))
    assert [finding.code for finding in run_squawk(context) if finding.code != "require-lock-timeout"] == []


def test_drops_are_squawk_s_when_the_code_is_not_known(look: Look) -> None:
    _, found = run(look, 'op.drop_column("orders", "note")\nop.rename_table("customers", "buyers")')
    assert {finding.code for finding in found} == {"ban-drop-column", "renaming-table"}


def test_each_statement_is_found_in_its_own_line(look: Look) -> None:
    upgrade = """
        op.create_index("ix_a", "orders", ["number"])
        op.create_index("ix_b", "orders", ["note"])
        op.execute('''
            CREATE INDEX ix_c
            ON customers (name)
        ''')
        with op.batch_alter_table("customers") as batch_op:
            batch_op.create_index("ix_d", ["name", "email"])
    """
    context, found = run(look, upgrade)
    assert [get_line(context, finding) for finding in found] == [
        'op.create_index("ix_a", "orders", ["number"])',
        'op.create_index("ix_b", "orders", ["note"])',
        "op.execute('''",
        'batch_op.create_index("ix_d", ["name", "email"])',
    ]


def make_context(*statements: str, version: str = "PostgreSQL 18.0") -> LintContext:
    source = read_revision_source("versions/a.py", 'revision = "a"\n\n\ndef upgrade():\n    run()\n')
    ran = tuple(RanStatement(sql, "a", 0.0) for sql in statements)
    return LintContext(revisions=(source,), statements=ran, server_version=version)


INDEX = "CREATE INDEX ix ON orders (number)"


@pytest.mark.parametrize(
    "unreadable",
    ["SELECT FROM (", "this is no SQL", "SELECT 'open", "UPDATE x SET y = %(z)s  -- with values {'z': object}"],
)
def test_statement_that_cannot_be_read_hides_no_other(unreadable: str) -> None:
    found = run_squawk(make_context(unreadable, INDEX))
    assert "require-concurrent-index-creation" in {finding.code for finding in found}


def test_squawk_s_own_comments_do_not_silence_it() -> None:
    comments = "-- squawk-ignore-file\n-- squawk-ignore require-concurrent-index-creation\n"
    found = run_squawk(make_context(f"{comments}{INDEX}"))
    assert "require-concurrent-index-creation" in {finding.code for finding in found}


def test_configuration_of_the_working_directory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".squawk.toml").write_text('excluded_rules = ["require-concurrent-index-creation"]\n')
    monkeypatch.chdir(tmp_path)
    assert "require-concurrent-index-creation" in {violation.rule_name for violation in check_sql(INDEX, "18.0")}


def test_statement_outside_of_the_known_revisions_points_to_the_last_upgrade() -> None:
    context = make_context(INDEX)
    context = replace(context, statements=(replace(context.statements[0], revision="b"),))
    assert {(finding.path, finding.line) for finding in run_squawk(context)} == {("versions/a.py", 4)}


def test_sqlite_is_not_asked_about() -> None:
    assert run_squawk(replace(make_context(INDEX), before=Schema("sqlite"))) == ()


def test_missing_squawk_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    (finding,) = run_squawk(make_context(INDEX))
    assert (finding.code, finding.severity) == ("squawk", "info")
    assert "pip install squawk-cli" in finding.consequence


ANSWERS = {
    "status": "echo broken >&2; exit 101",
    "no JSON": "echo hello",
    "another form": "echo '[{\"rule\": 1}]'",
    "hostile rule name": 'echo \'[{"rule_name": "../../etc/passwd", "line": 0, "message": ""}]\'',
    "negative line": 'echo \'[{"rule_name": "ban-drop-table", "line": -1, "message": ""}]\'',
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_is_not_trusted(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "squawk"
    program.write_text(f"#!/bin/sh\ncat > /dev/null\n{ANSWERS[name]}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(SquawkFailed):
        check_sql(INDEX, "18.0")


def test_line_that_is_not_in_the_script_is_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "squawk"
    answer = '[{"rule_name": "ban-drop-database", "line": 9000, "message": ""}]'
    program.write_text(f"#!/bin/sh\ncat > /dev/null\necho '{answer}'\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert run_squawk(make_context(INDEX)) == ()


def test_lock_timeout_of_env_py_is_enough() -> None:
    context = make_context("ALTER TABLE orders ADD x text")
    assert [finding.code for finding in run_squawk(context)] == ["require-lock-timeout"]
    assert run_squawk(replace(context, sets_lock_timeout=True)) == ()


@pytest.mark.parametrize("term", ["1+", "NOT ", "("])
def test_sql_that_would_exhaust_a_stack_is_not_parsed(term: str) -> None:
    context = make_context(f"UPDATE orders SET number = {term * (90_000 // len(term))}1", INDEX)
    codes = {finding.code for finding in lint(replace(context, before=Schema("postgresql"))).findings}
    assert codes & {"squawk", "require-concurrent-index-creation"}


def test_script_shows_what_ran_in_a_transaction() -> None:
    statements = (
        RanStatement("A", "1", 0.0),
        RanStatement("B\n  -- values", "1", 0.0),
        RanStatement("C;", "1", 0.0, autocommit=True),
        RanStatement("D", "2", 0.0),
    )
    script = render_script(statements)
    assert script.text == "BEGIN;\nA\n;\nB\n  -- values\n;\nCOMMIT;\nC\n;\nBEGIN;\nD\n;\nCOMMIT;\n"
    assert [script.find_index(line) for line in range(14)] == [
        None, 0, 0, 1, 1, 1, None, 2, 2, None, 3, 3, None, None,
    ]  # fmt: skip
    apart = render_script(statements[:1] + statements[3:], transaction_per_revision=True)
    assert apart.text == "BEGIN;\nA\n;\nCOMMIT;\nBEGIN;\nD\n;\nCOMMIT;\n"


def test_every_known_rule_has_its_words() -> None:
    for code, rule in SQUAWK_RULES.items():
        assert bool(rule.why_off) is (rule.level == "off"), code
        assert bool(rule.title) is (rule.level != "off"), code
        ast.parse(re.sub(r"\$\{?\w+\}?", "x", rule.example))


@pytest.mark.parametrize(
    ("text", "version"), [("PostgreSQL 18.1 (Debian)", "18.1"), ("PostgreSQL 19beta2", "19.0"), ("", "14.0")]
)
def test_server_version(text: str, version: str) -> None:
    assert read_pg_version(text) == version
    check_sql(INDEX, version)


@pytest.mark.parametrize(
    ("old", "new", "widened"),
    [
        ("character varying(10)", "character varying(20)", True),
        ("character varying(10)", "character varying", True),
        ("character varying(10)", "text", True),
        ("text", "character varying", True),
        ("numeric(10,2)", "numeric(12,2)", True),
        ("numeric(10,2)", "numeric", True),
        ("timestamp(3) with time zone", "timestamp with time zone", True),
        ("character varying(20)", "character varying(10)", False),
        ("text", "character varying(10)", False),
        ("numeric(10,2)", "numeric(12,3)", False),
        ("numeric", "numeric(12,3)", False),
        ("integer", "bigint", False),
        ("timestamp without time zone", "timestamp with time zone", False),
        ("text", "jsonb", False),
        ("text[]", "character varying(3)[]", False),
        ("audit.mood", "text", False),
    ],
)
def test_types_that_are_merely_widened(old: str, new: str, widened: bool) -> None:
    assert is_widened(old, new) is widened


@pytest.mark.parametrize("upgrade", [upgrade for upgrade, code in ONE_RULE.items() if SQUAWK_RULES[code].example])
def test_the_example_speaks_of_the_statement(upgrade: str, look: Look) -> None:
    _, (finding,) = run(look, upgrade)
    names = set(re.findall(r"\w+", finding.example)) & {"orders", "customers", "books", "ix_orders_customer_id"}
    assert names
    assert names <= set(re.findall(r"\w+", upgrade))
    assert "$" not in finding.example
    ast.parse(finding.example)


@pytest.mark.parametrize(
    "upgrade",
    [
        'op.create_index("ix_x", "orders", [sa.text("lower(note)")])',
        'op.create_index("ix_x", "orders", ["number"], postgresql_where=sa.text("number > 0"))',
        'op.create_check_constraint("ck \'x\'", "orders", "number > 0")',
    ],
)
def test_no_example_where_it_would_say_something_else(upgrade: str, look: Look) -> None:
    _, (finding,) = run(look, upgrade)
    assert finding.example == ""


def test_an_example_keeps_what_a_foreign_key_does(look: Look) -> None:
    _, (finding,) = run(
        look, 'op.create_foreign_key("fk_x", "orders", "orders", ["number"], ["id"], ondelete="CASCADE")'
    )
    assert 'ondelete="CASCADE"' in finding.example


def test_a_revision_that_waits_briefly_itself_needs_no_other_limit() -> None:
    patient = "DO $$ BEGIN SET LOCAL lock_timeout = '5s'; LOCK TABLE orders; END $$"
    add = "ALTER TABLE orders ADD COLUMN x integer"
    assert "require-lock-timeout" in {finding.code for finding in run_squawk(make_context(add))}
    assert "require-lock-timeout" not in {finding.code for finding in run_squawk(make_context(patient, add))}
