"""A table, view, column or enum value is dropped (or renamed) that code still uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from bot.migration.code_files import CodeFile, read_code
from bot.migration.code_search import Use
from bot.migration.dropped import Dropped, find_uses, list_dropped
from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.places import find_place

CODE = "drop-still-used"
SEVERITY: Severity = "error"
MAX_USES = 5


def check(context: LintContext) -> Iterable[Finding]:
    """An error where the changed code itself still uses it, a warning where only the code of the base does."""
    dropped = list_dropped(context)
    if context.base_tree is None or not dropped:
        return
    read = partial(read_code, without=context.list_migration_folders())
    running = read(context.base_tree)
    changed = read(context.tree) if context.tree else ()
    for item in dropped:
        yield from _check(context, item, running, changed)


def _check(
    context: LintContext, item: Dropped, running: tuple[CodeFile, ...], changed: tuple[CodeFile, ...]
) -> Iterator[Finding]:
    remaining = tuple(use for use in find_uses(changed, item) if use.is_sure)
    uses = remaining or find_uses(running, item)
    if not uses:
        return
    place = find_place(context, *item.names)
    yield Finding(
        code=CODE,
        severity=SEVERITY if remaining else "warning" if uses[0].is_sure else "info",
        path=place.path,
        line=place.line,
        title=f"{item.title} is dropped, and {_describe(remaining, uses)}",
        consequence=_explain(remaining, uses),
        remedy="First deploy code that does not name it any more; drop it with the deployment after that. "
        "A rename is a new name beside the old one, until nothing uses the old one.",
        example=(f"# 1. deploy the code without {item.title}\n# 2. then, in a revision of its own:\n{item.example}\n"),
    )


def _describe(remaining: tuple[Use, ...], uses: tuple[Use, ...]) -> str:
    if remaining:
        return "the changed code still uses it"
    return "the code of the base branch uses it" if uses[0].is_sure else "the code of the base branch may use it"


def _explain(remaining: tuple[Use, ...], uses: tuple[Use, ...]) -> str:
    listed = "; ".join(f"{use.path}:{use.line}: {use.text[:120]}" for use in uses[:MAX_USES])
    more = f"; and {len(uses) - MAX_USES} more" if len(uses) > MAX_USES else ""
    if remaining:
        fate = "These lines fail as soon as the migration has run"
    elif uses[0].is_sure:
        fate = "Until the last old process is gone these lines fail, since the migration runs before it"
    else:
        fate = "These lines may mean it, and fail once it is gone"
    return f"{fate}: {listed}{more}."
