"""The style sheet, the script and the pictures of accounts; nothing comes from elsewhere."""

from __future__ import annotations

from html import escape
from pathlib import Path

from starlette.responses import Response

from bot.playground.errors import not_found
from bot.playground.pages.view import View, page
from bot.playground.tables import Account

STATIC = Path(__file__).parent.parent / "static"
TYPES = {"style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
HUES = (4, 28, 48, 90, 150, 180, 205, 232, 265, 300, 330)


@page("GET", "/_playground/static/{name}")
def show_static(view: View) -> Response:
    """A file of `static/`."""
    name = view.path["name"]
    if name not in TYPES:
        raise not_found()
    return Response((STATIC / name).read_bytes(), media_type=TYPES[name])


@page("GET", "/_playground/avatars/{account:int}.svg")
def show_avatar(view: View) -> Response:
    """A picture: the first letter of the login, in a colour of its own."""
    account = view.work.session.get(Account, view.path["account"])
    if account is None:
        raise not_found()
    hue, radius = HUES[account.id % len(HUES)], 6 if account.kind == "Organization" else 20
    text = "⚙" if account.kind == "Bot" else escape(account.login[0].upper())
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
        f'<rect width="40" height="40" rx="{radius}" fill="hsl({hue} 55% 45%)"/>'
        f'<text x="20" y="27" font-family="sans-serif" font-size="19" fill="#fff" text-anchor="middle">{text}</text>'
        "</svg>"
    )
    return Response(svg, media_type="image/svg+xml", headers={"Cache-Control": "max-age=3600"})
