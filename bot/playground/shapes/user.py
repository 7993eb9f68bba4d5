"""Accounts: https://docs.github.com/en/rest/users/users."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from bot.playground.shapes import make_node_id, render_time
from bot.playground.site import Work
from bot.playground.tables import Account

KINDS = {"User": "U", "Organization": "O", "Bot": "BOT"}


def render_user(work: Work, account: Account) -> dict[str, Any]:
    """The short form, as it stands in everything that has an author."""
    url = f"{work.site.api_url}/users/{quote(account.login)}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": make_node_id(KINDS[account.kind], account.id),
        "avatar_url": f"{work.site.url}/_playground/avatars/{account.id}.svg",
        "gravatar_id": "",
        "url": url,
        "html_url": _render_page(work, account),
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": account.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def render_public_user(work: Work, account: Account) -> dict[str, Any]:
    """The profile."""
    when = render_time(account.created_at)
    nothing = dict.fromkeys(("company", "location", "email", "hireable", "bio", "twitter_username"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    own = {"name": account.name, "blog": "", **nothing, **counts, "created_at": when, "updated_at": when}
    return render_user(work, account) | own


def render_organization(work: Work, account: Account) -> dict[str, Any]:
    """An organization as webhooks name it."""
    url = f"{work.site.api_url}/orgs/{quote(account.login)}"
    return {
        "login": account.login,
        "id": account.id,
        "node_id": make_node_id("O", account.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{work.site.url}/_playground/avatars/{account.id}.svg",
        "description": account.name or "",
    }


def _render_page(work: Work, account: Account) -> str:
    if account.kind == "Bot":
        return f"{work.site.url}/apps/{account.login.removesuffix('[bot]')}"
    return f"{work.site.url}/{account.login}"
