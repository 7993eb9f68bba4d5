"""Which part of an issue is which: headings of any level and order, in the words that people use for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.spec.markdown.document import Block, Document, Heading, Table
from bot.spec.model import Section

NO_RESPONSE = "_No response_"  # what GitHub writes for a field of an issue form that was left empty

_SYNONYMS = {
    "summary": "overview, description, goal, goals, background, context, introduction, motivation, problem, "
    "problem statement, purpose, what, why, feature, tldr",
    "acceptance criteria": "user stories and acceptance criteria, acceptance criterion, criteria, acceptance tests, "
    "definition of done, acceptance, scenarios, acceptance criteria and user stories",
    "requirements": "functional requirements, business rules, rules, requirement",
    "user stories": "user story, stories, use cases",
    "api": "endpoints, api endpoints, rest api, http api, api design, api specification, api spec, api contract, "
    "routes, openapi, api changes, interface, web api, rest endpoints",
    "data model": "data models, database, database schema, schema, db schema, tables, database changes, "
    "database design, schema changes, model, models, entities, data model changes, data structure, data, persistence, "
    "data schema, database model, entity relationship diagram, er diagram",
    "technology stack": "tech stack, technology, technologies, stack, technical stack",
    "security": "security requirements, security considerations, authentication, authorization, permissions, "
    "access control, authentication and authorization, auth",
    "performance": "performance requirements, scalability, performance and scalability, non functional requirements",
    "constraints": "limitations, assumptions, constraints and assumptions",
    "edge cases": "corner cases, error handling, error cases, edge case, errors, errors and edge cases",
    "open questions": "questions, open points, open issues, to be decided, to be clarified, unresolved questions, tbd, "
    "open question, undecided",
    "out of scope": "non goals, not in scope, out of scope and non goals",
}
KEYS = {name: key for key, names in _SYNONYMS.items() for name in (key, *names.split(", "))}

_STAY_IN_DATA_MODEL = frozenset({"acceptance criteria", "api", "open questions", "out of scope", "technology stack"})


@dataclass(frozen=True, slots=True)
class Part:
    """A section with its blocks, the headings below it among them. `heading` is None for what precedes the first."""

    key: str
    heading: Heading | None
    blocks: tuple[Block, ...]

    @property
    def is_known(self) -> bool:
        """Whether the heading is one that every spec may have, not one of this spec's own."""
        return self.key in _SYNONYMS


def normalise_title(title: str) -> str:
    """A heading in plain lower-case words: `3. **Data Model:**` is "data model"; synonyms become one key."""
    text = re.sub(r"\([^()]*\)", " ", title.lower()).replace("&", " and ").replace("/", " and ")
    text = re.sub(r"[^\w\s]|_", " ", text.replace("'", ""))
    text = " ".join(re.sub(r"^\s*(?:\d+\s+)+(?=\D)", "", text).split())
    return KEYS.get(text, text)


def split_parts(document: Document) -> tuple[Part, ...]:
    """The parts of a document. A heading begins one when it is a known one, or is not below the one that is open."""
    parts: list[Part] = []
    heading, key, blocks = None, "", list[Block]()
    for position, block in enumerate(document.blocks):
        if isinstance(block, Heading) and _begins(block, heading, key, document.blocks[position + 1 :][:3]):
            parts.append(Part(key, heading, tuple(blocks)))
            heading, key, blocks = block, normalise_title(block.title), []
        else:
            blocks.append(block)
    return (*parts, Part(key, heading, tuple(blocks)))


def list_sections(document: Document, parts: Sequence[Part]) -> tuple[Section, ...]:
    """The parts that have a heading, with their text as written but for HTML comments."""
    headings = [part for part in parts if part.heading is not None]
    begins = [part.heading.line for part in headings if part.heading is not None]
    ends = [*(line - 1 for line in begins), len(document.lines)][1:]
    comments = set(_list_comment_lines(document))
    return tuple(_render(document, part, end, comments) for part, end in zip(headings, ends, strict=True))


def _render(document: Document, part: Part, end: int, comments: set[int]) -> Section:
    heading = part.heading
    assert heading is not None  # noqa: S101 (asked for above)
    first = heading.line + (1 if _is_underlined(document, heading) else 0)
    lines = [text for number, text in enumerate(document.lines[first:end], first + 1) if number not in comments]
    text = "\n".join(lines).strip()
    return Section(part.key, heading.title, "" if text == NO_RESPONSE else text, heading.line)


def _is_underlined(document: Document, heading: Heading) -> bool:
    below = document.lines[heading.line : heading.line + 1]
    return heading.level < 3 and bool(below) and re.fullmatch(r" {0,3}(=+|-+)\s*", below[0]) is not None


def _begins(block: Heading, open_: Heading | None, key: str, following: Sequence[Block]) -> bool:
    known = normalise_title(block.title) in _SYNONYMS
    if block.level == 7:
        return known
    if open_ is None:
        return True
    is_below = open_.level < block.level
    if key == "data model" and is_below:
        return known and normalise_title(block.title) in _STAY_IN_DATA_MODEL
    if key == "data model" and not known and following and isinstance(following[0], Table):
        return not describes_columns(following[0])  # an entity, written with the same level of heading
    return known or not is_below or key not in _SYNONYMS


def describes_columns(table: Table) -> bool:
    """Whether a table describes the columns of an entity: it has a column for their names and one for their types."""
    names = [cell.strip().lower().strip("*`") for cell in table.header.cells]
    return bool({"type", "data type", "datatype"} & set(names)) and bool(NAME_HEADERS & set(names))


NAME_HEADERS = frozenset({"column", "columns", "name", "field", "attribute", "column name", "field name", "property"})


def _list_comment_lines(document: Document) -> Iterator[int]:
    for token in document.tokens:
        if token.type == "html_block" and token.map and token.content.lstrip().startswith("<!--"):
            yield from range(token.map[0] + 1, token.map[1] + 1)
