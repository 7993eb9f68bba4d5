"""The frame of a page. Whatever is put into one must have gone through `html.escape`."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",  # the address of a run carries its key
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1f2328 }
h1 { font-size: 1.5rem } table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .4rem;
border-bottom: 1px solid #d1d9e0; vertical-align: top } code, pre { font-size: .85rem } pre { white-space: pre-wrap;
background: #f6f8fa; padding: .6rem } .finished { color: #1a7f37 } .failed { color: #d1242f }
.running { color: #9a6700 } a { color: #0969da } .muted { color: #59636e }
@media (prefers-color-scheme: dark) { body { background: #0d1117; color: #f0f6fc } pre { background: #151b23 }
td, th { border-color: #3d444d } .muted { color: #9198a1 } a { color: #4493f8 } }
"""


def render_page(title: str, body: str, status_code: int = 200) -> HTMLResponse:
    """A page with that title (text) and body (HTML whose texts are escaped)."""
    text = (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head>\n<body>\n{body}\n</body>\n</html>\n"
    )
    return HTMLResponse(text, status_code, headers=HEADERS)
