"""Register an App from its manifest, install it, give it tokens."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from bot.playground.actions import Actor
from bot.playground.actions.accounts import ensure_account
from bot.playground.errors import Refused, invalid
from bot.playground.shapes.app import render_installation
from bot.playground.shapes.repository import render_short_repository
from bot.playground.shapes.user import render_user
from bot.playground.site import Work
from bot.playground.tables import Account, App, Installation, InstallationToken, Repository
from bot.playground.webhooks.emit import NEEDED, enqueue

PERMISSION_LEVELS = ("read", "write", "admin")


def ensure_app(
    work: Work, manifest: dict[str, Any], owner: Account, public_key: str, url: str | None, secret: str | None
) -> App:
    """An App as its manifest describes it, or that which is there with this key and these webhooks.

    `url` and `secret` are the webhook's, instead of the manifest's. A new App gets a ping.
    https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
    """
    name, permissions = str(manifest["name"]), dict(manifest.get("default_permissions") or {})
    events = list(manifest.get("default_events") or [])
    check_manifest(permissions, events)
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    found = work.session.scalar(sa.select(App).where(App.slug == slug))
    if found is not None:
        found.public_key, found.webhook_url, found.webhook_secret = public_key, url or found.webhook_url, secret
        return found
    bot = ensure_account(work, f"{slug}[bot]", "Bot", name)
    app = App(
        slug=slug,
        name=name,
        description=manifest.get("description"),
        url=str(manifest["url"]),
        owner=owner,
        bot=bot,
        public_key=public_key,
        webhook_url=url or (manifest.get("hook_attributes") or {}).get("url"),
        webhook_secret=secret,
        permissions={**permissions, "metadata": "read"},
        events=events,
        created_at=work.now(),
    )
    work.add(app)
    hook = {"type": "App", "id": app.id, "name": "web", "active": True, "events": events, "app_id": app.id}
    enqueue(work, app, "ping", None, {"zen": "Keep it logically awesome.", "hook_id": app.id, "hook": hook}, None, None)
    return app


def check_manifest(permissions: dict[str, str], events: list[str]) -> None:
    """An App can listen only to what it may read, as GitHub's form refuses the rest."""
    for name, level in permissions.items():
        if level not in PERMISSION_LEVELS:
            raise invalid("App", "default_permissions", "custom", f"{name}: {level!r} is no level")
    for event in events:
        if event not in NEEDED:
            raise invalid("App", "default_events", "custom", f"{event} is no event that this playground knows")
        if NEEDED[event] not in {*permissions, "metadata"}:
            message = f"{event} needs the permission {NEEDED[event]}: read"
            raise invalid("App", "default_events", "custom", message)


def install_app(
    work: Work, app: App, account: Account, sender: Account, repositories: Sequence[Repository] | None
) -> Installation:
    """Installs an App on an account, for some of its repositories or (None) for all."""
    key = sa.select(Installation).where(Installation.app_id == app.id, Installation.account_id == account.id)
    if work.session.scalar(key) is not None:
        raise Refused(422, "This App is installed on that account already")
    installation = Installation(
        app=app,
        account=account,
        repository_ids=None if repositories is None else [repository.id for repository in repositories],
        permissions=dict(app.permissions),
        events=list(app.events),
        created_at=work.now(),
    )
    work.add(installation)
    tell_installation(work, installation, sender, "created")
    return installation


def tell_installation(work: Work, installation: Installation, sender: Account, action: str) -> None:
    """created, deleted, suspend, unsuspend: https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation."""
    repositories = [repository for repository in work.list_repositories() if installation.covers(repository)]
    payload = {
        "action": action,
        "installation": render_installation(work, installation),
        "repositories": [render_short_repository(repository) for repository in repositories],
        "requester": None,
        "sender": render_user(work, sender),
    }
    enqueue(work, installation.app, "installation", action, payload, installation.id, None)


def set_repositories(work: Work, installation: Installation, sender: Account, chosen: Sequence[Repository]) -> None:
    """Chooses which repositories the installation covers, and tells what was added and removed."""
    every = work.list_repositories()
    before = {repository.id for repository in every if installation.covers(repository)}
    installation.repository_ids = [repository.id for repository in chosen]
    after = set(installation.repository_ids)
    for action, changed in (("added", after - before), ("removed", before - after)):
        if changed:
            named = [repository for repository in every if repository.id in changed]
            _tell_repositories(work, installation, sender, action, named)


def tell_new_repository(work: Work, repository: Repository) -> None:
    """An App that is installed for all repositories of an account covers a new one, too, and hears of it."""
    query = sa.select(Installation).where(
        Installation.account_id == repository.owner_id, Installation.repository_ids.is_(None)
    )
    for installation in work.session.scalars(query):
        _tell_repositories(work, installation, repository.owner, "added", [repository])


def _tell_repositories(
    work: Work, installation: Installation, sender: Account, action: str, named: Sequence[Repository]
) -> None:
    """https://docs.github.com/en/webhooks/webhook-events-and-payloads#installation_repositories."""
    short = [render_short_repository(repository) for repository in named]
    payload = {
        "action": action,
        "installation": render_installation(work, installation),
        "repository_selection": "all" if installation.repository_ids is None else "selected",
        "repositories_added": short if action == "added" else [],
        "repositories_removed": short if action == "removed" else [],
        "requester": None,
        "sender": render_user(work, sender),
    }
    enqueue(work, installation.app, "installation_repositories", action, payload, installation.id, None)


def uninstall_app(work: Work, installation: Installation, sender: Account) -> None:
    """Takes the App off the account; its tokens end."""
    tell_installation(work, installation, sender, "deleted")
    revoke_tokens(work, installation)
    work.session.delete(installation)


def create_token(
    work: Work, installation: Installation, repository_ids: list[int] | None, permissions: dict[str, str]
) -> InstallationToken:
    """A token that is good for an hour."""
    token = InstallationToken(
        value=f"ghs_{secrets.token_hex(18)}",
        installation=installation,
        repository_ids=repository_ids,
        permissions=permissions,
        expires_at=work.now() + work.site.token_lifetime,
    )
    work.add(token)
    return token


def revoke_tokens(work: Work, installation: Installation) -> None:
    """Ends all tokens of an installation."""
    query = sa.delete(InstallationToken).where(InstallationToken.installation_id == installation.id)
    work.session.execute(query)


def get_actor(installation: Installation) -> Actor:
    """Who acts when the App does."""
    return Actor(installation.app.bot, installation.app)
