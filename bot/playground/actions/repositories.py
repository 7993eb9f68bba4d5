"""Repositories and the people who work in them."""

from __future__ import annotations

import re
from pathlib import Path

from bot.playground.access import LEVELS
from bot.playground.actions.apps import tell_new_repository
from bot.playground.bare import Signature
from bot.playground.errors import Refused, invalid
from bot.playground.git import GitFailed
from bot.playground.shapes.issue import DEFAULT_LABELS
from bot.playground.site import Work
from bot.playground.tables import Account, Collaborator, Label, Repository

NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
FIRST_MESSAGE = "First commit\n"


def create_repository(
    work: Work,
    owner: Account,
    name: str,
    *,
    private: bool = False,
    description: str | None = None,
    has_drafts: bool = True,
) -> Repository:
    """A new repository without a commit, with the labels that GitHub gives to each."""
    if not NAME.fullmatch(name) or name in (".", "..") or name.lower().endswith(".git"):
        raise invalid("Repository", "name")
    if work.find_repository(owner.login, name) is not None:
        raise invalid("Repository", "name", "custom", "name already exists on this account")
    repository = Repository(
        owner=owner,
        name=name,
        description=description,
        private=private,
        default_branch="main",
        has_drafts=has_drafts,
        created_at=work.now(),
        pushed_at=work.now(),
    )
    work.add(repository)
    for label, (color, meaning) in DEFAULT_LABELS.items():
        work.add(Label(repository_id=repository.id, name=label, color=color, description=meaning))
    work.get_bare(repository).create(repository.default_branch)
    tell_new_repository(work, repository)
    return repository


def fill_repository(work: Work, repository: Repository, source: Path) -> str:
    """The first commit: the files of a folder, or those of a repository's HEAD commit. Returns the commit."""
    owner = repository.owner
    who = Signature(owner.name or owner.login, owner.email, work.now())
    bare = work.get_bare(repository)
    commit = bare.commit_head if (source / ".git").exists() else bare.commit_folder
    try:
        return commit(source, FIRST_MESSAGE, who, repository.default_branch)
    except (GitFailed, OSError) as error:
        raise Refused(422, f"{source} cannot be taken as a repository (has it a commit?): {error}") from error


def set_permission(work: Work, repository: Repository, account: Account, permission: str) -> None:
    """Makes somebody a collaborator with that role, or takes it away (none)."""
    if permission not in LEVELS:
        raise invalid("Collaborator", "permission")
    row = work.session.get(Collaborator, (repository.id, account.id))
    if permission == "none":
        if row is not None:
            work.session.delete(row)
    elif row is not None:
        row.permission = permission
    else:
        work.add(Collaborator(repository_id=repository.id, account=account, permission=permission))
