"""No file is touched that gives power over the repository, and nothing is added that a review cannot read.

Workflows and other CI, owners, the bot's own config and git's files are never changed by a run; nor is what the
repository protects itself (`protected_paths`). Binaries, very large files, symlinks, submodules and new executables do
not pass either.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.gates.context import GateContext
from bot.gates.globs import find_glob
from bot.gates.patch import list_newly_executable
from bot.gates.result import GateResult, count, quote
from bot.workspace.tree import FileChange

MAX_BYTES = 1 << 20
SYMLINK, SUBMODULE = "120000", "160000"  # https://git-scm.com/docs/git-fast-import#_filemodify
PROTECTED = (
    "/.github",  # workflows, actions, CODEOWNERS, the bot's own config
    "CODEOWNERS",
    ".git",
    ".gitattributes",
    ".gitmodules",
    ".gitignore",
    ".mailmap",
    ".lfsconfig",
    ".pre-commit-config.yaml",
    ".gitlab-ci.yml",
    "/.gitlab",
    "/.gitea",
    "/.forgejo",
    "/.circleci",
    "/.buildkite",
    "/.woodpecker*",
    ".travis.yml",
    ".drone.yml",
    ".appveyor.yml",
    "appveyor.yml",
    "azure-pipelines*.yml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "Jenkinsfile",
)


def check(context: GateContext) -> GateResult:
    """Fails for each file that is of these kinds."""
    executable = frozenset(list_newly_executable(context.patch))
    found = [
        f"{quote(change.path)} ({change.kind}): {reason}"
        for change in context.changes
        for reason in _list_reasons(change, context.config.protected_paths, change.path in executable)
    ]
    if found:
        return GateResult("paths", "failed", f"{count(len(found), 'file')} that no run may touch", tuple(found))
    return GateResult("paths", "passed", f"{count(len(context.changes), 'file')}, none of them protected or unreadable")


def _list_reasons(change: FileChange, protected: tuple[str, ...], is_newly_executable: bool) -> Iterator[str]:
    """The first reason of its path, and the first of its content."""
    own, theirs = find_glob(change.path, PROTECTED), find_glob(change.path, protected)
    if own is not None:
        yield "has power over the repository"
    elif theirs is not None:
        yield f"is protected by {quote(theirs)} in the repository's config"
    if change.kind == "deleted":
        return
    if change.mode == SYMLINK:
        yield "is a symbolic link"
    elif change.mode == SUBMODULE:
        yield "is a submodule"
    elif change.is_binary:
        yield "is binary"
    elif change.size_bytes > MAX_BYTES:
        yield f"has {change.size_bytes:,} bytes, more than a review can read"
    if is_newly_executable or (change.kind == "added" and change.mode == "100755"):
        yield "is made executable"
