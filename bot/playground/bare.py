"""A bare repository on disk: what this GitHub asks git."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.playground.git import GitFailed, find_git, run_git, run_git_text

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
HOOKS = Path(__file__).parent / "hooks"
# What GitHub holds apart from people: https://docs.github.com/en/pull-requests (refs/pull/N/head)
HIDDEN = "refs/pull"

CONFIG = f"""
[core]
    hooksPath = {json.dumps(str(HOOKS))}
[http]
    receivepack = true
[receive]
    hideRefs = {HIDDEN}
[uploadpack]
    allowAnySHA1InWant = true
    allowFilter = true
[gc]
    auto = 0
"""


class MergeConflict(Exception):
    """The two branches changed the same lines."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Whose name and address a commit carries, and when."""

    name: str
    email: str
    when: datetime

    def render(self, role: str) -> dict[str, str]:
        """The variables that git reads; role is AUTHOR or COMMITTER."""
        date = f"@{int(self.when.timestamp())} +0000"
        return {f"GIT_{role}_NAME": self.name, f"GIT_{role}_EMAIL": self.email, f"GIT_{role}_DATE": date}


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a tree. `kind` is file, dir, symlink or submodule."""

    path: str
    kind: str
    mode: str
    sha: str
    size: int


@dataclass(frozen=True, slots=True)
class Bare:
    """The repository at `path`."""

    path: Path

    def create(self, default_branch: str) -> None:
        """Makes it, without any commit. A folder that is there is left over from a creation that failed."""
        shutil.rmtree(self.path, ignore_errors=True)
        self.path.mkdir(parents=True)
        run_git(self.path, "init", "--quiet", "--bare", "--template=", f"--initial-branch={default_branch}", ".")
        with (self.path / "config").open("a") as file:
            file.write(CONFIG)

    def find_commit(self, name: str) -> str | None:
        """The full name of a commit, given a branch, a tag or the name itself."""
        if not name or name.startswith("-"):
            return None
        for spelling in (f"refs/heads/{name}", f"refs/tags/{name}", name):
            found = find_git(self.path, "rev-parse", "--verify", "--quiet", "--end-of-options", spelling + "^{commit}")
            if found:
                return found
        return None

    def find_branch(self, name: str) -> str | None:
        """The commit that a branch stands at."""
        return find_git(
            self.path, "rev-parse", "--verify", "--quiet", "--end-of-options", f"refs/heads/{name}^{{commit}}"
        )

    def list_refs(self) -> dict[str, str]:
        """The branches and tags, each with the object that it names."""
        lines = run_git_text(self.path, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
        return {name: sha for sha, _, name in (line.partition(" ") for line in lines.splitlines())}

    def list_branches(self) -> dict[str, str]:
        """The branches by their short names."""
        prefix = "refs/heads/"
        return {name.removeprefix(prefix): sha for name, sha in self.list_refs().items() if name.startswith(prefix)}

    def set_ref(self, name: str, sha: str, expected: str | None = None) -> None:
        """Moves a ref (full name), if it stands where it is expected. Raises `GitFailed`."""
        run_git(self.path, "update-ref", name, sha, *([expected] if expected is not None else []))

    def delete_ref(self, name: str) -> None:
        """Deletes a ref (full name)."""
        run_git(self.path, "update-ref", "-d", name)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether one commit leads to the other."""
        return find_git(self.path, "merge-base", "--is-ancestor", older, newer) is not None

    def find_merge_base(self, one: str, other: str) -> str | None:
        """Where the two lines part; None when they have no commit in common."""
        return find_git(self.path, "merge-base", one, other)

    def list_tree(self, commit: str, path: str) -> list[Entry]:
        """What is directly in a folder; empty when there is no such folder."""
        where = f"{commit}:{path}" if path else commit
        listing = find_git(self.path, "ls-tree", "-z", "--long", "--end-of-options", where)
        entries = [_read_entry(line, path) for line in (listing or "").split("\0") if line]
        return sorted(entries, key=lambda entry: (entry.kind != "dir", entry.path))

    def find_entry(self, commit: str, path: str) -> Entry | None:
        """The entry at a path."""
        listing = find_git(
            self.path, "--literal-pathspecs", "ls-tree", "-z", "--long", "--full-tree", "--end-of-options", commit, path
        )
        lines = [line for line in (listing or "").split("\0") if line]
        return _read_entry(lines[0], "") if lines else None

    def read_blob(self, sha: str) -> bytes:
        """The content of a blob."""
        return run_git(self.path, "cat-file", "blob", sha)

    def commit_folder(self, folder: Path, message: str, who: Signature, branch: str) -> str:
        """A first commit with the files of a folder, on that branch. What its .gitignore names stays out."""
        with tempfile.TemporaryDirectory(prefix="playground-") as scratch:
            env = {
                "GIT_INDEX_FILE": str(Path(scratch) / "index"),
                "GIT_DIR": str(self.path),
                "GIT_WORK_TREE": str(folder),
            }
            run_git(folder, "add", "--all", ".", env=env)
            tree = run_git_text(folder, "write-tree", env=env)
        return self._commit_first(tree, message, who, branch)

    def commit_head(self, source: Path, message: str, who: Signature, branch: str) -> str:
        """A first commit with the files of another repository's HEAD; its history and uncommitted work stay there."""
        tree = run_git_text(source, "rev-parse", "--verify", "HEAD^{tree}")
        # Not a fetch: the source may be shallow, or belong to somebody else.
        pack = run_git(source, "pack-objects", "--quiet", "--revs", "--stdout", stdin=f"{tree}\n".encode())
        run_git(self.path, "index-pack", "--stdin", stdin=pack)
        return self._commit_first(tree, message, who, branch)

    def _commit_first(self, tree: str, message: str, who: Signature, branch: str) -> str:
        sha = self.commit_tree(tree, [], message, who)
        self.set_ref(f"refs/heads/{branch}", sha)
        return sha

    def commit_tree(self, tree: str, parents: list[str], message: str, who: Signature) -> str:
        """A commit object."""
        flags = [word for parent in parents for word in ("-p", parent)]
        env = who.render("AUTHOR") | who.render("COMMITTER")
        return run_git(self.path, "commit-tree", tree, *flags, env=env, stdin=message.encode()).decode().strip()

    def merge(self, base: str, head: str) -> str:
        """The tree of both commits merged. Raises `MergeConflict`."""
        nobody = Signature("playground", "playground@localhost", datetime.fromtimestamp(0, UTC))
        with self._open_worktree(base) as folder:
            try:
                run_git(folder, "merge", "--quiet", "--no-commit", "--no-ff", head, env=nobody.render("COMMITTER"))
            except GitFailed as error:
                if run_git(folder, "ls-files", "--unmerged"):
                    raise MergeConflict(str(error)) from error
                raise
            return run_git_text(folder, "write-tree")

    @contextmanager
    def _open_worktree(self, commit: str) -> Iterator[Path]:
        """`git merge-tree --write-tree` would need no files, but git has it only since 2.38."""
        scratch = Path(tempfile.mkdtemp(prefix="playground-"))
        folder = scratch / "tree"
        try:
            run_git(self.path, "worktree", "add", "--quiet", "--detach", str(folder), commit)
            yield folder
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            run_git(self.path, "worktree", "prune")


def _read_entry(line: str, folder: str) -> Entry:
    facts, _, name = line.partition("\t")
    mode, kind, sha, size = facts.split()
    kinds = {"tree": "dir", "commit": "submodule", "blob": "symlink" if mode == "120000" else "file"}
    return Entry(f"{folder}/{name}" if folder else name, kinds[kind], mode, sha, 0 if size == "-" else int(size))
