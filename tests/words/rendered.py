"""What a reader sees of Markdown, by a parser that is not ours."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
# Broken references, and GitHub's documented way to write a dollar sign that begins no formula.
ALLOWED_HTML = {"<span>", "</span>", "<br>", "<code>", "</code>", "<details>", "</details>"}


def list_tokens(markdown: str) -> Iterator[Token]:
    """Every token, those of a line too."""
    for token in PARSER.parse(markdown):
        yield token
        yield from token.children or ()


def read_text(markdown: str) -> str:
    """The visible text, without zero width spaces."""
    shown = (token.content for token in list_tokens(markdown) if token.type in ("text", "code_inline", "fence"))
    return "".join(shown).replace("\u200b", "")


def list_linkable(markdown: str) -> Iterator[str]:
    """The texts in which GitHub looks for mentions and references: those that are no code."""
    is_code = False
    for token in list_tokens(markdown):
        if token.type == "html_inline" and token.content in ("<code>", "</code>"):
            is_code = token.content == "<code>"
        elif token.type == "text" and not is_code:
            yield token.content


def list_kinds(markdown: str) -> set[str]:
    """The kinds of tokens, without those of plain paragraphs; HTML is given as it stands."""
    plain = {"paragraph_open", "paragraph_close", "inline", "text"}
    found = {token.content if "html" in token.type else token.type for token in list_tokens(markdown)}
    return found - plain
