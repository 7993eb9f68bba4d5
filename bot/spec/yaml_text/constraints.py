"""Constraints and indexes of a table in YAML."""

from __future__ import annotations

from collections.abc import Iterator

from bot.spec.entities.checks import check_constraint, read_index_key
from bot.spec.errors import Problems
from bot.spec.model import ConstraintSpec
from bot.spec.names import read_name
from bot.spec.yaml_text.fields import Fields, read_words
from bot.spec.yaml_text.nodes import MappingNode, Node, Scalar, SequenceNode

CONSTRAINT_KEYS = (
    *("name", "check", "unique", "primary_key", "foreign_key", "exclude"),
    *("references", "on_delete", "on_update", "drop"),
)
INDEX_KEYS = ("name", "columns", "unique", "method", "where", "drop")
_KINDS = ("check", "unique", "primary_key", "foreign_key", "exclude")
_INDEX_SYNONYMS = {"using": "method", "type": "method", "predicate": "where", "column": "columns"}


def read_constraints(fields: Fields, problems: Problems) -> Iterator[ConstraintSpec]:
    """Those of a table's mapping: `primary_key`, `unique`, `constraints` and `indexes`."""
    for constraint in _read_all(fields, problems):
        yield check_constraint(constraint, problems)


def _read_all(fields: Fields, problems: Problems) -> Iterator[ConstraintSpec]:
    if fields.has("primary_key"):
        columns = _fold(fields.words("primary_key"), problems)
        yield ConstraintSpec("primary_key", fields.lines["primary_key"], columns=columns)
    for group in _list_groups(fields, "unique"):
        words = read_words(group, "`unique`", fields.lines["unique"], problems)
        yield ConstraintSpec("unique", group.line, columns=_fold(words, problems))
    for item in _list_items(fields, "constraints"):
        found = _read_constraint(item, problems)
        if found is not None:
            yield found
    for item in _list_items(fields, "indexes"):
        found = _read_index(item, problems)
        if found is not None:
            yield found


def _list_items(fields: Fields, key: str) -> tuple[Node, ...]:
    if not fields.has(key):
        return ()
    node = fields.nodes[key]
    return node.items if isinstance(node, SequenceNode) else (node,)


def _list_groups(fields: Fields, key: str) -> tuple[Node, ...]:
    """`[a, b]` is one group, `[[a, b], [c]]` are two."""
    items = _list_items(fields, key)
    is_nested = any(isinstance(item, SequenceNode) for item in items)
    return items if is_nested or not items else (fields.nodes[key],)


def _read_constraint(node: Node, problems: Problems) -> ConstraintSpec | None:
    if not isinstance(node, MappingNode):
        problems.report(node.line, "a constraint is a mapping", 'such as `check: "price > 0"`')
        return None
    fields = Fields(node, CONSTRAINT_KEYS, problems, what="a constraint", synonyms={"exclusion": "exclude"})
    if fields.has("drop"):
        return ConstraintSpec("check", node.line, _read_dropped(fields, problems), drop=True)
    given = [key for key in _KINDS if fields.has(key)]
    if len(given) != 1:
        what = " and ".join(given) or "nothing"
        problems.report(node.line, f"a constraint says {what}", f"one of {', '.join(_KINDS)}, or drop")
        return None
    return _read_kind(given[0], node.line, fields, problems)


def _read_kind(key: str, line: int, fields: Fields, problems: Problems) -> ConstraintSpec:
    name = fields.name("name", "constraint")
    if key == "check":
        return ConstraintSpec("check", line, name, expression=fields.text(key))
    if key == "exclude":
        return ConstraintSpec("exclusion", line, name, expression=fields.text(key))
    columns = _fold(fields.words(key), problems)
    if key != "foreign_key":
        return ConstraintSpec("unique" if key == "unique" else "primary_key", line, name, columns)
    if not fields.has("references"):
        problems.report(line, "a foreign key refers to nothing", "`references: orders(id)`")
    return ConstraintSpec(
        "foreign_key",
        line,
        name,
        columns,
        references=fields.text("references"),
        on_delete=fields.text("on_delete"),
        on_update=fields.text("on_update"),
    )


def _read_index(node: Node, problems: Problems) -> ConstraintSpec | None:
    if not isinstance(node, MappingNode):
        words = read_words(node, "an index", node.line, problems)
        return ConstraintSpec("index", node.line, columns=_read_keys(words, problems)) if words else None
    fields = Fields(node, INDEX_KEYS, problems, what="an index", synonyms=_INDEX_SYNONYMS)
    if fields.has("drop"):
        return ConstraintSpec("index", node.line, _read_dropped(fields, problems), drop=True)
    columns = _read_keys(fields.words("columns"), problems)
    if not columns:
        problems.report(node.line, "an index has no columns", "`columns: [first, second]`")
        return None
    return ConstraintSpec(
        "index",
        node.line,
        fields.name("name", "index"),
        columns,
        expression=fields.text("where"),
        unique=bool(fields.flag("unique")),
        method=(fields.text("method") or "").lower() or None,
    )


def _read_dropped(fields: Fields, problems: Problems) -> str | None:
    """`drop: its_name`, or `drop: true` beside the name."""
    if (fields.text("drop") or "").lower() != "true":
        return fields.name("drop", "constraint")
    if not fields.has("name"):
        problems.report(fields.lines["drop"], "what is dropped has no name", "`drop: its_name`")
    return fields.name("name", "constraint")


def _fold(words: tuple[Scalar, ...], problems: Problems) -> tuple[str, ...]:
    names = [read_name(word.text.strip(), word.line, problems, "column") for word in words]
    return tuple(name for name in names if name is not None)


def _read_keys(words: tuple[Scalar, ...], problems: Problems) -> tuple[str, ...]:
    keys = [read_index_key(word.text.strip(), word.line, problems) for word in words]
    return tuple(key for key in keys if key is not None)
