"""A data model as a Mermaid `erDiagram` (https://mermaid.js.org/syntax/entityRelationshipDiagram.html).

What the picture cannot say stands in an attribute's comment, in the words of a Markdown table's notes:
`string status "not null, default 'open'"`. An entity without attributes is a table that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.spec.entities.checks import check_column
from bot.spec.entities.notes import read_note
from bot.spec.entities.relations import Relation, add_relations
from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec, DataModel, TableSpec
from bot.spec.names import read_name

_NAME = r"(?:\"[^\"\n]+\"|[^\s\"{}\[\]:|]+)"
_ENTITY = re.compile(rf"(?P<name>{_NAME})\s*(?:\[(?P<alias>[^\]]*)\])?\s*(?::::\w+)?\s*(?P<open>\{{)?\s*(?P<rest>.*)")
_RELATION = re.compile(
    rf"(?P<left>{_NAME})\s*(?P<left_end>\|o|\|\||\}}o|\}}\|)\s*(?:--|\.\.)\s*(?P<right_end>o\||\|\||o\{{|\|\{{)\s*"
    rf"(?P<right>{_NAME})\s*(?::.*)?"
)
_ATTRIBUTE = re.compile(
    r"(?P<type>[^\s(\"]+(?:\s*\([^()]*\))?(?:\[\])*)\s+(?P<name>[^\s\"]+)"
    r"(?:\s+(?P<keys>(?:PK|FK|UK)(?:\s*,\s*(?:PK|FK|UK))*))?\s*(?:\"(?P<note>[^\"]*)\")?\s*"
)
_IGNORED = re.compile(r"(?:title|direction|accTitle|accDescr|style|classDef|class|%%).*", re.IGNORECASE)
_MANY = ("}o", "}|", "o{", "|{")
_OPTIONAL = ("|o", "o|")


def looks_like(text: str) -> bool:
    """A diagram of entities, not of flows or sequences."""
    return re.match(r"\s*(?:---\n.*?\n---\s*)?(?:%%[^\n]*\n\s*)*erDiagram\b", text, re.DOTALL) is not None


def read(text: str, first_line: int, problems: Problems) -> DataModel:
    """The model; what cannot be read is reported."""
    if not looks_like(text):
        problems.report(first_line, "this diagram shows no tables", "a diagram that begins with `erDiagram`")
        return DataModel()
    reader = _Reader(problems)
    for number, line in _list_lines(text, first_line):
        reader.read_line(line, number)
    if reader.open is not None:
        problems.report(reader.open.line, f"the entity {reader.open.name} is not closed", "`}`")
    tables = tuple(entity.build() for entity in reader.entities.values() if entity.columns)
    return DataModel(tables=add_relations(tables, reader.relations, problems))


def _list_lines(text: str, first_line: int) -> Iterator[tuple[int, str]]:
    """What stands behind `erDiagram`, without comments."""
    begun = False
    for number, line in enumerate(text.split("\n"), first_line):
        stripped = line.strip()
        if begun and stripped and not stripped.startswith("%%"):
            yield number, stripped
        elif stripped.startswith("erDiagram"):
            begun = True
            rest = stripped.removeprefix("erDiagram").strip()
            if rest:
                yield number, rest


@dataclass
class _Entity:
    """A table while it is read."""

    name: str
    line: int
    columns: list[ColumnSpec]

    def build(self) -> TableSpec:
        return TableSpec(self.name, self.line, tuple(self.columns))


class _Reader:
    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.entities: dict[str, _Entity] = {}
        self.relations: list[Relation] = []
        self.open: _Entity | None = None

    def read_line(self, line: str, number: int) -> None:
        """One line of the diagram."""
        if self.open is not None:
            self._read_attributes(line, number)
        elif not _IGNORED.fullmatch(line):
            relation = _RELATION.fullmatch(line)
            if relation is not None:
                self._read_relation(relation, number)
            else:
                self._read_entity(line, number)

    def _read_relation(self, match: re.Match[str], line: int) -> None:
        left = read_name(match["left"], line, self.problems, "table", qualified=True)
        right = read_name(match["right"], line, self.problems, "table", qualified=True)
        if left is None or right is None:
            return
        left_many, right_many = match["left_end"] in _MANY, match["right_end"] in _MANY
        if left_many and right_many:
            expected = "an entity between the two that refers to both"
            self.problems.report(line, "many to many does not say which table holds the pairs", expected)
            return
        parent, child = (right, left) if left_many else (left, right)
        end = match["right_end"] if left_many else match["left_end"]
        is_one = not (left_many or right_many)
        self.relations.append(Relation(parent, child, line, is_optional=end in _OPTIONAL, is_one_to_one=is_one))

    def _read_entity(self, line: str, number: int) -> None:
        match = _ENTITY.fullmatch(line)
        if match is None or (match["rest"] and not match["open"]):
            expected = "an entity, or a relation such as `customers ||--o{ orders : places`"
            self.problems.report(number, f"`{line[:60]}` is no part of a diagram of entities", expected)
            return
        name = read_name(match["name"], number, self.problems, "table", qualified=True)
        entity = self.entities.setdefault(name or match["name"], _Entity(name or match["name"], number, []))
        if match["open"]:
            entity.line = number
            self.open = entity
            self._read_attributes(match["rest"], number)

    def _read_attributes(self, line: str, number: int) -> None:
        entity = self.open
        assert entity is not None  # noqa: S101 (asked for by the callers)
        text, brace, _ = line.partition("}") if not line.count('"') else _split_at_end(line)
        match = _ATTRIBUTE.fullmatch(text.strip())
        if match is not None:
            column = self._read_attribute(match, number)
            entity.columns += [column] if column is not None else []
        elif text.strip():
            expected = "a type and a name, such as `int customer_id FK`"
            self.problems.report(number, f"`{text.strip()[:60]}` is no attribute", expected)
        if brace:
            self.open = None

    def _read_attribute(self, match: re.Match[str], line: int) -> ColumnSpec | None:
        name = read_name(match["name"].strip("*"), line, self.problems, "column")
        if name is None:
            return None
        keys = set((match["keys"] or "").replace(",", " ").split())
        column = ColumnSpec(name, line, match["type"], primary_key="PK" in keys, unique="UK" in keys)
        column = read_note(column, match["note"] or "", self.problems)
        if "FK" in keys and column.references is None:
            column = replace(column, references="")
        return check_column(column, self.problems) if column.references != "" else column


def _split_at_end(line: str) -> tuple[str, str, str]:
    """At a brace behind the last quote: one in a comment closes nothing."""
    head, quote, tail = line.rpartition('"')
    before, brace, after = tail.partition("}")
    return head + quote + before, brace, after
