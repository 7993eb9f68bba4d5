"""How a request for a page becomes a call of a function in `pages/`, and what it gives becomes HTML.

Texts are escaped by the templates; Markdown becomes HTML only in `markdown.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.playground.access import Anonymous, AsPerson, Permission, find_permission, may_see
from bot.playground.errors import Refused, not_found
from bot.playground.pages.markdown import render_markdown
from bot.playground.pages.times import render_age
from bot.playground.people import Person
from bot.playground.site import Site, Work
from bot.playground.tables import Account, Issue, Repository

COOKIE = "playground_login"
MAXIMUM_FORM_BYTES = 1024 * 1024


class SignInFirst(Exception):
    """The page needs somebody who is signed in."""


@dataclass
class View:
    """A request for a page: who looks at what."""

    work: Work
    account: Account | None
    path: dict[str, Any]
    query: dict[str, str]
    form: dict[str, str]
    url: str
    colors: set[str] = field(default_factory=set)

    def get_repository(self) -> Repository:
        """The repository of the address, when it may be seen."""
        found = self.work.find_repository(self.path["owner"], self.path["repo"])
        caller = Anonymous() if self.account is None else AsPerson(self.account)
        if found is None or not may_see(self.work, caller, found):
            raise not_found()
        return found

    def get_issue(self, *, is_pull: bool | None = None) -> Issue:
        """The issue or pull request of the address."""
        found = self.work.find_issue(self.get_repository(), self.path["number"])
        if found is None or found.deleted or is_pull not in (None, found.pull is not None):
            raise not_found()
        return found

    def get_person(self) -> Person:
        """Who acts; asks to sign in when nobody does."""
        if self.account is None:
            raise SignInFirst
        return Person(self.work, self.account)

    def find_permission(self, repository: Repository) -> Permission:
        """What the one who looks may do."""
        return find_permission(self.work, repository, self.account)

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from a template."""
        return render_page(self.work.site, template, status, view=self, **values)

    def redirect(self, target: str) -> Response:
        """To another page, after something was done."""
        return RedirectResponse(target, 303)


PageFunction = Callable[[View], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """A page's route."""

    method: str
    path: str
    show: PageFunction


def page(method: str, path: str) -> Callable[[PageFunction], PageFunction]:
    """Marks a function as the answer to an address."""

    def mark(show: PageFunction) -> PageFunction:
        show.__dict__.setdefault("pages", []).append(Page(method, path, show))
        return show

    return mark


def make_route(site: Site, found: Page) -> Route:
    """The page as a route for Starlette."""
    return Route(found.path, _make_endpoint(site, found), methods=[found.method])


def render_page(site: Site, template: str, status: int = 200, **values: Any) -> Response:
    """A page from a template. The nonce allows the one style sheet that is in the page: colours of labels."""
    nonce = secrets.token_urlsafe(16)
    text = _get_environment().get_template(template).render(site=site, nonce=nonce, **{"view": None, **values})
    policy = (
        f"default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(text, status, headers)


def _make_endpoint(site: Site, found: Page) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            form = await _read_form(request) if found.method == "POST" else {}
            return await run_in_threadpool(_show, site, found, request, form)
        except SignInFirst:
            target = request.url.path if request.method == "GET" else request.headers.get("referer", "/")
            return RedirectResponse(f"/login?next={quote(target)}", 303)
        except Refused as refused:
            return await run_in_threadpool(show_refusal, site, request, refused)

    return answer


def _show(site: Site, found: Page, request: Request, form: dict[str, str]) -> Response:
    with site.open() as work:
        return found.show(_make_view(work, request, form))


def show_refusal(site: Site, request: Request, refused: Refused) -> Response:
    """The page that says why not."""
    with site.open() as work:
        view = _make_view(work, request, {})
        return view.render("error.html", refused.status, refused=refused)


def _make_view(work: Work, request: Request, form: dict[str, str]) -> View:
    login = request.cookies.get(COOKIE)
    account = work.find_account(login) if login else None
    person = account if account is not None and account.kind == "User" else None
    return View(work, person, dict(request.path_params), dict(request.query_params), form, request.url.path)


async def _read_form(request: Request) -> dict[str, str]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAXIMUM_FORM_BYTES:
            raise Refused(413, "The form is too large")
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    return dict(pairs)


@cache
def _get_environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.playground", "templates"),
        extensions=["jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["age"] = render_age
    environment.filters["markdown"] = render_markdown
    environment.globals["quote"] = quote
    return environment
