"""A Markdown table per entity: one row a column of the database. The heading above it names the entity."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.spec.entities.checks import check_column
from bot.spec.entities.notes import read_note
from bot.spec.entities.rules import read_rules
from bot.spec.errors import Problems
from bot.spec.markdown.document import Block, Fence, Heading, Item, Paragraph, Row, Table
from bot.spec.markdown.inline import strip_code
from bot.spec.markdown.sections import NAME_HEADERS, describes_columns, normalise_title
from bot.spec.model import ColumnSpec, TableSpec
from bot.spec.names import find_nearest, read_name, to_snake_case
from bot.spec.open_words import is_open

_HEADERS = {
    **dict.fromkeys(NAME_HEADERS, "name"),
    **dict.fromkeys(("type", "data type", "datatype"), "type"),
    **dict.fromkeys(("null", "nullable", "null?", "nullable?", "optional"), "nullable"),
    **dict.fromkeys(("required", "required?", "not null", "mandatory"), "required"),
    **dict.fromkeys(("default", "default value"), "default"),
    **dict.fromkeys(
        ("notes", "note", "constraints", "constraint", "key", "keys", "attributes", "extra", "details"), "notes"
    ),
    **dict.fromkeys(("comment", "comments", "description", "meaning"), "comment"),
    **dict.fromkeys(("pk", "primary key"), "primary key"),
    **dict.fromkeys(("unique", "unique?"), "unique"),
    **dict.fromkeys(("index", "indexed"), "index"),
    **dict.fromkeys(("references", "fk", "foreign key", "reference"), "references"),
    **dict.fromkeys(("check",), "check"),
    **dict.fromkeys(("was", "renamed from"), "was"),
}
_PARTS_OF_A_TABLE = frozenset({"constraints", "indexes", "indices", "keys", "table constraints"})
MAX_TITLE = 200
_YES = frozenset({"yes", "y", "true", "x", "✓", "✔", "✅", "null", "1"})
_NO = frozenset({"no", "n", "false", "✗", "✘", "❌", "not null", "0", "never"})
_NOTHING = frozenset({"", "-", "–", "—", "none", "n/a"})
_TITLE = re.compile(
    r"(?:[^\w\"`*]+\s*)?(?:[\d.]+[.)]?\s+)?"
    r"(?:(?:new|existing|changed|changes? (?:to|of|in)|alter|extend)\s+)?(?:the\s+)?"
    r"(?:table|entity)?\s*:?\s*[`*]*((?:\"[^\"]+\"|[\w$.]+))[`*]*\s*"
    r"(?:table|entity)?\s*(?:\((?:new|existing|changed|table|entity)\))?\s*:?",
    re.IGNORECASE,
)
_IN_CODE = re.compile(r"[^`]*`([^`\s]+)`[^`]*")


def read_entities(blocks: Sequence[Block], above: Heading | None, problems: Problems) -> tuple[TableSpec, ...]:
    """Every table that describes columns; `above` is the heading before the blocks."""
    title: Heading | Paragraph | Item | None = above
    found: list[TableSpec] = []
    is_open = False  # whether a rule would be one of the last table
    for block in blocks:
        if isinstance(block, Table) and describes_columns(block):
            entity = _read_entity(block, title, problems)
            found += [entity] if entity is not None else []
            title, is_open = None, entity is not None
        elif isinstance(block, Heading):
            title, is_open = block, is_open and normalise_title(block.title) in _PARTS_OF_A_TABLE
        elif isinstance(block, Paragraph | Item):
            rules = tuple(read_rules(block.text, block.line, problems)) if is_open else ()
            if rules:
                found[-1] = replace(found[-1], constraints=(*found[-1].constraints, *rules))
            elif _find_name(block.text):
                title = block
        elif isinstance(block, Fence):
            title = None
    return tuple(found)


def _find_name(text: str, *, is_heading: bool = False) -> str | None:
    """The table that a text is the title of. Of a heading, the one name in backticks is meant."""
    if len(text) >= MAX_TITLE:
        return None
    match = (is_heading and _IN_CODE.fullmatch(text)) or _TITLE.fullmatch(text.strip())
    return match[1] if match else None


def _read_entity(table: Table, title: Heading | Paragraph | Item | None, problems: Problems) -> TableSpec | None:
    text = title.title if isinstance(title, Heading) else title.text if title else ""
    name = _find_name(text, is_heading=isinstance(title, Heading))
    if name is None or title is None:
        expected = f"a heading with its name above it, such as `### {to_snake_case(text) if text else 'orders'}`"
        problems.report(title.line if title and text else table.line, "the table's name cannot be told", expected)
        return None
    name = read_name(name, title.line, problems, "table", qualified=True)
    keys = _read_header(table, problems)
    columns = [_read_row(row, keys, problems) for row in table.rows]
    found = tuple(column for column in columns if column is not None)
    return TableSpec(name, title.line, found) if name else None


def _read_header(table: Table, problems: Problems) -> tuple[str, ...]:
    keys: list[str] = []
    for cell in table.header.cells:
        word = cell.strip().strip("*`").lower()
        key = _HEADERS.get(word, "")
        if not key and word and not problems.is_full:
            nearest = find_nearest(word, _HEADERS)
            expected = f"`{nearest}`?" if nearest else "Column, Type, Null, Default, References, Notes, Comment …"
            problems.report(table.line, f"nobody knows the heading `{cell}` of a table of columns", expected)
        elif key in keys:
            problems.report(table.line, f"two headings mean the same as `{cell}`", "one of them")
        keys.append(key)
    return tuple(keys)


def _read_row(row: Row, keys: Sequence[str], problems: Problems) -> ColumnSpec | None:
    cells = {key: strip_code(cell) for key, cell in zip(keys, row.cells, strict=False) if key}
    if not any(cells.values()):
        return None
    name = read_name(cells.get("name", ""), row.line, problems, "column")
    if name is None:
        return None
    column = ColumnSpec(name, row.line, _value(cells, "type"), _read_nullable(cells, row.line, problems))
    column = replace(
        column,
        default=_value(cells, "default"),
        references=_value(cells, "references"),
        check=_value(cells, "check"),
        was=_value(cells, "was"),
        comment=_value(cells, "comment"),
        primary_key=bool(_flag(cells, "primary key", row.line, problems)),
        unique=bool(_flag(cells, "unique", row.line, problems)),
        index=bool(_flag(cells, "index", row.line, problems)),
    )
    return check_column(read_note(column, cells.get("notes", ""), problems), problems)


def _value(cells: dict[str, str], key: str) -> str | None:
    text = cells.get(key, "")
    return None if text.lower() in _NOTHING else text


def _flag(cells: dict[str, str], key: str, line: int, problems: Problems) -> bool | None:
    text = cells.get(key, "").lower().strip("* ")
    if text in _NOTHING or is_open(text):
        return None
    if text in _YES or text in _NO or text == key:
        return text not in _NO
    problems.report(line, f"`{key}` is `{text}`", "yes or no")
    return None


def _read_nullable(cells: dict[str, str], line: int, problems: Problems) -> bool | None:
    nullable = _flag(cells, "nullable", line, problems)
    required = _flag(cells, "required", line, problems)
    if nullable is None and required is not None:
        return not required
    return nullable
