"""Who may see and do what.

People have a role in each repository, installations have the permissions that their App asked for:
https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.playground.site import Work
from bot.playground.tables import Account, App, Collaborator, Installation, Repository

Permission = Literal["none", "read", "write", "admin"]
LEVELS: tuple[Permission, ...] = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Somebody who did not sign in."""


@dataclass(frozen=True, slots=True)
class AsPerson:
    """A person, signed in with a token or on the pages."""

    account: Account


@dataclass(frozen=True, slots=True)
class AsApp:
    """An App, signed in with its private key."""

    app: App


@dataclass(frozen=True, slots=True)
class AsInstallation:
    """An App on an account, with a token that may be narrowed."""

    installation: Installation
    repository_ids: tuple[int, ...] | None
    permissions: dict[str, str]

    def covers(self, repository: Repository) -> bool:
        """Whether the token reaches that repository."""
        narrowed = self.repository_ids is not None and repository.id not in self.repository_ids
        return self.installation.covers(repository) and not narrowed


Caller = Anonymous | AsPerson | AsApp | AsInstallation


def find_permission(work: Work, repository: Repository, account: Account | None) -> Permission:
    """A person's role; everybody reads what is public."""
    public: Permission = "none" if repository.private else "read"
    if account is None:
        return public
    if account.id == repository.owner_id:
        return "admin"
    row = work.session.get(Collaborator, (repository.id, account.id))
    if row is None:
        return public
    return next(level for level in LEVELS if level == row.permission)


def is_at_least(permission: str, wanted: str) -> bool:
    """Whether one level contains the other."""
    order: tuple[str, ...] = LEVELS
    return order.index(permission) >= order.index(wanted)


def may(work: Work, caller: Caller, repository: Repository, name: str, level: str) -> bool:
    """Whether the caller has that permission (of an App: contents, issues, …) in the repository.

    A person's role stands for all of them.
    """
    if isinstance(caller, AsInstallation):
        if not caller.covers(repository):
            return level == "read" and not repository.private
        return is_at_least(caller.permissions.get(name, "none"), level)
    account = caller.account if isinstance(caller, AsPerson) else None
    return is_at_least(find_permission(work, repository, account), level)


def may_see(work: Work, caller: Caller, repository: Repository) -> bool:
    """Whether the repository exists for the caller."""
    return may(work, caller, repository, "metadata", "read")


def find_association(work: Work, repository: Repository, account: Account) -> str:
    """https://docs.github.com/en/graphql/reference/enums#commentauthorassociation."""
    if account.id == repository.owner_id:
        return "OWNER"
    key = ("collaborator", repository.id, account.id)
    if key not in work.memo:
        work.memo[key] = work.session.get(Collaborator, (repository.id, account.id)) is not None
    if not work.memo[key]:
        return "NONE"
    return "MEMBER" if repository.owner.kind == "Organization" else "COLLABORATOR"
