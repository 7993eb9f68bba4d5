"""What the repository says about the rules, and the findings as values."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import LintLevel, parse_repository_config
from bot.migration.finding import from_json, to_json
from bot.migration.ignores import read_ignores
from bot.migration.lint import MAX_PER_RULE, lint
from bot.migration.lint_context import LintContext
from bot.migration.lint_result import from_json as result_from_json
from bot.migration.lint_result import to_json as result_to_json
from bot.migration.revision_source import digest_revision, read_revision_source
from tests.migration.rules.conftest import Look
from tests.migration.rules.examples import Example, find, get_line, revise

WRITE = "op.execute(\"UPDATE orders SET note = ''\")"
CODE = "whole-table-write"


def list_codes(context: LintContext) -> list[str]:
    return [finding.code for finding in lint(context).findings]


IGNORED = {
    "above": f"# specwright: ignore[{CODE}] a dozen rows\n{WRITE}",
    "on the line": f"{WRITE}  # specwright: ignore[{CODE}] a dozen rows",
    "of several": f"# specwright: ignore[varchar-255, {CODE}] a dozen rows\n{WRITE}",
    "above another comment": f"# specwright: ignore[{CODE}] a dozen rows\n# as said in the issue\n{WRITE}",
    "in other letters, with a dash": f"# Specwright: Ignore[{CODE}] - a dozen rows\n{WRITE}",
}


@pytest.mark.parametrize("name", IGNORED)
def test_comment_with_a_reason_takes_the_finding_back(name: str, look: Look) -> None:
    assert list_codes(look(Example((revise(IGNORED[name]),)))) == []


NOT_IGNORED = {
    "another rule": f"# specwright: ignore[schema-and-data] a dozen rows\n{WRITE}",
    "two lines above": f"# specwright: ignore[{CODE}] a dozen rows\nx = 1\n{WRITE}",
    "below": f"{WRITE}\n# specwright: ignore[{CODE}] a dozen rows",
    "in a string": f"x = '# specwright: ignore[{CODE}] a dozen rows'\n{WRITE}",
    "no reason": f"# specwright: ignore[{CODE}]\n{WRITE}",
    "no rule": f"# specwright: ignore a dozen rows\n{WRITE}",
}


@pytest.mark.parametrize("name", NOT_IGNORED)
def test_anything_else_does_not(name: str, look: Look) -> None:
    assert CODE in list_codes(look(Example((revise(NOT_IGNORED[name]),))))


def test_ignore_without_reason_and_unknown_rule_are_found_where_they_stand(look: Look) -> None:
    context = look(
        Example((revise(f"{WRITE}  # specwright: ignore[whole-tabel-write]\n# specwright: ignore a dozen rows"),))
    )
    found = [(finding.code, finding.title) for finding in lint(context).findings]
    assert found == [
        ("ignore-without-reason", "whole-tabel-write is ignored without a reason"),
        ("unknown-rule", "There is no rule 'whole-tabel-write'; whole-table-write is the nearest"),
        ("whole-table-write", "One UPDATE for all rows of orders"),
        ("unknown-rule", "There is no rule ''"),
    ]


def test_rules_of_squawk_are_taken_back_alike(look: Look) -> None:
    code = "require-concurrent-index-creation"
    index = 'op.create_index("ix_x", "orders", ["number"])'
    assert code in list_codes(look(Example((revise(index),))))
    assert code not in list_codes(look(Example((revise(f"# specwright: ignore[{code}] small\n{index}"),))))


@pytest.mark.parametrize("level", ["error", "warning", "info", "off"])
def test_weight_is_the_repository_s_choice(level: LintLevel, look: Look) -> None:
    context = look(Example((revise('op.create_index("ix_x", "orders", ["number"])\n' + WRITE),)))
    codes = ("require-concurrent-index-creation", CODE)
    context = replace(context, severities=dict.fromkeys(codes, level))
    found = {finding.code: finding.severity for finding in lint(context).findings if finding.code in codes}
    assert found == ({} if level == "off" else dict.fromkeys(codes, level))


def test_rule_of_squawk_that_is_off_can_be_switched_on(look: Look) -> None:
    context = look(Example((revise('op.add_column("orders", sa.Column("x", sa.Integer))'),)))
    assert "prefer-bigint-over-int" not in list_codes(context)
    context = replace(context, severities={"prefer-bigint-over-int": "error", "require-table-schema": "info"})
    found = {finding.code: finding.severity for finding in lint(context).findings}
    assert found["prefer-bigint-over-int"] == "error"
    assert found["require-table-schema"] == "info"


def test_unknown_rule_of_the_configuration_is_found_there(look: Look) -> None:
    context = replace(look(Example()), severities={"varchar255": "off", "something-else-entirely": "off"})
    assert [(finding.path, finding.line, finding.title) for finding in find("unknown-rule", context)] == [
        (".github/specwright.yml", 1, "There is no rule 'something-else-entirely'"),
        (".github/specwright.yml", 1, "There is no rule 'varchar255'; varchar-255 is the nearest"),
    ]


def test_configuration_in_yaml() -> None:
    config = parse_repository_config("lint: {varchar-255: off, model-import: error, unknown-rule: 'off'}")
    assert config.lint == {"varchar-255": "off", "model-import": "error", "unknown-rule": "off"}


# What `alembic init -t multidb` writes.
OF_TWO_DATABASES = """from alembic import op

