"""Gathers what the lint looks at from a tree with changes, its base, and what the upgrade was seen to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.config import LintLevel
from bot.migration.alembic_runner import History, RanStatement
from bot.migration.lint_context import HistoryFacts, LintContext
from bot.migration.project import AlembicProject
from bot.migration.revision_source import digest_revision, read_revision_source
from bot.migration.text_files import find_text
from bot.schema.change import Change
from bot.schema.diff import diff
from bot.schema.model import Schema

MAX_FILE_BYTES = 1 << 20
_PER_REVISION = re.compile(r"\btransaction_per_migration\s*=\s*True\b")


@dataclass(frozen=True, slots=True)
class Observed:
    """What the proof saw: the schema before and after the upgrade, what it sent, and what the downgrade left behind.

    None stands for what it did not come to.
    """

    before: Schema | None = None
    after: Schema | None = None
    leftover: tuple[Change, ...] | None = None
    statements: tuple[RanStatement, ...] = ()
    server_version: str = ""


def gather_context(
    tree: Path,
    base_tree: Path,
    project: AlembicProject,
    history: History,
    observed: Observed,
    *,
    naming_convention: Mapping[str, str] | None = None,
    severities: Mapping[str, LintLevel] | None = None,
) -> LintContext:
    """The context of a lint. `severities` are the repository's, from its base: a change must not weaken its own lint.

    A revision is new when the base has no file of that path or content. Files that cannot be read are left out.
    """
    before, texts = _read_revisions(base_tree, project), _read_revisions(tree, project)
    digests = _digest(set(before.values()), set(texts.values()))
    old = {path: digests[text] for path, text in before.items()}
    current = {path: digests[text] for path, text in texts.items()}
    new = {path for path, digest in current.items() if path not in old and digest not in old.values()}
    env = find_text(tree / project.env_file, MAX_FILE_BYTES) or ""
    files = {item.revision: item.path.as_posix() for item in history.revisions if item.path is not None}
    order = [files[item.revision] for item in reversed(history.revisions) if item.revision in files]
    return LintContext(
        revisions=tuple(read_revision_source(path, texts[path], project.database) for path in order if path in new),
        edited=tuple(
            read_revision_source(path, text, project.database)
            for path, text in sorted(texts.items())
            if path in old and current[path] != old[path]
        ),
        before=observed.before,
        after=observed.after,
        changes=diff(observed.before, observed.after) if observed.before and observed.after else (),
        leftover=observed.leftover,
        statements=observed.statements,
        history=HistoryFacts(
            heads=find_competing_heads(history),
            files=files,
            base=old,
            now=current,
        ),
        base_tree=base_tree,
        tree=tree,
        naming_convention=naming_convention,
        server_version=observed.server_version,
        transaction_per_revision=_PER_REVISION.search(env) is not None,
        sets_lock_timeout="lock_timeout" in env,
        severities=severities or {},
    )


def find_competing_heads(history: History) -> tuple[str, ...]:
    """The heads without those that are kept apart on purpose: each carries a branch label that no other head has."""
    labels = {item.revision: {*item.branch_labels} for item in history.revisions if item.revision in history.heads}

    def is_apart(head: str) -> bool:
        others = (labels[other] for other in history.heads if other != head)
        return bool(labels[head].difference(*others))

    apart = [head for head in history.heads if is_apart(head)]
    return tuple(head for head in history.heads if head not in apart)


def _digest(before: set[str], now: set[str]) -> dict[str, str]:
    """The digest of each text; what both sides have, most of a long history, is not parsed but its own digest."""
    changed = before ^ now
    return {text: digest_revision(text) if text in changed else text for text in before | now}


def _read_revisions(tree: Path, project: AlembicProject) -> dict[str, str]:
    found: dict[str, str] = {}
    for location in project.version_locations:
        for file in sorted((tree / location).rglob("*.py")):
            text = find_text(file, MAX_FILE_BYTES)
            if text is not None:
                found[file.relative_to(tree).as_posix()] = text
    return found
