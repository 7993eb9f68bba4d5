"""Who may use a slash-command: asked of GitHub for the person of this very delivery.

What the payload says of a person's association, and how a name looks, counts for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.config import CommandConfig, RepositoryConfig
from bot.github.errors import Forbidden
from bot.github.protocol import GitHubClient
from bot.github.values import Permission
from handlers.command_registry import Command

LEVELS: tuple[Permission, ...] = ("none", "read", "write", "admin")


@dataclass(frozen=True, slots=True)
class Access:
    """Whether it is allowed, and why (a sentence for the audit and, when it is not, for the person)."""

    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks, and what they may do in the repository."""

    login: str
    permission: Permission

    @property
    def is_stranger(self) -> bool:
        """Whether it is somebody who reads a public repository, as everybody may."""
        return self.permission in ("none", "read")


def check_access(
    github: GitHubClient, repository: str, config: RepositoryConfig, command: Command, person: Person
) -> Access:
    """By the repository's config for this command, else by what the command asks for. Raises `GitHubError`."""
    rule = _get_rule(config, command)
    if rule.permission is not None and has_permission(person, rule.permission):
        return Access(True, f"has the permission {person.permission}")
    if person.login.lower() in {login.lower() for login in rule.users}:
        return Access(True, "is named in the config")
    for team in rule.teams:
        if _is_member(github, repository, team, person.login):
            return Access(True, f"is in the team {team}")
    return Access(False, f"needs {render_rule(config, command)}")


def has_permission(person: Person, wanted: Permission) -> bool:
    """Whether the person's permission contains that one."""
    return LEVELS.index(person.permission) >= LEVELS.index(wanted)


def _get_rule(config: RepositoryConfig, command: Command) -> CommandConfig:
    return config.commands.get(command.name) or CommandConfig(permission=command.permission)


def _is_member(github: GitHubClient, repository: str, team: str, login: str) -> bool:
    try:
        return github.is_team_member(repository.partition("/")[0], team, login)
    except Forbidden:  # the App was not given `members: read`
        return False


def render_rule(config: RepositoryConfig, command: Command) -> str:
    """What somebody needs to use the command, in words."""
    rule = _get_rule(config, command)
    ways = [] if rule.permission is None else [f"the permission {rule.permission} in this repository"]
    ways += [f"to be in the team {team}" for team in rule.teams]
    ways += ["to be named in the config"] if rule.users else []
    return ", or ".join(ways)
