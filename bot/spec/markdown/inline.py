"""Text inside a paragraph, a cell or a heading: as it is read, without emphasis, links' addresses and HTML comments."""

from __future__ import annotations

from markdown_it.token import Token


def read_inline(token: Token) -> str:
    """The text of an inline token; code keeps its backticks, line breaks stay."""
    return "".join(_read_part(part) for part in token.children or ())


def _read_part(part: Token) -> str:
    if part.type in ("text", "text_special"):
        return part.content
    if part.type == "code_inline":
        return f"{part.markup}{part.content}{part.markup}"
    if part.type in ("softbreak", "hardbreak"):
        return "\n"
    if part.type == "html_inline" and not part.content.startswith("<!--"):
        return "\n" if part.content.lower().startswith("<br") else part.content
    return ""


def strip_code(text: str) -> str:
    """A cell's text without the backticks around it: `` `orders` `` is the name orders."""
    text = text.strip()
    if len(text) > 2 and text[0] == text[-1] == "`" and "`" not in text.strip("`"):
        return text.strip("`").strip()
    return text
