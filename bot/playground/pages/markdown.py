"""Markdown as GitHub shows it: tables, task lists, a few harmless tags, references. Everything else is escaped."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from bot.playground.pages.er_diagram import render_er_diagram

# Of the tags that GitHub lets through, those that a comment or a pull request has a use for.
TAGS = ("details", "summary", "br", "sub", "sup", "kbd", "b", "i", "em", "strong", "ins", "del", "hr")
VOID = ("br", "hr", "input")
TAG = re.compile(rf"<(?P<end>/?)(?P<name>{'|'.join(TAGS)})(?P<open>\s+open(?:=\"\")?)?\s*/?>", re.IGNORECASE)
ANY_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-z0-9]+)[^<>]*>")
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]\s*", re.IGNORECASE)
TASK = re.compile(r"\[([ xX])\]\s+")
REFERENCE = re.compile(
    r"(?P<url>https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?])"
    r"|(?<![\w/&])#(?P<number>[1-9][0-9]{0,8})\b"
    r"|(?<![\w/.@`])@(?P<login>[A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))\b"
)


def render_markdown(text: str | None, repository: str = "", *, is_file: bool = False) -> Markup:
    """Safe HTML. `repository` (owner/name) is what #12 refers to. Line ends stay line ends, but in files."""
    parser = _FILES if is_file else _COMMENTS
    html = parser.render((text or "").replace("\r\n", "\n"), {"repository": repository})
    return Markup(_balance(html))  # noqa: S704 (made of escaped parts, see the tests)


def _balance(html: str) -> str:
    """The same with every tag closed in its place, so that no text swallows or ends what is around it."""
    parts: list[str] = []
    is_open: list[str] = []
    position = 0
    for found in ANY_TAG.finditer(html):
        parts.append(html[position : found.start()])
        position, name = found.end(), found["name"]
        if not found["end"]:
            parts.append(found.group())
            is_open += [] if name in VOID else [name]
        elif name in is_open:
            while (last := is_open.pop()) != name:
                parts.append(f"</{last}>")
            parts.append(f"</{name}>")
    return "".join([*parts, html[position:], *(f"</{name}>" for name in reversed(is_open))])


def _render_html(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    content = COMMENT.sub("", tokens[index].content)
    parts, position = [], 0
    for found in TAG.finditer(content):
        parts += [escape(content[position : found.start()]), _render_tag(found)]
        position = found.end()
    return "".join([*parts, escape(content[position:])])


def _render_tag(found: re.Match[str]) -> str:
    name = found["name"].lower()
    is_open = " open" if found["open"] and name == "details" else ""
    return f"</{name}>" if found["end"] else f"<{name}{is_open}>"


def _render_fence(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    language = token.info.strip().split(" ", 1)[0]
    code = f"<pre><code>{escape(token.content)}</code></pre>"
    if language == "mermaid":
        drawn = render_er_diagram(token.content)
        if drawn is not None:
            return f'{drawn}<details class="source"><summary>mermaid source</summary>{code}</details>\n'
    label = f'<span class="language">{escape(language)}</span>' if language else ""
    return f'<div class="fence">{label}{code}</div>\n'


def _render_image(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """No page loads anything from elsewhere, so an image is a link to it."""
    token = tokens[index]
    source, name = str(token.attrGet("src") or ""), token.content or "image"
    return f'<a rel="nofollow noopener" href="{escape(source)}">[{escape(name)}]</a>'


def _mark_tasks(state: StateCore) -> None:
    """`- [x] done` becomes a box: https://github.github.com/gfm/#task-list-items-extension-."""
    for index, token in enumerate(state.tokens):
        if token.type != "inline" or index < 2 or state.tokens[index - 2].type != "list_item_open":
            continue
        first = token.children[0] if token.children else None
        found = TASK.match(first.content) if first is not None and first.type == "text" else None
        if found is None or first is None or token.children is None:
            continue
        first.content = first.content[found.end() :]
        box = Token("task", "input", 0, attrs={"checked": found.group(1) != " "})
        token.children.insert(0, box)
        state.tokens[index - 2].attrJoin("class", "task")


def _render_task(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    checked = " checked" if tokens[index].attrGet("checked") else ""
    return f'<input type="checkbox" disabled{checked}> '


def _render_text(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    """Text with its addresses, #numbers and @names as links, unless it is in a link already."""
    text = tokens[index].content
    depth = sum(token.nesting for token in tokens[:index] if token.type in ("link_open", "link_close"))
    if depth:
        return escape(text)
    parts, position = [], 0
    for found in REFERENCE.finditer(text):
        parts += [escape(text[position : found.start()]), _render_reference(found, env["repository"])]
        position = found.end()
    return "".join([*parts, escape(text[position:])])


def _render_reference(found: re.Match[str], repository: str) -> str:
    text = escape(found.group())
    if found["url"]:
        return f'<a rel="nofollow noopener" href="{text}">{text}</a>'
    if found["login"]:
        return f'<a class="mention" href="/{text[1:]}">{text}</a>'
    return f'<a href="/{escape(repository)}/issues/{found["number"]}">{text}</a>' if repository else text


def _mark_alerts(state: StateCore) -> None:
    """`> [!NOTE]`: https://docs.github.com/en/get-started/writing-on-github#alerts."""
    for index, token in enumerate(state.tokens):
        inline = state.tokens[index + 2] if token.type == "blockquote_open" and index + 2 < len(state.tokens) else None
        first = inline.children[0] if inline is not None and inline.children else None
        found = ALERT.fullmatch(first.content) if first is not None and first.type == "text" else None
        if found is None or inline is None or inline.children is None:
            continue
        kind = found.group(1).lower()
        token.attrJoin("class", f"alert {kind}")
        token.meta["alert"] = kind.capitalize()
        del inline.children[:2]  # the word and the line end after it


def _render_quote(
    self: Any, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
) -> str:
    token = tokens[index]
    kind = token.meta.get("alert")
    if kind is None:
        return "<blockquote>\n"
    return f'<blockquote class="alert {kind.lower()}"><p class="kind">{kind}</p>\n'


def _make_parser(*, is_file: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True, "breaks": not is_file}).enable(["table", "strikethrough"])
    parser.core.ruler.push("tasks", _mark_tasks)
    parser.core.ruler.push("alerts", _mark_alerts)
    rules = {
        "blockquote_open": _render_quote,
        "fence": _render_fence,
        "html_block": _render_html,
        "html_inline": _render_html,
        "image": _render_image,
        "task": _render_task,
        "text": _render_text,
    }
    for name, rule in rules.items():
        parser.add_render_rule(name, rule)
    return parser


_COMMENTS = _make_parser(is_file=False)
_FILES = _make_parser(is_file=True)
