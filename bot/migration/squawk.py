"""Runs squawk on the SQL of the upgrade. The SQL is the repository's, so neither it nor what squawk says is trusted."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from bot.migration.alembic_runner import RanStatement
from bot.migration.finding import NOT_ASKED, Finding
from bot.migration.lint_context import LintContext
from bot.migration.places import find_statement_place
from bot.migration.squawk_examples import render_example
from bot.migration.squawk_rules import OPT_IN, SQUAWK_RULES, get_squawk_rule
from bot.migration.squawk_script import Script, render_script
from bot.migration.type_changes import is_cheap_type_change

TIMEOUT_SECONDS = 30
MAX_SCRIPT_CHARACTERS = 4_000_000
MAX_OUTPUT_CHARACTERS = 4_000_000
MAX_MESSAGE_CHARACTERS = 500
MAX_ATTEMPTS = 4
_SYNTAX = "syntax-error"
_SAME = frozenset({"adding-foreign-key-constraint", "disallowed-unique-constraint", "adding-serial-primary-key-field"})


class SquawkFailed(Exception):
    """squawk is not there, or did not answer as it should; the message says what happened."""


@dataclass(frozen=True, slots=True)
class Violation:
    """What squawk says; `line` counts from 0."""

    rule_name: Annotated[str, Field(pattern=r"^[a-z][a-z-]{2,80}$")]
    line: Annotated[int, Field(ge=0)]
    message: str
    help: str | None = None


def run_squawk(context: LintContext) -> tuple[Finding, ...]:
    """squawk's findings on the statements, those of it that our own rules do not know better.

    Never raises: that squawk could not be asked is a finding. For SQLite, which squawk does not know, there are none.
    """
    if not _can_ask(context):
        return ()
    try:
        found = _ask(context)
    except SquawkFailed as error:
        return (_explain_failure(context, error),)
    return tuple(_read(context, found))


def list_squawk_rules(context: LintContext, found: Iterable[Finding]) -> tuple[str, ...]:
    """The rules of squawk's that looked at the statements; `found` is what `run_squawk` says of the same context."""
    if not _can_ask(context) or any(finding.code == NOT_ASKED for finding in found):
        return ()
    knows_code = context.base_tree is not None
    levels = {code: get_squawk_rule(code, knows_code=knows_code).level for code in SQUAWK_RULES}
    return tuple(code for code, level in levels.items() if context.severities.get(code, level) != "off")


def _can_ask(context: LintContext) -> bool:
    """Whether there is SQL of the kind that squawk knows."""
    return bool(context.statements) and (context.before is None or context.before.dialect == "postgresql")


def check_sql(sql: str, pg_version: str) -> tuple[Violation, ...]:
    """All that squawk says about a script, which it gets on standard input. Raises `SquawkFailed`."""
    if len(sql) > MAX_SCRIPT_CHARACTERS:
        raise SquawkFailed(f"the SQL has more than {MAX_SCRIPT_CHARACTERS} characters")
    # squawk looks for a .squawk.toml from the working directory upwards: the root has none that a repository wrote.
    argv = [_find_binary(), "--reporter=json", f"--pg-version={pg_version}", f"--include={','.join(sorted(OPT_IN))}"]
    try:
        done = subprocess.run(
            argv, input=sql, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd="/", env={}, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeError) as error:
        raise SquawkFailed(f"squawk did not run: {error}") from error
    if done.returncode not in (0, 1):
        raise SquawkFailed(
            f"squawk ended with status {done.returncode}: {done.stderr.strip()[:MAX_MESSAGE_CHARACTERS]}"
        )
    try:
        return TypeAdapter(tuple[Violation, ...]).validate_json(done.stdout[:MAX_OUTPUT_CHARACTERS])
    except ValidationError as error:
        raise SquawkFailed(f"squawk's answer is not as expected: {error.error_count()} error(s)") from error


