"""All that the rules of the lint look at, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from bot.config import LintLevel
from bot.migration.alembic_runner import RanStatement
from bot.migration.finding import Place
from bot.migration.revision_source import RevisionSource
from bot.schema.change import Change
from bot.schema.model import Schema


@dataclass(frozen=True, slots=True)
class HistoryFacts:
    """`heads` are revision ids, `files` tells the file of each id; `base` and `now` the digest of each file's content.

    Heads of lines that a branch label keeps apart are not among them. Paths are relative to the tree. Equal digests are
    equal content: `digest_revision`, or the text itself where both sides have it.
    """

    heads: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    base: Mapping[str, str] = field(default_factory=dict)
    now: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LintContext:
    """`revisions` are those that the base does not have, in the order in which they are run.

    `edited` are those that it has and that are not the same any more. `before` and `after` are the schemas without and
    with the new revisions, `changes` what leads from one to the other, `leftover` what the downgrade left behind
    (None: nobody tried). `statements` are what the upgrade sent. `base_tree` holds the code that runs in production,
    `tree` the one with the changes; the rules that look for code are silent without them. `naming_convention` is that
    of the models' metadata (None: not known). `transaction_per_revision` and `sets_lock_timeout` are what env.py says,
    `severities` what the repository's configuration does.
    """

    revisions: tuple[RevisionSource, ...]
    edited: tuple[RevisionSource, ...] = ()
    before: Schema | None = None
    after: Schema | None = None
    changes: tuple[Change, ...] = ()
    leftover: tuple[Change, ...] | None = None
    statements: tuple[RanStatement, ...] = ()
    history: HistoryFacts = field(default_factory=HistoryFacts)
    base_tree: Path | None = None
    tree: Path | None = None
    naming_convention: Mapping[str, str] | None = None
    server_version: str = ""
    transaction_per_revision: bool = False
    sets_lock_timeout: bool = False
    severities: Mapping[str, LintLevel] = field(default_factory=dict)

    def find_revision(self, revision: str) -> RevisionSource | None:
        """The new revision of that id."""
        return next((source for source in self.revisions if source.revision == revision), None)

    def get_last_place(self) -> Place:
        """Where to point when nothing better is known: the upgrade of the last new revision."""
        if not self.revisions:
            return Place(next(iter(self.history.now), "alembic.ini"), 1)
        return Place(self.revisions[-1].path, self.revisions[-1].get_line("upgrade"))

    def list_migration_folders(self) -> tuple[PurePosixPath, ...]:
        """The folders that hold revisions; what stands there is history, not code that runs."""
        paths = [*self.history.base, *self.history.now, *(source.path for source in self.revisions)]
        return tuple(sorted({PurePosixPath(path).parent for path in paths}))
