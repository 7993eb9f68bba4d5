"""What can go wrong with git, as types with names. No message holds a token."""

from __future__ import annotations


class GitError(Exception):
    """Git refused or failed; the message says which command and why."""


class GitTimeout(GitError):
    """Git took longer than it was given and was ended."""


class RemoteUnavailable(GitError):
    """The remote did not answer, or not as a git server: trying again later may help."""


class RemoteRefused(GitError):
    """The remote answered and does not let us in, or has no such repository."""


class PushRejected(GitError):
    """The remote branch is not where it was expected: somebody else has pushed to it."""


class PushDeclined(GitError):
    """The remote has a rule against the push: a protected branch, a hook, a permission that is missing."""


class HostileTree(GitError):
    """The commit's files cannot be laid out safely: names that git itself refuses, or more than the limits allow."""


class PatchRefused(GitError):
    """The patch does not fit the base commit, or leads out of the tree."""


class PatchTooLarge(GitError):
    """What has changed is more than a patch may hold."""
