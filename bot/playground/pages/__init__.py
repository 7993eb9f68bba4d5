"""The pages that people use in a browser."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.playground.site import Site


def make_page_routes(site: Site) -> list[Route]:
    """The routes of all pages."""
    return []


def render_missing(site: Site) -> Response:
    """The page of what is not there or may not be seen."""
    return HTMLResponse("<h1>404</h1>", 404)
