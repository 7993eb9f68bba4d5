"""Revision files as git has them: at a commit, as they were merged, and those that a commit no longer has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bot.drift.revisions import Elsewhere
from bot.migration.alembic_runner import History
from bot.migration.revision_source import RevisionSource, digest_revision, read_revision_source
from bot.workspace.mirror import Mirror

MAX_FILE_BYTES = 1 << 20
_SHORT = 10  # characters of a commit's id


def read_sources(mirror: Mirror, commit: str, history: History) -> dict[str, RevisionSource]:
    """The files of the history's revisions, by the ids of these."""
    sources = {}
    for revision in history.revisions:
        source = None if revision.path is None else _read(mirror, commit, revision.path.as_posix())
        if source is not None:
            sources[revision.revision] = source
    return sources


def read_merged_digests(mirror: Mirror, commit: str, sources: Mapping[str, RevisionSource]) -> dict[str, str]:
    """What each revision did when it came to this branch, of those whose file was touched since.

    Only the branch's own line is followed, so that work on a branch before it was merged is no edit.
    """
    revisions = {source.path: name for name, source in sources.items()}
    touched: dict[str, list[str]] = {}
    for where, path in _list_touched(mirror, ["--first-parent", "--diff-merges=first-parent", commit], [*revisions]):
        touched.setdefault(path, []).append(where)
    digests = {}
    for path, commits in touched.items():
        merged = _read(mirror, commits[-1], path) if len(commits) > 1 and path in revisions else None
        if merged is not None:
            digests[revisions[path]] = digest_revision(merged.text)
    return digests


def find_elsewhere(mirror: Mirror, folders: Sequence[str], history: History) -> dict[str, Elsewhere]:
    """Revisions of any branch, gone files included, that the history does not have."""
    known = {revision.revision for revision in history.revisions}
    found: dict[str, Elsewhere] = {}
    for where, path in _list_touched(mirror, ["--all", "--diff-filter=AM"], folders):
        source = _read(mirror, where, path) if path.endswith(".py") else None
        if source is not None and source.revision and source.revision not in known and source.revision not in found:
            place = f"{path} in commit {where[:_SHORT]}"
            found[source.revision] = Elsewhere(source.revision, source.down_revisions, place)
    return found


def read_last_commits(mirror: Mirror, commit: str, paths: Sequence[str]) -> dict[str, str]:
    """Of each path the commit that last changed it: its short id, author and day."""
    said = {}
    for path in paths:
        text = mirror.git.run("log", "-1", "--format=%h%x00%an%x00%as", commit, "--", path).decode(errors="replace")
        if text.strip():
            short, author, day = text.strip().split("\0")
            said[path] = f"{short} by {author} on {day}"
    return said


def _list_touched(mirror: Mirror, options: Sequence[str], paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Commits, newest first, with each path below `paths` (which git takes literally) that they touch."""
    if not paths:
        return
    text = mirror.git.run("log", "--no-renames", "--format=%x00%H", "--name-only", "-z", *options, "--", *paths)
    commit = ""
    for field in text.decode(errors="replace").replace("\n", "").split("\0"):
        if len(field) == 40 and "/" not in field and "." not in field:
            commit = field
        elif field and commit:
            yield commit, field


def _read(mirror: Mirror, commit: str, path: str) -> RevisionSource | None:
    content = mirror.read_file(commit, path, MAX_FILE_BYTES)
    return None if content is None else read_revision_source(path, content.decode(errors="replace"))
