"""An entity-relationship diagram in mermaid's notation, drawn as cards: no script from elsewhere is needed.

https://mermaid.js.org/syntax/entityRelationshipDiagram.html, as much of it as diagrams of schemas use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

NAME = r"(?:\"[^\"]+\"|[\w.\-]+)"
RELATION = re.compile(
    rf"(?P<one>{NAME})\s+(?P<left>[|}}o{{]{{2}})(?P<line>--|\.\.)(?P<right>[|}}o{{]{{2}})\s+(?P<other>{NAME})\s*(?::\s*(?P<label>.*))?"
)
ENTITY = re.compile(rf"(?P<name>{NAME})(?:\[(?P<alias>{NAME})\])?\s*(?P<open>\{{)?")
COLUMN = re.compile(
    r"(?P<type>[\w()\[\],.\-]+)\s+(?P<name>[\w*\-]+)(?:\s+(?P<keys>(?:PK|FK|UK)(?:\s*,\s*(?:PK|FK|UK))*))?(?:\s+\"(?P<comment>[^\"]*)\")?"
)
COUNTS = {"||": "one", "|o": "none or one", "o|": "none or one", "}|": "one or more", "|{": "one or more"}
MANY = "any number"


@dataclass
class Entity:
    """A table and its columns as (type, name, keys, comment)."""

    name: str
    columns: list[tuple[str, str, str, str]] = field(default_factory=list)


def render_er_diagram(source: str) -> str | None:
    """HTML of the diagram; None when it is another kind of diagram or cannot be read."""
    lines = [line.strip() for line in source.splitlines() if line.strip() and not line.strip().startswith("%%")]
    if not lines or lines[0] != "erDiagram":
        return None
    entities: dict[str, Entity] = {}
    relations: list[re.Match[str]] = []
    current: Entity | None = None
    for line in lines[1:]:
        if current is not None:
            if line == "}":
                current = None
            elif not _add_column(current, line):
                return None
            continue
        relation = RELATION.fullmatch(line)
        if relation is not None:
            relations.append(relation)
            continue
        found = ENTITY.fullmatch(line)
        if found is None:
            return None
        entity = entities.setdefault(found["name"], Entity((found["alias"] or found["name"]).strip('"')))
        current = entity if found["open"] else None
    return _render(list(entities.values()), relations)


def _add_column(entity: Entity, line: str) -> bool:
    found = COLUMN.fullmatch(line)
    if found is not None:
        entity.columns.append((found["type"], found["name"], found["keys"] or "", found["comment"] or ""))
    return found is not None


def _render(entities: list[Entity], relations: list[re.Match[str]]) -> str:
    cards = "".join(_render_entity(entity) for entity in entities)
    lines = "".join(_render_relation(relation) for relation in relations)
    listed = f'<ul class="relations">{lines}</ul>' if lines else ""
    return f'<div class="er"><div class="entities">{cards}</div>{listed}</div>'


def _render_entity(entity: Entity) -> str:
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(type_)}</td><td>{escape(keys)}</td><td>{escape(comment)}</td></tr>"
        for type_, name, keys, comment in entity.columns
    )
    return f"<table><caption>{escape(entity.name)}</caption>{rows}</table>"


def _render_relation(found: re.Match[str]) -> str:
    one, other = (escape(found[name].strip('"')) for name in ("one", "other"))
    left, right = COUNTS.get(found["left"], MANY), COUNTS.get(found["right"], MANY)
    label = (found["label"] or "").strip().strip('"')
    by = f" <em>{escape(label)}</em>" if label else ""
    return f"<li><b>{one}</b> ({left}) ↔ <b>{other}</b> ({right}){by}</li>"
