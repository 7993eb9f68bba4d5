"""What is wrong with the history itself: several heads, missing downgrades, revisions changed or lost once they ran."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from bot.drift.item import Ignored, Severity
from bot.drift.revisions import Elsewhere, Position
from bot.migration.alembic_runner import History
from bot.migration.revision_calls import find_calls
from bot.migration.revision_source import RevisionSource, digest_revision

HistoryKind = Literal["heads", "no_downgrade", "edited", "orphaned", "unknown_revision", "behind", "unmanaged"]
# Operations that a way back need not take back: they change rows, or nothing.
_NO_STRUCTURE = frozenset({"execute", "bulk_insert", "get_bind", "get_context", "f", "inline_literal"})


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One thing wrong with the history; `name` is the revision's or the environment's."""

    kind: HistoryKind
    severity: Severity
    name: str
    title: str
    remedy: str
    ignored: Ignored | None = None


def check_tree(history: History, sources: Mapping[str, RevisionSource]) -> Iterator[HistoryItem]:
    """What can be said of the files alone; `sources` are those of the revisions, by their ids."""
    if len(history.heads) > 1:
        names = ", ".join(history.heads)
        yield HistoryItem(
            "heads",
            "correctness",
            history.heads[0],
            f"the history has {len(history.heads)} heads: {names}",
            "alembic merge heads",
        )
    for revision in reversed(history.revisions):
        source = sources.get(revision.revision)
        if source is None or source.does_something("downgrade") or not _changes_structure(source):
            continue
        yield HistoryItem(
            "no_downgrade",
            "correctness",
            revision.revision,
            f"{source.path} has no downgrade",
            "write what takes each operation back, in reverse order",
        )


def check_edits(
    position: Position, sources: Mapping[str, RevisionSource], digests: Mapping[str, str]
) -> Iterator[HistoryItem]:
    """Revisions that a database has run and that do something else now; `digests` are those of what was merged."""
    for name in sorted(position.applied & digests.keys() & sources.keys()):
        source = sources[name]
        if digest_revision(source.text) != digests[name]:
            yield HistoryItem(
                "edited",
                "correctness",
                name,
                f"{source.path} was changed after it was merged",
                "bring the file back as it was, and write what shall be different as a new revision",
            )


def check_position(environment: str, position: Position, elsewhere: Mapping[str, Elsewhere]) -> Iterator[HistoryItem]:
    """Where the database stands, when that is not at the heads."""
    yield from (_say_ahead(environment, name, elsewhere.get(name)) for name in position.ahead)
    if position.behind:
        number = len(position.behind)
        words = f"{number} revision{'s' if number > 1 else ''} ({', '.join(position.behind)})"
        title = f"{environment} has not run {words}"
        yield HistoryItem("behind", "correctness", environment, title, "alembic upgrade heads")


def _say_ahead(environment: str, name: str, found: Elsewhere | None) -> HistoryItem:
    if found is None:
        title = f"{environment} stands at {name}, which git does not know"
        remedy = "find out who deployed it and from where; bring its file into the repository"
        return HistoryItem("unknown_revision", "correctness", name, title, remedy)
    title = f"{environment} has run {name}, which is not in the tree: {found.place}"
    remedy = "merge the branch that has it, or bring the file back; its downgrade takes it back"
    return HistoryItem("orphaned", "correctness", name, title, remedy)


def _changes_structure(source: RevisionSource) -> bool:
    return any(call.name not in _NO_STRUCTURE for call in find_calls(source, "upgrade"))
