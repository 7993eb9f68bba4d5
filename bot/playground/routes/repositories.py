"""Repositories and their collaborators: https://docs.github.com/en/rest/repos/repos."""

from __future__ import annotations

from typing import Any

from bot.playground.access import AsInstallation, AsPerson, Permission, find_permission
from bot.playground.api import Call, route
from bot.playground.errors import Refused
from bot.playground.shapes.repository import render_full_repository
from bot.playground.shapes.user import render_user

ROLES: dict[Permission, int] = {"none": 0, "read": 1, "write": 3, "admin": 5}


@route("GET", "/repos/{owner}/{repo}")
def get_repository(call: Call) -> Any:
    """The repository, with what the asking one may do."""
    repository = call.get_repository()
    if isinstance(call.caller, AsInstallation):
        level = call.caller.permissions.get("contents", "read")
    else:
        account = call.caller.account if isinstance(call.caller, AsPerson) else None
        level = find_permission(call.work, repository, account)
    return render_full_repository(call.work, repository, level)


@route("GET", "/repos/{owner}/{repo}/collaborators/{login}/permission")
def get_permission(call: Call) -> Any:
    """What a person may do: https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user."""
    repository = call.get_repository()
    if not isinstance(call.caller, AsInstallation):
        call.require(repository, "metadata", "write")
    account = call.work.find_account(call.path["login"])
    if account is None or account.kind == "Organization":
        raise Refused(404, f"{call.path['login']} is not a user")
    permission = find_permission(call.work, repository, account)
    levels = ("pull", "triage", "push", "maintain", "admin")
    flags = {level: place < ROLES[permission] for place, level in enumerate(levels)}
    user = render_user(call.work, account) | {"permissions": flags, "role_name": permission}
    return {"permission": permission, "role_name": permission, "user": user}
