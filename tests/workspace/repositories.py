"""Real git repositories for the tests, made by git's plumbing so that anything can be in them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE, EXECUTABLE, LINK, SUBMODULE, DIRECTORY = "100644", "100755", "120000", "160000", "040000"

Content = bytes | tuple[str, bytes]  # of a regular file, or a mode and the content


def run_git(directory: Path, *arguments: str, data: bytes = b"") -> str:
    """What git printed."""
    env = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": "2024-05-01T12:00:00Z",
        "GIT_COMMITTER_DATE": "2024-05-01T12:00:00Z",
        **{f"GIT_{role}_{name}": "dev@example.com" for role in ("AUTHOR", "COMMITTER") for name in ("NAME", "EMAIL")},
    }
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, input=data, env=env, check=True, capture_output=True).stdout.decode().strip()


@dataclass(frozen=True)
class Origin:
    """A bare repository that plays the remote."""

    path: Path

    @classmethod
    def make(cls, path: Path) -> Origin:
        path.mkdir(parents=True)
        run_git(path, "init", "--quiet", "--bare", "--initial-branch=main")
        run_git(path, "config", "http.receivepack", "true")
        return cls(path)

    @property
    def url(self) -> str:
        return f"file://{self.path}"

    def commit(
        self, files: Mapping[str | bytes, Content], *, branch: str = "main", parents: Sequence[str] | None = None
    ) -> str:
        """A commit of exactly these files, on top of the branch unless other parents are given."""
        tree = self.write_tree(self._split(files))
        return self.commit_tree(tree, branch=branch, parents=parents)

    def commit_tree(self, tree: str, *, branch: str = "main", parents: Sequence[str] | None = None) -> str:
        head = self.find(branch)
        chosen = ([head] if head else []) if parents is None else parents
        options = [option for parent in chosen for option in ("-p", parent)]
        commit = run_git(self.path, "commit-tree", tree, *options, "-m", "a commit")
        run_git(self.path, "update-ref", f"refs/heads/{branch}", commit)
        return commit

    def find(self, branch: str) -> str | None:
        return run_git(self.path, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}") or None

    def show(self, commit: str, path: str) -> str:
        return run_git(self.path, "show", f"{commit}:{path}")

    def list(self, commit: str) -> dict[str, str]:
        """Modes by path."""
        lines = run_git(self.path, "ls-tree", "-r", "-z", commit).split("\0")
        return {line.split("\t", 1)[1]: line.split(" ", 1)[0] for line in lines if line}

    def write_blob(self, content: bytes) -> str:
        return run_git(self.path, "hash-object", "-w", "--stdin", data=content)

    def write_entries(self, entries: Iterable[tuple[str, bytes, str]]) -> str:
        """A tree object of entries (mode, name, object id), in that order, unchecked."""
        raw = b"".join(
            b"%b %b\0%b" % (mode.lstrip("0").encode(), name, bytes.fromhex(oid)) for mode, name, oid in entries
        )
        return run_git(self.path, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", data=raw)

    def write_tree(self, files: Mapping[bytes, object]) -> str:
        """A tree object of nested mappings."""
        entries = []
        for name, content in files.items():
            if isinstance(content, dict):
                entries.append((DIRECTORY, name, self.write_tree(content)))
            else:
                mode, data = content if isinstance(content, tuple) else (FILE, content)
                entries.append((mode, name, data.decode() if mode == SUBMODULE else self.write_blob(data)))
        return self.write_entries(
            sorted(entries, key=lambda entry: entry[1] + (b"/" if entry[0] == DIRECTORY else b""))
        )

    def _split(self, files: Mapping[str | bytes, Content]) -> dict[bytes, object]:
        root: dict[bytes, object] = {}
        for path, content in files.items():
            *parents, name = os.fsencode(path).split(b"/")
            directory = root
            for part in parents:
                directory = directory.setdefault(part, {})
            directory[name] = content
        return root
