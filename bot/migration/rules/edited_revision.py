"""A revision that the base branch has was changed or deleted; databases that ran it will not run it again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

from bot.migration.finding import Finding, Severity, flatten
from bot.migration.lint_context import LintContext
from bot.migration.revision_source import RevisionSource

CODE = "edited-revision"
SEVERITY: Severity = "error"


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each such file. One that only moved, or that was only laid out anew, is the same revision."""
    sources = {source.path: source for source in context.edited}
    present = set(context.history.now.values())
    for path, digest in sorted(context.history.base.items()):
        if digest in present:
            continue
        if path in context.history.now:
            yield _make_finding(path, _find_line(context.base_tree, sources.get(path)), "was changed")
        else:
            yield _make_finding(path, 1, "was deleted")


def _make_finding(path: str, line: int, what: str) -> Finding:
    return Finding(
        code=CODE,
        severity=SEVERITY,
        path=path,
        line=line,
        title=f"A revision that may be applied already {what}",
        consequence=(
            "A database remembers a revision by its id only: where it ran already, the change never arrives, and where "
            "it did not, it does. From then on two databases with the same alembic_version have different schemas."
        ),
        remedy="Bring the file back as it was, and write the change as a new revision on top.",
        example=f"# git checkout origin/HEAD -- {flatten(path)}\n# alembic revision -m 'what shall be different'\n",
    )


def _find_line(base_tree: Path | None, source: RevisionSource | None) -> int:
    """The first line that differs from the base."""
    if base_tree is None or source is None:
        return 1
    try:
        before = (base_tree / source.path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 1
    after = source.text.splitlines()
    pairs = enumerate(zip_longest(before, after), 1)
    return min(next((line for line, (old, new) in pairs if old != new), 1), len(after) or 1)
