"""A data model in YAML (or JSON): `enums`, `tables` with columns, constraints and indexes, `statements`.

A column is a mapping, or in short what SQL writes behind its name: `email: varchar(200) not null unique`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.spec.data_model import sql
from bot.spec.errors import Problems
from bot.spec.model import DataModel, EnumSpec, Statement, TableSpec
from bot.spec.names import read_name
from bot.spec.open_words import is_open
from bot.spec.yaml_text.columns import read_column
from bot.spec.yaml_text.constraints import read_constraints
from bot.spec.yaml_text.fields import Fields, list_named, read_words
from bot.spec.yaml_text.nodes import Entry, MappingNode, Node, Scalar, SequenceNode, read_yaml

ALIASES = ("yml", "json")

TABLE_KEYS = ("comment", "was", "drop", "columns", "primary_key", "unique", "constraints", "indexes")
_TABLE_SYNONYMS = {"description": "comment", "renamed_from": "was", "fields": "columns"}
_SHAPE = re.compile(r"^(?:tables|enums)\s*:|^\s*\{\s*\"(?:tables|enums)\"", re.MULTILINE)


def looks_like(text: str) -> bool:
    """A mapping that has tables or enums."""
    return _SHAPE.search(text) is not None


def read(text: str, first_line: int, problems: Problems) -> DataModel:
    """The model; what cannot be read is reported."""
    root = read_yaml(text, first_line, problems)
    if root is None:
        return DataModel()
    if not isinstance(root, MappingNode):
        problems.report(root.line, "the data model is not a mapping", "the keys `tables` and `enums`")
        return DataModel()
    return read_root(root, problems)


def read_root(root: MappingNode, problems: Problems) -> DataModel:
    """The model of a mapping that is read already."""
    keys = ("enums", "tables", "statements")
    fields = Fields(root, keys, problems, what="the data model", synonyms={"types": "enums"})
    enums = [_read_enum(entry, problems) for entry in _list_entries(fields, "enums", problems)]
    tables = [_read_table(entry, problems) for entry in _list_entries(fields, "tables", problems)]
    return DataModel(
        tuple(_read_statements(fields, problems)),
        tuple(enum for enum in enums if enum is not None),
        tuple(table for table in tables if table is not None),
    )


def _list_entries(fields: Fields, key: str, problems: Problems) -> tuple[Entry, ...]:
    if not fields.has(key):
        return ()
    return tuple(list_named(fields.nodes[key], fields.lines[key], key, problems))


def _read_statements(fields: Fields, problems: Problems) -> Iterator[Statement]:
    for word in fields.words("statements"):
        yield from sql.read(word.text, word.line, problems).statements


def _read_enum(entry: Entry, problems: Problems) -> EnumSpec | None:
    name = read_name(entry.key, entry.line, problems, "enum", qualified=True)
    values: Node = entry.value
    drop = False
    if isinstance(values, MappingNode):
        fields = Fields(values, ("values", "drop"), problems, what=f"the enum {entry.key}")
        drop = bool(fields.flag("drop"))
        values = fields.nodes.get("values", SequenceNode((), entry.line))
    if isinstance(values, Scalar) and (values.value is None or is_open(values.text)):
        values = SequenceNode((), entry.line)  # a gap, not an error
    texts = tuple(word.text for word in read_words(values, f"the enum {entry.key}", entry.line, problems))
    if len(set(texts)) < len(texts):
        problems.report(entry.line, f"the enum {entry.key} has a value twice", "each value once")
    return EnumSpec(name, texts, entry.line, drop) if name else None


def _read_table(entry: Entry, problems: Problems) -> TableSpec | None:
    name = read_name(entry.key, entry.line, problems, "table", qualified=True)
    if not isinstance(entry.value, MappingNode):
        problems.report(entry.line, f"the table {entry.key} is not a mapping", "the key `columns`")
        return None
    fields = Fields(entry.value, TABLE_KEYS, problems, what=f"the table {entry.key}", synonyms=_TABLE_SYNONYMS)
    columns = [read_column(column, problems) for column in _list_entries(fields, "columns", problems)]
    constraints = tuple(read_constraints(fields, problems))
    was = fields.name("was", "table", qualified=True)
    if name is None:
        return None
    found = tuple(column for column in columns if column is not None)
    return TableSpec(name, entry.line, found, constraints, fields.text("comment"), was, bool(fields.flag("drop")))
