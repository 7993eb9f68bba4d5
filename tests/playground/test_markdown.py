"""Markdown of strangers becomes safe HTML that looks as on GitHub."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.pages.markdown import render_markdown

ALLOWED = {
    "a", "b", "blockquote", "br", "caption", "code", "del", "details", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6",
    "hr", "i", "input", "ins", "kbd", "li", "ol", "p", "pre", "s", "span", "strong", "sub", "summary", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"align", "checked", "class", "disabled", "href", "open", "rel", "start", "title", "type"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [x] done\n- [ ] open\n", '<li class="task"><input type="checkbox" disabled checked> done</li>'),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", "<td>2</td>"),
        ("~~gone~~", "<s>gone</s>"),
        ("```sql\nSELECT 1 < 2\n```", '<span class="language">sql</span><pre><code>SELECT 1 &lt; 2\n</code></pre>'),
        ("see #12", '<a href="/acme/shop/issues/12">#12</a>'),
        ("thanks @will.", '<a class="mention" href="/will">@will</a>'),
        ("see https://example.org/a?b=1&c=2.", 'href="https://example.org/a?b=1&amp;c=2"'),
        ("`#12 @will`", "<code>#12 @will</code>"),
        ("mail me@example.org", "mail me@example.org"),
        ("a<!-- specwright:status -->b", "ab"),
        ("<details open><summary>More</summary>\n\n**x**\n\n</details>", "<details open><summary>More</summary>"),
        ("> [!WARNING]\n> Careful", '<blockquote class="alert warning"><p class="kind">Warning</p>'),
        ("one\ntwo", "one<br />\ntwo"),
    ],
)
def test_looks_as_on_github(text: str, expected: str) -> None:
    assert expected in render_markdown(text, "acme/shop")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>b</b>",
        "<details ontoggle=alert(1)>x</details>",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "![x](javascript:alert(1))",
        "![x](https://evil.example/pixel.png)",
        "<iframe src=https://evil.example></iframe>",
        "<style>*{display:none}</style>",
        "<form action=https://evil.example><input></form>",
        "```\"><script>alert(1)</script>\nx\n```",
        "[x](https://e.example/\"onmouseover=alert(1))",
        "<svg/onload=alert(1)>",
        "</div></article><h1>taken over</h1>",
        "<!-- <script> --><script>alert(1)</script>",
        "<<b>script>alert(1)<</b>/script>",
        "```mermaid\nerDiagram\n a { int \"<script>\" }\n```",
    ],
)  # fmt: skip
def test_nothing_harmful_gets_through(text: str) -> None:
    check(render_markdown(text, "acme/shop"))


PIECES = st.sampled_from(
    ["<details>", "</details>", "<summary>", "<script>", "</div>", "<b", ">", "<!--", "-->", "`", "```", "\n", "\n\n",
     "- [x] ", "> ", "| a |", "[l](", ")", "javascript:", "<svg onload=x>", "&lt;", "#1", "@a", "*", "\"", "'", "a",
     "> [!NOTE]\n"]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_no_text_breaks_out(text: str) -> None:
    check(render_markdown(text, "acme/shop"))


def test_er_diagram_is_drawn() -> None:
    source = 'erDiagram\n  a {\n    int id PK "the <b>key</b>"\n  }\n  a ||--o{ b : "has <many>"\n'
    html = render_markdown(f"```mermaid\n{source}```")
    assert (
        "<table><caption>a</caption><tr><td>id</td><td>int</td><td>PK</td><td>the &lt;b&gt;key&lt;/b&gt;</td>" in html
    )
    assert "has &lt;many&gt;" in html and "mermaid source" in html


def test_other_diagrams_stay_code() -> None:
    html = render_markdown("```mermaid\ngraph TD; A-->B\n```")
    assert '<span class="language">mermaid</span>' in html and 'class="er"' not in html


def check(html: str) -> None:
    """Only allowed tags and attributes, no address that a browser would run, everything closed in order."""
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.problems == []
    assert reader.open == []


class Reader(HTMLParser):
    """Reads HTML as strictly as it can."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.problems.append(f"<{tag}>")
        self.problems += [f"{tag}.{name}" for name, _ in attrs if name not in ATTRIBUTES]
        links = [value or "" for name, value in attrs if name == "href"]
        self.problems += [link for link in links if re.match(r"\s*(javascript|data|vbscript):", link, re.IGNORECASE)]
        if tag not in ("br", "hr", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("br", "hr")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")

    def handle_comment(self, data: str) -> None:
        self.problems.append(f"<!--{data}-->")
