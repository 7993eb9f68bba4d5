"""GET /rules/{name}: what a rule of the lint finds and how to do it instead, as in `docs/rules/`."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_it import MarkdownIt
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from handlers.pages.html import render_page

# In the wheel the pages lie beside this file (see pyproject.toml), in a checkout where people look for them.
FOLDERS = (Path(__file__).with_name("rules"), Path(__file__).parents[2] / "docs" / "rules")
_NAME = re.compile(r"(README|[a-z][a-z0-9-]{1,80})(?:\.md)?")  # with the ending the pages link to each other


async def show(request: Request) -> Response:
    """The page of the rule, open to all: it says the same to everybody."""
    match = _NAME.fullmatch(request.path_params["name"])
    text = None if match is None else await run_in_threadpool(_find_text, match[1])
    if match is None or text is None:
        return render_page("No such rule", '<h1>No such rule</h1><p><a href="README.md">All rules</a></p>', 404)
    return render_page(match[1], MarkdownIt("commonmark", {"html": False}).enable("table").render(text))


def _find_text(name: str) -> str | None:
    paths = (folder / f"{name}.md" for folder in FOLDERS)
    return next((path.read_text(encoding="utf-8") for path in paths if path.is_file()), None)
