"""The front page, signing in, accounts and Apps."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from bot.playground.access import Anonymous, AsPerson, find_permission, may_see
from bot.playground.errors import not_found
from bot.playground.pages.view import COOKIE, View, page
from bot.playground.tables import Account, App, Installation, Repository


@page("GET", "/")
def show_home(view: View) -> Response:
    """The repositories that the one who looks may see."""
    return view.render("home.html", repositories=list_visible(view))


@page("GET", "/login")
def show_login(view: View) -> Response:
    """Who do you want to be?"""
    people = view.work.session.scalars(sa.select(Account).where(Account.kind == "User").order_by(Account.id))
    cards = [{"account": account, "roles": _list_roles(view, account)} for account in people]
    return view.render("login.html", cards=cards, target=_get_target(view.query))


@page("POST", "/login")
def sign_in(view: View) -> Response:
    """Nobody needs a password: this is a playground."""
    account = view.work.find_account(view.form.get("login", ""))
    if account is None or account.kind != "User":
        raise not_found()
    response = view.redirect(_get_target(view.form))
    response.set_cookie(COOKIE, account.login, httponly=True, samesite="lax")
    return response


@page("POST", "/logout")
def sign_out(view: View) -> Response:
    """Looks on as nobody."""
    response = view.redirect("/")
    response.delete_cookie(COOKIE)
    return response


@page("GET", "/apps/{slug}")
def show_app(view: View) -> Response:
    """What an App may do and where it is installed."""
    app = view.work.session.scalar(sa.select(App).where(App.slug == view.path["slug"]))
    if app is None:
        raise not_found()
    found = view.work.session.scalars(sa.select(Installation).where(Installation.app_id == app.id))
    return view.render("app.html", app=app, installations=list(found))


@page("GET", "/{owner}")
def show_account(view: View) -> Response:
    """An account and its repositories."""
    account = view.work.find_account(view.path["owner"])
    if account is None:
        raise not_found()
    owned = [repository for repository in list_visible(view) if repository.owner_id == account.id]
    return view.render("account.html", account=account, repositories=owned)


def list_visible(view: View) -> list[Repository]:
    """The repositories that the one who looks may see."""
    caller = Anonymous() if view.account is None else AsPerson(view.account)
    return [found for found in view.work.list_repositories() if may_see(view.work, caller, found)]


def _list_roles(view: View, account: Account) -> list[tuple[Any, str]]:
    return [(found, find_permission(view.work, found, account)) for found in view.work.list_repositories()]


def _get_target(values: dict[str, str]) -> str:
    """Where to go after signing in: only a path of this site."""
    target = values.get("next", "/")
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if is_ours else "/"
