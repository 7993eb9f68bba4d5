"""The App and its installations: https://docs.github.com/en/rest/apps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.playground.access import AsApp, AsInstallation, is_at_least
from bot.playground.actions.apps import create_token, revoke_tokens
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.errors import Refused, forbidden, not_found
from bot.playground.shapes import render_time
from bot.playground.shapes.app import render_app, render_installation
from bot.playground.shapes.repository import render_full_repository
from bot.playground.sign_in import NOT_A_JWT
from bot.playground.tables import Account, App, Installation, Repository


@route("GET", "/app")
def get_app(call: Call) -> Any:
    """The App itself."""
    app = get_signed_in(call)
    count = call.work.session.scalar(sa.select(sa.func.count(Installation.id)).where(Installation.app_id == app.id))
    return render_app(call.work, app) | {"installations_count": count}


@route("GET", "/app/installations")
def list_installations(call: Call) -> Any:
    """Where the App is installed."""
    query = sa.select(Installation).where(Installation.app_id == get_signed_in(call).id).order_by(Installation.id)
    return paginate(call, list(call.work.session.scalars(query)), render_installation)


@route("GET", "/app/installations/{installation:int}")
def get_installation(call: Call) -> Any:
    """One installation."""
    return render_installation(call.work, _get_installation(call))


@route("POST", "/app/installations/{installation:int}/access_tokens")
def create_access_token(call: Call) -> Any:
    """A token, perhaps for fewer repositories and permissions than the installation has."""
    installation = _get_installation(call)
    if installation.suspended_at is not None:
        raise Refused(403, "This installation has been suspended")
    chosen = _choose_repositories(call, installation)
    permissions = _choose_permissions(call, installation)
    ids = None if chosen is None else [found.id for found in chosen]
    token = create_token(call.work, installation, ids, permissions)
    data: dict[str, Any] = {
        "token": token.value,
        "expires_at": render_time(token.expires_at),
        "permissions": permissions,
        "repository_selection": "selected" if chosen or installation.repository_ids is not None else "all",
    }
    if chosen:
        data["repositories"] = [render_full_repository(call.work, found, "write") for found in chosen]
    return Answer(data, 201)


@route("GET", "/repos/{owner}/{repo}/installation")
def get_repository_installation(call: Call) -> Any:
    """The App's installation that covers a repository."""
    app = get_signed_in(call)
    repository = call.work.find_repository(call.path["owner"], call.path["repo"])
    query = sa.select(Installation).where(Installation.app_id == app.id)
    for installation in call.work.session.scalars(query) if repository else ():
        if repository is not None and installation.covers(repository):
            return render_installation(call.work, installation)
    raise not_found()


@route("GET", "/users/{login}/installation")
@route("GET", "/orgs/{login}/installation")
def get_account_installation(call: Call) -> Any:
    """The App's installation on an account."""
    query = (
        sa.select(Installation)
        .join(Account)
        .where(Installation.app_id == get_signed_in(call).id, Account.login == call.path["login"])
    )
    found = call.work.session.scalar(query)
    if found is None:
        raise not_found()
    return render_installation(call.work, found)


@route("GET", "/installation/repositories")
def list_installation_repositories(call: Call) -> Any:
    """The repositories that the token reaches."""
    caller = call.caller
    if not isinstance(caller, AsInstallation):
        raise forbidden()
    found = [repository for repository in call.work.list_repositories() if caller.covers(repository)]
    page = paginate(call, found, lambda work, repository: render_full_repository(work, repository, "write"))
    selection = "all" if caller.installation.repository_ids is None else "selected"
    data = {"total_count": len(found), "repository_selection": selection, "repositories": page.data}
    return Answer(data, headers=page.headers)


@route("DELETE", "/installation/token")
def revoke_token(call: Call) -> Any:
    """Ends the installation's tokens."""
    if not isinstance(call.caller, AsInstallation):
        raise forbidden()
    revoke_tokens(call.work, call.caller.installation)
    return Answer(status=204)


def get_signed_in(call: Call) -> App:
    """The App that asks; these routes take nothing but its JSON web token."""
    if not isinstance(call.caller, AsApp):
        raise Refused(401, NOT_A_JWT)
    return call.caller.app


def _get_installation(call: Call) -> Installation:
    app = get_signed_in(call)
    found = call.work.session.get(Installation, call.path["installation"])
    if found is None or found.app_id != app.id:
        raise not_found()
    return found


def _choose_repositories(call: Call, installation: Installation) -> list[Repository] | None:
    names, ids = call.body.get("repositories"), call.body.get("repository_ids")
    if names is None and ids is None:
        return None
    covered = [found for found in call.work.list_repositories() if installation.covers(found)]
    chosen = [found for found in covered if found.name in (names or ()) or found.id in (ids or ())]
    if len(chosen) < len(names or ids or ()) or not chosen:
        raise Refused(
            422, "There is at least one repository that does not exist or is not accessible to the parent installation."
        )
    return chosen


def _choose_permissions(call: Call, installation: Installation) -> dict[str, str]:
    wanted = call.body.get("permissions") or {}
    for name, level in wanted.items():
        if not is_at_least(installation.permissions.get(name, "none"), str(level)):
            raise Refused(422, "The permissions requested are not granted to this installation.")
    return {**wanted, "metadata": "read"} if wanted else dict(installation.permissions)
