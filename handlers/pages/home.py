"""GET /: what this is, for who finds the address in the App's settings."""

from __future__ import annotations

from html import escape
from importlib.metadata import version

from starlette.requests import Request
from starlette.responses import Response

from handlers.pages.html import render_page
from jobs.parts import Parts


async def show(request: Request) -> Response:
    """Names no repository: the page is open to all."""
    parts: Parts = request.app.state.parts
    body = (
        "<h1>Specwright</h1>"
        "<p>A GitHub App that implements backend specs as pull requests, with migrations that are proved reversible on "
        f"a real database. Put the label <code>{escape(parts.settings.label)}</code> on a spec issue: the bot answers "
        "there and links to the page of its run.</p>"
        f'<p class="muted">Version {escape(version("specwright"))} · <a href="/healthz">health</a> · '
        '<a href="/readyz">readiness</a> · deliveries go to <code>/webhook</code></p>'
    )
    return render_page("Specwright", body)
