"""How a request to the API becomes a call of a function in `routes/`, and what the function gives becomes an answer."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, TypeVar
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.access import Anonymous, AsInstallation, AsPerson, Caller, may, may_see
from bot.playground.actions import Actor
from bot.playground.errors import Refused, forbidden, not_found, wrong_request
from bot.playground.sign_in import find_caller
from bot.playground.site import Site, Work
from bot.playground.tables import Issue, Repository

T = TypeVar("T")

VERSIONS = ("2022-11-28", "2026-03-10")
HOURLY_LIMIT = 5000
MAXIMUM_PAGE = 100
MAXIMUM_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What a route gives when it is not simply 200 and JSON."""

    data: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Call:
    """A request to the API: who asks for what."""

    work: Work
    caller: Caller
    path: dict[str, Any]
    query: dict[str, str]
    body: dict[str, Any]
    url: str

    def get_repository(self, name: str = "metadata", level: str = "read") -> Repository:
        """The repository of the route, where the caller needs that permission. 404 when it may not be seen."""
        found = self.work.find_repository(self.path["owner"], self.path["repo"])
        if found is None or not may_see(self.work, self.caller, found):
            raise not_found()
        self.require(found, name, level)
        return found

    def get_issue(self, level: str = "read") -> Issue:
        """The issue of the route. What is a pull request can be reached with the permission for either."""
        repository = self.get_repository()
        issue = self.work.find_issue(repository, self.path["number"])
        if issue is not None and issue.deleted:
            raise Refused(410, "This issue was deleted")
        if issue is not None and issue.pull and may(self.work, self.caller, repository, "pull_requests", level):
            return issue
        self.require(repository, "issues", level)
        if issue is None:
            raise not_found()
        return issue

    def require(self, repository: Repository, name: str, level: str) -> None:
        """Refuses callers without that permission."""
        if may(self.work, self.caller, repository, name, level):
            return
        if isinstance(self.caller, AsInstallation):
            raise forbidden()
        if isinstance(self.caller, Anonymous):
            raise Refused(401, "Requires authentication")
        raise Refused(403, "Must have admin rights to Repository." if level == "admin" else "Must have write access.")

    def get_actor(self) -> Actor:
        """Who acts."""
        if isinstance(self.caller, AsPerson):
            return Actor(self.caller.account)
        if isinstance(self.caller, AsInstallation):
            return Actor(self.caller.installation.app.bot, self.caller.installation.app)
        raise Refused(401, "Requires authentication")

    def get_text(self, name: str) -> str:
        """A field of the body that must be there."""
        value = self.find_text(name)
        if value is None:
            raise wrong_request(f'"{name}" wasn\'t supplied.')
        return value

    def find_text(self, name: str) -> str | None:
        """A field of the body, a text when it is there."""
        return self._find(name, str, "a string")

    def find_flag(self, name: str) -> bool | None:
        """A field of the body, true or false when it is there."""
        return self._find(name, bool, "a boolean")

    def _find(self, name: str, kind: type[T], words: str) -> T | None:
        value = self.body.get(name)
        if value is None or isinstance(value, kind):
            return value
        raise wrong_request(f"For 'properties/{name}', {json.dumps(value)} is not {words}.")


Endpoint = Callable[[Call], Any]


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """A route below the API's base."""

    method: str
    path: str
    endpoint: Endpoint


