"""The pages that people use in a browser. What is marked with `@page` is found by iterating this package."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.playground.errors import not_found
from bot.playground.site import Site


def make_page_routes(site: Site) -> list[Route]:
    """The routes of all pages: fixed segments before those that may be anything."""
    from bot.playground.pages.view import make_route

    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    values = [value for module in modules for value in vars(module).values()]
    found = {item for value in values for item in getattr(value, "pages", ())}
    ordered = sorted(found, key=lambda item: (item.path.count("{"), item.path.count(":path"), item.path, item.method))
    return [make_route(site, item) for item in ordered]


def render_missing(site: Site, request: Request) -> Response:
    """The page of what is not there."""
    from bot.playground.pages.view import show_refusal

    return show_refusal(site, request, not_found())
