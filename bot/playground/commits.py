"""Commits of a bare repository and what they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.playground.bare import Bare
from bot.playground.git import run_git, run_git_text

FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01"
STATUSES = {"A": "added", "M": "modified", "D": "removed", "R": "renamed", "C": "copied", "T": "changed"}
DIFF = ("diff-tree", "-r", "-M", "-p", "--raw", "--no-abbrev", "--no-color", "--no-ext-diff", "--no-textconv", "-z")
MAXIMUM_COMMITS = 250  # of a pull request: https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    authored_at: datetime
    committer_name: str
    committer_email: str
    committed_at: datetime
    message: str

    @property
    def title(self) -> str:
        """The first line of the message."""
        return self.message.split("\n", 1)[0]


@dataclass(frozen=True, slots=True)
class FileDiff:
    """How one file differs. `patch` is None for binary files."""

    path: str
    old_path: str | None
    status: str
    sha: str
    additions: int
    deletions: int
    patch: str | None


def list_commits(bare: Bare, range_: str, maximum: int = MAXIMUM_COMMITS) -> list[Commit]:
    """The commits of a range, newest first."""
    text = run_git_text(bare.path, "log", f"--max-count={maximum}", f"--format={FORMAT}", "--end-of-options", range_)
    return [_read_commit(part.lstrip("\n")) for part in text.split("\x01") if part.strip()]


def get_commit(bare: Bare, sha: str) -> Commit:
    """One commit. Raises `GitFailed`."""
    return list_commits(bare, sha, 1)[0]


def count_commits(bare: Bare, range_: str) -> int:
    """How many commits a range has."""
    return int(run_git_text(bare.path, "rev-list", "--count", "--end-of-options", range_))


def list_diff(bare: Bare, before: str, after: str) -> list[FileDiff]:
    """How the files differ between two commits or trees."""
    text = run_git(bare.path, *DIFF, before, after).decode(errors="replace")
    raw, _, patches = text.partition("\0\0")
    sections = iter(_split_patches(patches))
    diffs = []
    for facts in _read_raw(raw):
        section = next(sections)
        if facts[0] == "changed":  # a file that became a link: git shows it as removed and added
            section += "\n" + next(sections)
        diffs.append(_make_diff(facts, section))
    return diffs


def _read_commit(text: str) -> Commit:
    sha, tree, parents, author, author_email, authored, committer, committer_email, committed, message, *_ = text.split(
        "\0"
    )
    return Commit(
        sha=sha,
        tree=tree,
        parents=tuple(parents.split()),
        author_name=author,
        author_email=author_email,
        authored_at=datetime.fromisoformat(authored),
        committer_name=committer,
        committer_email=committer_email,
        committed_at=datetime.fromisoformat(committed),
        message=message.rstrip("\n"),
    )


def _read_raw(raw: str) -> list[tuple[str, str, str, str | None]]:
    """Status, blob, path and old path of each file: https://git-scm.com/docs/git-diff#_raw_output_format."""
    words = raw.split("\0")
    found = []
    while words and words[0].startswith(":"):
        *_, old_sha, new_sha, letter = words.pop(0).split(" ")
        old_path = words.pop(0) if letter[0] in "RC" else None
        status = STATUSES.get(letter[0], "changed")
        found.append((status, old_sha if status == "removed" else new_sha, words.pop(0), old_path))
    return found


def _split_patches(patches: str) -> list[str]:
    sections: list[list[str]] = []
    for line in patches.split("\n"):
        if line.startswith("diff --git "):
            sections.append([])
        if sections:
            sections[-1].append(line)
    return ["\n".join(lines) for lines in sections]


def _make_diff(facts: tuple[str, str, str, str | None], section: str) -> FileDiff:
    status, sha, path, old_path = facts
    lines = section.rstrip("\n").split("\n")
    start = next((number for number, line in enumerate(lines) if line.startswith("@@ ")), None)
    hunks = [] if start is None else lines[start:]
    is_binary = any(line.startswith("Binary files ") for line in lines[:start])
    return FileDiff(
        path=path,
        old_path=old_path,
        status=status,
        sha=sha,
        additions=sum(line.startswith("+") for line in hunks),
        deletions=sum(line.startswith("-") for line in hunks),
        patch=None if is_binary else "\n".join(hunks),
    )