def route(method: str, path: str) -> Callable[[Endpoint], Endpoint]:
    """Marks a function as the answer to a route."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__.setdefault("api_routes", []).append(ApiRoute(method, path, endpoint))
        return endpoint

    return mark


def list_routes() -> list[ApiRoute]:
    """The routes of all modules in `routes/`."""
    package = import_module("bot.playground.routes")
    modules = [import_module(f"{package.__name__}.{found.name}") for found in iter_modules(package.__path__)]
    values = [value for module in modules for value in vars(module).values()]
    found = {item for value in values for item in getattr(value, "api_routes", ())}
    return sorted(found, key=lambda item: (item.path.count("{"), item.path, item.method))


def paginate(call: Call, items: Sequence[T], render: Callable[[Work, T], Any]) -> Answer:
    """The page that was asked for, and links to the others.

    https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
    """
    size = min(max(_read_number(call, "per_page", 30), 1), MAXIMUM_PAGE)
    page = max(_read_number(call, "page", 1), 1)
    last = max(-(-len(items) // size), 1)
    targets = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    links = {name: number for name, number in targets.items() if _is_linked(name, number, page, last)}
    header = ", ".join(f'<{_render_link(call, number)}>; rel="{name}"' for name, number in links.items())
    shown = [render(call.work, item) for item in items[(page - 1) * size : page * size]]
    return Answer(shown, headers={"Link": header} if header else {})


def _is_linked(name: str, number: int, page: int, last: int) -> bool:
    if name in ("prev", "first"):
        return page > 1
    return page < last and number <= last


def _render_link(call: Call, page: int) -> str:
    return f"{call.url}?{urlencode({**call.query, 'page': page})}"


def _read_number(call: Call, name: str, default: int) -> int:
    value = call.query.get(name, "")
    return int(value) if re.fullmatch(r"[0-9]{1,9}", value) else default


def make_api_routes(site: Site) -> list[Route]:
    """The routes for Starlette."""
    return [Route(found.path, make_endpoint(site, found), methods=[found.method]) for found in list_routes()]


def make_endpoint(site: Site, found: ApiRoute) -> Callable[[Request], Any]:
    """The function that answers a route's requests."""

    async def answer(request: Request) -> Response:
        try:
            body = _parse(await _read_body(request))
            return await run_in_threadpool(_answer, site, found, request, body)
        except Refused as refused:
            return render_refusal(site, refused)

    return answer


def _answer(site: Site, found: ApiRoute, request: Request, body: dict[str, Any]) -> Response:
    _check_headers(request)
    with site.open() as work:
        caller = find_caller(work, request.headers.get("authorization"))
        url = site.url + request.url.path
        call = Call(work, caller, dict(request.path_params), dict(request.query_params), body, url)
        given = found.endpoint(call)
    answer = given if isinstance(given, Answer) else Answer(given)
    headers = {**make_headers(site), **answer.headers}
    if answer.status == 204:
        return Response(status_code=204, headers=headers)
    return JSONResponse(answer.data, answer.status, headers, "application/json; charset=utf-8")


def render_refusal(site: Site, refused: Refused) -> Response:
    """The answer to what was refused."""
    return JSONResponse(refused.render(), refused.status, make_headers(site), "application/json; charset=utf-8")


def make_headers(site: Site) -> dict[str, str]:
    """The headers of all answers: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api."""
    return {
        "X-GitHub-Media-Type": "github.v3; format=json",
        "X-GitHub-Request-Id": uuid.uuid4().hex[:16].upper(),
        "X-RateLimit-Limit": str(HOURLY_LIMIT),
        "X-RateLimit-Remaining": str(HOURLY_LIMIT - 1),
        "X-RateLimit-Used": "1",
        "X-RateLimit-Reset": str(int(site.clock().timestamp()) + 3600),
        "X-RateLimit-Resource": "core",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }


def _check_headers(request: Request) -> None:
    if not request.headers.get("user-agent"):
        raise Refused(
            403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
        )
    version = request.headers.get("x-github-api-version", VERSIONS[0])
    if version not in VERSIONS:
        raise Refused(400, f"{version} is not a supported version; supported are {', '.join(VERSIONS)}")


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAXIMUM_BYTES:
            raise Refused(413, "Payload too large")
    return bytes(body)


def _parse(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "Problems parsing JSON") from error
    if not isinstance(parsed, dict):
        raise Refused(400, "Body should be a JSON object")
    return parsed
