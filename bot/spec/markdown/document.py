"""The Markdown of an issue as a flat list of blocks, each with its line (1-based).

Parsed with CommonMark and GitHub's tables (https://github.github.com/gfm/), so that a heading in a fence is no heading.
HTML comments are dropped; so is what is quoted (`>`): it repeats somebody else's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.spec.markdown.inline import read_inline

_PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` is 1 for `#`; 7 is a line that is bold as a whole."""

    title: str
    level: int
    line: int


@dataclass(frozen=True, slots=True)
class Fence:
    """`language` is the first word behind the fence, in lower case; `line` is the fence's, the text begins below."""

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `header` is not among the `rows`."""

    header: Row
    rows: tuple[Row, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list with its own text, without the items nested in it, which follow with a greater `depth`."""

    text: str
    line: int
    depth: int = 1
    is_ordered: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text outside lists; its lines are kept."""

    text: str
    line: int


Block = Heading | Fence | Table | Item | Paragraph


@dataclass(frozen=True, slots=True)
class Document:
    """`blocks` in their order; `tokens` are the parser's, for links."""

    lines: tuple[str, ...]
    blocks: tuple[Block, ...]
    tokens: tuple[Token, ...]


def read_document(text: str) -> Document:
    """The blocks of a Markdown text whose lines end in `\\n`."""
    tokens = tuple(_drop_quoted(_PARSER.parse(text)))
    return Document(tuple(text.split("\n")), tuple(_Walk(tokens).read()), tokens)


def _drop_quoted(tokens: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in tokens:
        depth += token.type == "blockquote_open"
        if not depth:
            yield token
        depth -= token.type == "blockquote_close"


class _Walk:
    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.position = 0

    def read(self) -> Iterator[Block]:
        while self.position < len(self.tokens):
            token = self.tokens[self.position]
            self.position += 1
            if token.type == "heading_open":
                yield Heading(read_inline(self.tokens[self.position]), int(token.tag[1]), _line(token))
            elif token.type == "fence":
                yield _read_fence(token)
            elif token.type == "table_open":
                yield self._read_table(token)
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                yield from self._read_list()
            elif token.type == "paragraph_open":
                yield _read_paragraph(token, self.tokens[self.position])

    def _read_table(self, opening: Token) -> Table:
        rows: list[Row] = []
        cells: list[str] = []
        while (token := self._next()).type != "table_close":
            if token.type == "tr_open":
                cells, line = [], _line(token)
            elif token.type == "inline":
                cells.append(read_inline(token).strip())
            elif token.type == "tr_close":
                rows.append(Row(tuple(cells), line))
        return Table(rows[0], tuple(rows[1:]), _line(opening))

    def _read_list(self) -> Iterator[Item | Fence | Table]:
        """All items of the list that was just opened, those of nested lists behind their parents."""
        ordered = [self.tokens[self.position - 1].type == "ordered_list_open"]
        open_items: list[_OpenItem] = []
        done: list[Item | Fence | Table] = []
        while ordered:
            token = self._next()
            if token.type.endswith("_list_open"):
                ordered.append(token.type == "ordered_list_open")
            elif token.type.endswith("_list_close"):
                ordered.pop()
            elif token.type == "list_item_open":
                open_items.append(_OpenItem(len(done), _line(token), len(ordered), ordered[-1]))
                done.append(Item("", 0))
            elif token.type == "list_item_close":
                item = open_items.pop()
                done[item.place] = item.close()
            elif token.type == "inline" and open_items:
                open_items[-1].parts.append(read_inline(token))
            elif token.type == "fence":
                done.append(_read_fence(token))
            elif token.type == "table_open":
                done.append(self._read_table(token))
        yield from done

    def _next(self) -> Token:
        token = self.tokens[self.position]
        self.position += 1
        return token


class _OpenItem:
    def __init__(self, place: int, line: int, depth: int, is_ordered: bool) -> None:
        self.place, self.line, self.depth, self.is_ordered = place, line, depth, is_ordered
        self.parts: list[str] = []

    def close(self) -> Item:
        return Item("\n".join(self.parts).strip(), self.line, self.depth, self.is_ordered)


def _read_fence(token: Token) -> Fence:
    words = token.info.strip().lower().split()
    return Fence(words[0].strip("{}.,:") if words else "", token.content, _line(token))


def _read_paragraph(opening: Token, inline: Token) -> Heading | Paragraph:
    text = inline.content.strip()
    bold = len(text) > 4 and text[:2] == text[-2:] and text[:2] in ("**", "__") and "\n" not in text
    if bold and text[:2] not in text[2:-2]:
        return Heading(text[2:-2].strip(), 7, _line(opening))
    return Paragraph(read_inline(inline).strip(), _line(opening))


def _line(token: Token) -> int:
    return token.map[0] + 1 if token.map else 1