revision, down_revision = "a", None


def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()


def upgrade_engine1():
    op.create_unique_constraint(None, "books", ["isbn"])


def downgrade_engine1():
    pass


def upgrade_engine2():
    op.execute("SELECT 1")


def downgrade_engine2():
    op.execute("SELECT 1")
"""


@pytest.mark.parametrize(
    ("database", "lines"),
    [("engine1", {"unnamed-constraint": 15, "missing-downgrade": 18}), ("engine2", {})],
)
def test_of_several_databases_the_one_that_is_worked_on_counts(database: str, lines: dict[str, int]) -> None:
    source = read_revision_source("versions/a.py", OF_TWO_DATABASES, database)
    findings = lint(LintContext((source,), naming_convention={})).findings
    assert {finding.code: finding.line for finding in findings} == lines


def test_findings_are_sorted_by_line_and_weight(look: Look) -> None:
    upgrade = """
        op.create_table("a", sa.Column("id", sa.Integer, primary_key=True), sa.Column("at", sa.DateTime))
        op.execute("UPDATE orders SET note = ''")
    """
    found = lint(look(Example((revise(upgrade),)))).findings
    assert [(finding.line, finding.severity) for finding in found] == [
        (9, "error"),  # the downgrade leaves it
        (9, "warning"),
        (9, "info"),
        (9, "info"),
        (10, "warning"),
    ]


def test_findings_survive_storage(look: Look) -> None:
    found = lint(look(Example((revise('op.add_column("orders", sa.Column("ä", sa.DateTime()))'),)))).findings
    assert len(found) > 1
    assert from_json(json.loads(json.dumps(to_json(found)))) == found
    assert {item["docs"] for item in to_json(found)} == {
        "docs/rules/timestamp-without-time-zone.md",
        "docs/rules/incomplete-downgrade.md",
        "https://squawkhq.com/docs/require-lock-timeout",
    }


@pytest.mark.parametrize("change", [{"severity": "fatal"}, {"line": "x"}, {"title": None}])
def test_what_is_no_finding_is_refused(change: dict[str, object], look: Look) -> None:
    stored = to_json(lint(look(Example((revise(WRITE),)))).findings)
    with pytest.raises(ValidationError):
        from_json([{**stored[0], **change}])


HOSTILE = {
    "no Python": "def upgrade(:\n",
    "null byte": "def upgrade():\n    pass\0\n",
    "deep": "x = " + "-" * 5_000 + "1\n",
    "deep sum": "x = " + "+".join(["1"] * 20_000) + "\n",
    "brackets": "x = " + "(" * 500 + ")" * 500 + "\n",
    "surrogate": "x = '\ud800'\n",
    "open string": "'''",
    "no arguments": (
        "from alembic import op\ndef upgrade():\n    op.create_table()\n"
        "    op.add_column(*x)\n    op.create_index(**y)\n"
        "    with op.batch_alter_table() as b:\n        b.x()\n        b.create_unique_constraint()\n"
    ),
    "bad indentation": "if 1:\n        x\n    # specwright: ignore[]\n  y\n",
    "itself": "from alembic import op\ndef upgrade():\n    upgrade()\n    op.execute(upgrade())\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_revision_makes_the_lint_fail(name: str) -> None:
    source = read_revision_source("migrations/versions/a.py", HOSTILE[name])
    lint(LintContext(revisions=(source,), leftover=None, naming_convention={}))
    lint(LintContext(revisions=(), edited=(source,), leftover=()))
    assert len(digest_revision(HOSTILE[name])) == 64
    assert all(not ignore.reason for ignore in read_ignores((source,)))


def test_line_of_a_finding_in_a_long_table(look: Look) -> None:
    columns = ",\n    ".join(f'sa.Column("c{number}", sa.DateTime(timezone=True))' for number in range(40))
    upgrade = f'op.create_table(\n    "events",\n    {columns},\n    sa.Column("at", sa.DateTime()),\n)'
    context = look(Example((revise(upgrade),)))
    (finding,) = find("timestamp-without-time-zone", context)
    assert get_line(context, finding) == 'sa.Column("at", sa.DateTime()),'


EVIL = 'y"\nimport os #\n'


def test_names_cannot_leave_the_comment_or_string_that_they_are_put_in(look: Look) -> None:
    table, column, quoted = f"t{EVIL}", "gone", EVIL.replace('"', '""')
    base = f'CREATE TABLE "t{quoted}" ("k{quoted}" bigint PRIMARY KEY, gone text);'
    upgrade = f"""
        op.drop_column({table!r}, {column!r})
        op.add_column({table!r}, sa.Column({EVIL + "_status"!r}, sa.Text))
        op.add_column({table!r}, sa.Column({"fee " + EVIL!r}, sa.Float))
        op.add_column({table!r}, sa.Column({"b" + EVIL!r}, sa.BigInteger))
        op.create_foreign_key("fk", {table!r}, {table!r}, [{"b" + EVIL!r}], [{"k" + EVIL!r}])
        op.execute({f'UPDATE "t{quoted}" SET "k{quoted}" = 1'!r})
    """
    code = {"shop/m.py": f"class X(Base):\n    __tablename__ = {table!r}\n    a = Column({column!r})\n"}
    found = lint(look(Example((revise(upgrade),), base=base, code=code))).findings
    expected = {"drop-still-used", "inexact-amount", "unchecked-choice", "unindexed-foreign-key", "whole-table-write"}
    assert expected <= {finding.code for finding in found}
    for finding in found:
        assert "\n" not in finding.title + finding.consequence + finding.remedy
        assert not [node for node in ast.walk(ast.parse(finding.example)) if isinstance(node, ast.Import)]


def test_nothing_to_lint(tmp_path: Path) -> None:
    assert lint(LintContext(revisions=(), base_tree=tmp_path, tree=tmp_path)).findings == ()


def test_of_each_rule_the_first_findings_are_kept_and_the_rest_is_counted(look: Look) -> None:
    writes = [f"op.execute(\"UPDATE orders SET note = '{number}'\")" for number in range(2 * MAX_PER_RULE + 7)]
    back = [f"# specwright: ignore[{CODE}] a dozen rows\n{write}" for write in writes[MAX_PER_RULE + 5 :]]
    result = lint(look(Example((revise("\n".join([*writes[: MAX_PER_RULE + 5], *back])),))))
    kept = [finding for finding in result.findings if finding.code == CODE]
    assert (len(kept), result.count_left_out(CODE, kept[0].severity)) == (MAX_PER_RULE, 5)
    assert (len(result.suppressed), result.more_suppressed) == (MAX_PER_RULE, 2)
    assert result_from_json(json.loads(json.dumps(result_to_json(result)))) == result
