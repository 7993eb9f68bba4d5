"""A bare mirror of a repository on this machine: its branches, fetched; its objects, read without a checkout."""

from __future__ import annotations

import secrets
import shutil
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.workspace import remote
from bot.workspace.blobs import read_blob
from bot.workspace.file_lock import locked
from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, GitTimeout, RemoteRefused, RemoteUnavailable
from bot.workspace.git_names import check_clone_url, check_commit, check_repository, is_branch, is_commit, is_tree_path
from bot.workspace.listing import find_entry, list_entries
from bot.workspace.mirror_repair import is_sound, remove_leftovers
from bot.workspace.pins import drop_old_pins, pin
from bot.workspace.remote import REMOTE_TIMEOUT_SECONDS, Remote

__all__ = ["GitError", "Mirror"]

_BRANCHES = "+refs/heads/*:refs/heads/*"
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-auto-maintenance", "--no-write-fetch-head")


@dataclass(frozen=True, slots=True)
class Mirror:
    """The mirror of `repository` (owner/name) below the directory `root`. Making one does nothing yet."""

    root: Path
    repository: str
    clone_url: str

    def __post_init__(self) -> None:
        """Raises `GitError` when the name or the URL is none that git should see."""
        check_repository(self.repository)
        check_clone_url(self.clone_url)

    @property
    def path(self) -> Path:
        """The git directory. GitHub's names ignore case, and so do we."""
        return self.root / f"{self.repository.lower()}.git"

    @property
    def trees(self) -> Path:
        """Where files of commits are kept, laid out (see `base_tree`)."""
        return self.root / f"{self.repository.lower()}.trees"

    @property
    def git(self) -> Git:
        """Git in this mirror."""
        return Git(self.path)

    def fetch(self, token: str | None, *, timeout_seconds: float = REMOTE_TIMEOUT_SECONDS) -> None:
        """Brings the branches up to date; what the remote no longer has is dropped, pinned commits stay.

        A mirror that a killed process or a full disk left broken is made anew. Raises `GitError` and its kinds.
        """
        with self._locked():
            if is_sound(self.path):
                remove_leftovers(self.path)
                try:
                    self._fetch(self.path, token, timeout_seconds)
                except (RemoteRefused, RemoteUnavailable, GitTimeout):
                    raise
                except GitError:
                    self._make(token, timeout_seconds)
            else:
                self._make(token, timeout_seconds)
            self._tidy_up()

    def ensure_commit(self, commit: str, token: str | None) -> bool:
        """Has the commit here, fetched by its id when no branch leads to it any more. False: it is not to be had."""
        if self.has_commit(commit):
            return True
        with self._locked():
            try:
                self._ask(self.path, token, REMOTE_TIMEOUT_SECONDS, *_FETCH, "--", self.clone_url, commit)
            except (RemoteRefused, RemoteUnavailable, GitTimeout):
                raise
            except GitError:
                return False
        return self.has_commit(commit)

    def has_commit(self, commit: str) -> bool:
        """Whether the commit is here. Raises `GitError` when that is no full id."""
        answer = self.git.try_run("cat-file", "-e", f"{check_commit(commit)}^{{commit}}")
        return answer.returncode == 0

    def find_commit(self, ref: str) -> str | None:
        """The full id of a branch's commit, or of the commit itself; None when the mirror has neither."""
        if is_commit(ref):
            return ref if self.has_commit(ref) else None
        if not is_branch(ref):
            return None
        answer = self.git.try_run("rev-parse", "--quiet", "--verify", f"refs/heads/{ref}^{{commit}}")
        return answer.text.strip() if answer.returncode == 0 else None

    def read_file(self, commit: str, path: str, max_bytes: int) -> bytes | None:
        """At most `max_bytes` bytes of a file as it stood in the commit; None when there is no such regular file."""
        if not is_tree_path(path):
            return None
        entry = find_entry(self.git, check_commit(commit), path)
        return read_blob(self.git, entry.object_id, max_bytes) if entry is not None and entry.is_file else None

    def list_files(self, commit: str, under: str = "") -> tuple[str, ...]:
        """Paths of the regular files (below `under`) in git's order, without names that cannot be printed."""
        if under and not is_tree_path(under):
            return ()
        entries = list_entries(self.git, check_commit(commit), under)
        return tuple(entry.path for entry in entries if entry.is_file and entry.path.isprintable())

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` has `older` in its history, or is the same. Raises `GitError` when one is not here."""
        answer = self.git.try_run("merge-base", "--is-ancestor", check_commit(older), check_commit(newer))
        if answer.returncode > 1:
            raise GitError(answer.describe())
        return answer.returncode == 0

    def pin(self, commit: str) -> None:
        """Keeps the commit for half a year, even when its branch is rewritten or it was never on one."""
        pin(self.git, commit)

    def find_remote_commit(self, branch: str, token: str | None) -> str | None:
        """The commit that the remote's branch has now; None when there is no such branch. Raises `GitError`."""
        return remote.find_remote_commit(self.git, Remote(self.clone_url, token), branch)

    def push(self, commit: str, branch: str, token: str | None, expected: str | None) -> None:
        """Lets the remote's branch point to the commit, if it stands at `expected` now (None: does not exist).

        Done already is done. Raises `PushRejected` when it stands elsewhere, `PushDeclined`, `GitError`.
        """
        remote.push(self.git, Remote(self.clone_url, token), commit, branch, expected)

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self.root / f"{self.repository.lower()}.lock")

    def _make(self, token: str | None, timeout_seconds: float) -> None:
        """A new mirror, put in place when it is whole."""
        new = self.path.with_name(f"{self.path.name}.new-{secrets.token_hex(4)}")
        Git(new).run("init", "--quiet", "--bare", "--template=")
        try:
            self._fetch(new, token, timeout_seconds)
            if self.path.exists():
                self.path.replace(new.with_name(f"{new.name}-old"))
            new.replace(self.path)
        finally:
            self._remove_others()

    def _remove_others(self) -> None:
        """Mirrors that were being made by a process that was killed, and broken ones that were replaced."""
        for leftover in self.path.parent.glob(f"{self.path.name}.new-*"):
            shutil.rmtree(leftover, ignore_errors=True)

    def _tidy_up(self) -> None:
        """What can wait if it fails."""
        with suppress(GitError):
            drop_old_pins(self.git)
            self.git.try_run("gc", "--auto", "--quiet", config={"gc.auto": "6700"})  # git's own default

    def _fetch(self, path: Path, token: str | None, timeout_seconds: float) -> None:
        self._ask(path, token, timeout_seconds, *_FETCH, "--prune", "--", self.clone_url, _BRANCHES)

    def _ask(self, path: Path, token: str | None, timeout_seconds: float, *arguments: str) -> None:
        remote.ask(Git(path), Remote(self.clone_url, token), *arguments, timeout_seconds=timeout_seconds)
