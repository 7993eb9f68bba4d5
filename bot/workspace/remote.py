"""The remote of a mirror: how it is reached with a token that no one else sees, and what is asked of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bot.workspace.git import Git
from bot.workspace.git_errors import GitError, PushDeclined, PushRejected, RemoteRefused, RemoteUnavailable
from bot.workspace.git_names import check_branch, check_commit

REMOTE_TIMEOUT_SECONDS = 600.0

_REFUSALS = re.compile(
    r"Authentication failed|could not read (Username|Password)|returned error: (401|403|404)|"
    r"[Rr]epository .*not found|does not appear to be a git repository"
)
_FAULTS = re.compile(
    r"unable to access|Could not (resolve|connect)|[Cc]onnection|timed out|early EOF|hung up unexpectedly|RPC failed|"
    r"unexpected disconnect|returned error: (429|5\d\d)|unable to update url base from redirection"
)
# What a server says when the branch moved between our look and our write (refs/files-backend.c, GitHub says the same).
_MOVED = re.compile(r"cannot lock ref|reference already exists|incorrect old value|fetch first|non-fast-forward")


@dataclass(frozen=True, slots=True)
class Remote:
    """A clone URL and the token for it (None: none is needed)."""

    clone_url: str
    token: str | None = field(default=None, repr=False)

    @property
    def config(self) -> Mapping[str, str]:
        """Git's configuration for one command; given by the environment, so that it is in no file and no argv.

        The header belongs to this URL alone, and redirects are not followed: no other host ever gets it.
        """
        if self.token is None:
            return {}
        return {f"http.{self.clone_url}.extraHeader": f"Authorization: Basic {self._credential}"}

    @property
    def protocol(self) -> str:
        """The one protocol that git may speak here."""
        return urlsplit(self.clone_url).scheme

    def redact(self, text: str) -> str:
        """The text without the token, in either form."""
        if not self.token:
            return text
        return text.replace(self._credential, "***").replace(self.token, "***")

    @property
    def _credential(self) -> str:
        # https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation
        return base64.b64encode(f"x-access-token:{self.token}".encode()).decode()


def ask(git: Git, remote: Remote, *arguments: str, timeout_seconds: float = REMOTE_TIMEOUT_SECONDS) -> bytes:
    """What a git command printed that speaks to the remote.

    Raises `RemoteRefused`, `RemoteUnavailable`, `GitTimeout`, or `GitError` when it failed for another reason.
    """
    answer = git.try_run(
        *arguments, config=remote.config, protocol=remote.protocol, timeout_seconds=timeout_seconds, hide=remote.redact
    )
    if answer.returncode != 0:
        raise _read_failure(answer.describe())
    return answer.stdout


def find_remote_commit(git: Git, remote: Remote, branch: str) -> str | None:
    """The commit that the branch has now at the remote; None when there is no such branch. Raises `GitError`."""
    wanted = f"refs/heads/{check_branch(branch)}"
    for line in ask(git, remote, "ls-remote", "--", remote.clone_url, wanted).decode(errors="replace").splitlines():
        commit, _, name = line.partition("\t")
        if name == wanted:  # git takes the name for a pattern and also finds what merely ends in it
            return check_commit(commit)
    return None


def push(git: Git, remote: Remote, commit: str, branch: str, expected: str | None) -> None:
    """Lets the remote branch point to the commit, if it stands at `expected` (None: if it does not exist).

    Nothing to do when it is there already. Raises `PushRejected` when it stands elsewhere, `PushDeclined`, `GitError`.
    """
    name = f"refs/heads/{check_branch(branch)}"
    lease = f"--force-with-lease={name}:{'' if expected is None else check_commit(expected)}"
    arguments = ("push", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no", lease)
    answer = git.try_run(
        *(*arguments, "--", remote.clone_url, f"{check_commit(commit)}:{name}"),
        config=remote.config,
        protocol=remote.protocol,
        timeout_seconds=REMOTE_TIMEOUT_SECONDS,
        hide=remote.redact,
    )
    if answer.returncode == 0:
        return
    line = next((line for line in answer.text.splitlines() if line.startswith("!")), None)
    if line is None:
        raise _read_failure(answer.describe())
    current = find_remote_commit(git, remote, branch)
    if current != commit:
        raise _read_rejection(line, answer.describe(), branch, current, expected)


def _read_rejection(line: str, why: str, branch: str, current: str | None, expected: str | None) -> GitError:
    if "[rejected]" in line or _MOVED.search(line):
        where = "does not exist" if current is None else f"is at {current}"
        wanted = "not to exist" if expected is None else f"at {expected}"
        return PushRejected(f"the branch {branch} {where}; it was expected {wanted}")
    return PushDeclined(why)


def _read_failure(why: str) -> GitError:
    if _REFUSALS.search(why):
        return RemoteRefused(why)
    if _FAULTS.search(why):
        return RemoteUnavailable(why)
    return GitError(why)
