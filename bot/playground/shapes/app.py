"""Apps and their installations: https://docs.github.com/en/rest/apps."""

from __future__ import annotations

from typing import Any

from bot.playground.shapes import make_node_id, render_time
from bot.playground.shapes.user import render_user
from bot.playground.site import Work
from bot.playground.tables import App, Installation


def render_app(work: Work, app: App) -> dict[str, Any]:
    """The App."""
    return {
        "id": app.id,
        "slug": app.slug,
        "client_id": f"Iv23li{app.id:014d}",
        "node_id": make_node_id("A", app.id),
        "owner": render_user(work, app.owner),
        "name": app.name,
        "description": app.description,
        "external_url": app.url,
        "html_url": f"{work.site.url}/apps/{app.slug}",
        "created_at": render_time(app.created_at),
        "updated_at": render_time(app.created_at),
        "permissions": app.permissions,
        "events": app.events,
    }


def render_installation(work: Work, installation: Installation) -> dict[str, Any]:
    """The App on an account."""
    account, api = installation.account, work.site.api_url
    return {
        "id": installation.id,
        "client_id": f"Iv23li{installation.app_id:014d}",
        "account": render_user(work, account),
        "repository_selection": "all" if installation.repository_ids is None else "selected",
        "access_tokens_url": f"{api}/app/installations/{installation.id}/access_tokens",
        "repositories_url": f"{api}/installation/repositories",
        "html_url": f"{work.site.url}/settings/installations/{installation.id}",
        "app_id": installation.app_id,
        "app_slug": installation.app.slug,
        "target_id": account.id,
        "target_type": account.kind,
        "permissions": installation.permissions,
        "events": installation.events,
        "created_at": render_time(installation.created_at),
        "updated_at": render_time(installation.created_at),
        "single_file_name": None,
        "has_multiple_single_files": False,
        "single_file_paths": [],
        "suspended_by": None,
        "suspended_at": render_time(installation.suspended_at),
    }