def _find_binary() -> str:
    """The one that our own environment has, else one on the path."""
    beside = Path(sys.executable).with_name("squawk")
    found = str(beside) if beside.is_file() else shutil.which("squawk")
    if found is None:
        raise SquawkFailed("squawk is not installed: pip install squawk-cli")
    return found


def _ask(context: LintContext) -> tuple[tuple[Violation, RanStatement], ...]:
    """Asked again without the statements that squawk cannot read: one of them is enough for it to say nothing else."""
    version = read_pg_version(context.server_version)
    unread: set[int] = set()
    for _ in range(MAX_ATTEMPTS):
        script = render_script(
            context.statements, without=unread, transaction_per_revision=context.transaction_per_revision
        )
        violations = check_sql(script.text, version)
        bad = {index for v in violations if v.rule_name == _SYNTAX and (index := script.find_index(v.line)) is not None}
        if not bad:
            return tuple(_pair(script, violations, context.statements))
        unread |= bad
    raise SquawkFailed(f"squawk cannot read {len(unread)} of the {len(context.statements)} statements")


def _pair(
    script: Script, violations: Iterable[Violation], statements: Collection[RanStatement]
) -> Iterator[tuple[Violation, RanStatement]]:
    every = tuple(statements)
    for violation in violations:
        index = script.find_index(violation.line)
        if index is not None:
            yield violation, every[index]


def read_pg_version(server: str) -> str:
    """`18.1` of "PostgreSQL 18.1 (Debian …)"; the oldest that is supported when nothing is known."""
    match = re.search(r"(\d+)(?:\.(\d+))?", server)
    return f"{match[1]}.{match[2] or 0}" if match else "14.0"


def _read(context: LintContext, found: Collection[tuple[Violation, RanStatement]]) -> Iterator[Finding]:
    said = {(violation.rule_name, statement) for violation, statement in found}
    for violation, statement in found:
        code = violation.rule_name
        if code == "constraint-missing-not-valid" and any((other, statement) in said for other in _SAME):
            continue  # it says the same of every constraint, but cannot tell how to do it for these kinds
        if code == "changing-column-type" and is_cheap_type_change(context.before, context.after, statement.sql):
            continue
        finding = _make_finding(context, violation, statement)
        if finding is not None:
            yield finding


def _make_finding(context: LintContext, violation: Violation, statement: RanStatement) -> Finding | None:
    code = violation.rule_name
    rule = get_squawk_rule(code, knows_code=context.base_tree is not None)
    level = context.severities.get(code, rule.level)
    if level == "off" or (code == "require-lock-timeout" and _waits_briefly(context, statement)):
        return None
    place = find_statement_place(context, statement)
    example = render_example(rule.example, statement.sql)
    return Finding(
        code=code,
        severity=level,
        path=place.path,
        line=place.line,
        title=rule.title or _flatten(violation.message),
        consequence=f"{_flatten(violation.message)} Statement: {_flatten(statement.sql)[:160]}",
        remedy=_flatten(violation.help or ("Do it in the steps below." if example else "See squawk's page on it.")),
        example=example,
        linter="squawk",
    )


def _waits_briefly(context: LintContext, statement: RanStatement) -> bool:
    """Whether env.py or the revision itself limits the wait, be it inside of a DO block, which squawk does not read."""
    own = (other.sql for other in context.statements if other.revision == statement.revision)
    return context.sets_lock_timeout or any("lock_timeout" in sql for sql in own)


def _explain_failure(context: LintContext, error: SquawkFailed) -> Finding:
    place = context.get_last_place()
    return Finding(
        code=NOT_ASKED,
        severity="info",
        path=place.path,
        line=place.line,
        title="squawk did not check the SQL",
        consequence=f"{error}. Locks and rewrites that only squawk looks for are not among these findings.",
        remedy="Read the SQL of the upgrade with that in mind.",
        linter="squawk",
    )


def _flatten(text: str) -> str:
    return " ".join(text.split())[:MAX_MESSAGE_CHARACTERS]
