"""The gate of the lint."""

from __future__ import annotations

import pytest

from bot.gates.lint import check
from bot.migration.finding import Finding, Severity
from bot.migration.lint_result import LintResult, Suppressed
from bot.spec.model import Spec
from tests.gates.contexts import WITH_TABLES, make_context, make_proof


def make_finding(code: str, severity: Severity) -> Finding:
    return Finding(code, severity, "versions/a.py", 3, f"says {code}", "it waits", "do it otherwise")


ERROR, WARNING, NOTE = make_finding("e", "error"), make_finding("w", "warning"), make_finding("n", "info")
RULES = ("e", "n", "w", "x")
REASON = "the table has `ten` rows"


@pytest.mark.parametrize(
    ("lint", "state", "summary"),
    [
        (LintResult(rules=RULES), "passed", "all 4 rules passed"),
        (LintResult((NOTE,), rules=RULES), "passed", "1 note; 3 of 4 rules passed"),
        (LintResult((WARNING, NOTE), rules=RULES), "open", "1 warning, 1 note; 2 of 4 rules passed"),
        (LintResult((WARNING, ERROR), rules=RULES), "failed", "1 error, 1 warning; 2 of 4 rules passed"),
        (
            LintResult((), (Suppressed(WARNING, REASON),), RULES),
            "passed",
            "1 taken back by a comment; 3 of 4 rules passed",
        ),
        (LintResult((), (Suppressed(ERROR, REASON),), RULES), "open", "1 taken back by a comment; 3 of 4 rules passed"),
        (
            LintResult(rules=RULES, saw_upgrade=False),
            "passed",
            "all 4 rules passed, by the source alone: the upgrade did not run",
        ),
        (None, "failed", "the revisions could not be loaded, so they were not linted"),
    ],
)
def test_the_heaviest_finding_decides(lint: LintResult | None, state: str, summary: str) -> None:
    result = check(make_context(spec=WITH_TABLES, proof=make_proof(), lint=lint))
    assert (result.state, result.summary) == (state, summary)


def test_findings_are_named_the_heaviest_first_and_a_reason_is_shown() -> None:
    lint = LintResult((NOTE, WARNING, ERROR), (Suppressed(WARNING, REASON),), RULES)
    assert check(make_context(spec=WITH_TABLES, proof=make_proof(), lint=lint)).details == (
        "error `e` at `versions/a.py:3`: says e",
        "warning `w` at `versions/a.py:3`: says w",
        "info `n` at `versions/a.py:3`: says n",
        "taken back: warning `w` at `versions/a.py:3`: says w; the reason given: `the table has 'ten' rows`",
    )


def test_no_migration_leaves_nothing_to_check() -> None:
    assert check(make_context(spec=Spec("t", "", ""))).state == "skipped"
