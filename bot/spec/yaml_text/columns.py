"""A column in YAML: a mapping, or in short a type with its constraints as SQL writes them."""

from __future__ import annotations

import re

from bot.spec.entities.checks import check_column
from bot.spec.entities.inline_enums import is_inline_enum
from bot.spec.errors import Problems
from bot.spec.model import ColumnSpec
from bot.spec.names import read_name
from bot.spec.open_words import is_open_type
from bot.spec.sql.column import read_column_text
from bot.spec.sql.text import NotSql
from bot.spec.yaml_text.fields import Fields
from bot.spec.yaml_text.nodes import Entry, MappingNode, Scalar

COLUMN_KEYS = (
    *("type", "nullable", "default", "primary_key", "identity", "unique", "index", "references", "on_delete"),
    *("check", "generated", "comment", "was", "new", "drop", "drop_default"),
)
_NOT_NULL = "not_null"
_SYNONYMS = {
    "description": "comment",
    "null": "nullable",
    "required": _NOT_NULL,
    "pk": "primary_key",
    "primary": "primary_key",
    "autoincrement": "identity",
    "auto_increment": "identity",
    "foreign_key": "references",
    "fk": "references",
    "ondelete": "on_delete",
    "renamed_from": "was",
    "computed": "generated",
}
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:[T ][^']*)?")


def read_column(entry: Entry, problems: Problems) -> ColumnSpec | None:
    """The column; None (and a problem) when it cannot be read."""
    name = read_name(entry.key, entry.line, problems, "column")
    if name is None:
        return None
    if isinstance(entry.value, MappingNode):
        return check_column(_read_mapping(name, entry.line, entry.value, problems), problems)
    if isinstance(entry.value, Scalar):
        return _read_short(name, entry.line, entry.value, problems)
    problems.report(entry.line, f"the column {name} is a list", "a type, or a mapping with the key `type`")
    return None


def _read_short(name: str, line: int, value: Scalar, problems: Problems) -> ColumnSpec | None:
    text = value.text.strip()
    if value.value is None or is_open_type(text):
        return ColumnSpec(name, line, text or None)
    if is_inline_enum(text):
        return check_column(ColumnSpec(name, line, text), problems)
    try:
        return check_column(read_column_text(name, text, line), problems)
    except NotSql as error:
        problems.report(line, str(error), "a type with its constraints, such as `varchar(50) not null`")
        return None


def _read_mapping(name: str, line: int, mapping: MappingNode, problems: Problems) -> ColumnSpec:
    fields = Fields(mapping, (*COLUMN_KEYS, _NOT_NULL), problems, what=f"the column {name}", synonyms=_SYNONYMS)
    return ColumnSpec(
        name,
        line,
        type=fields.text("type"),
        nullable=_read_nullable(fields, problems),
        default=_read_default(fields),
        primary_key=bool(fields.flag("primary_key")),
        identity=bool(fields.flag("identity")),
        unique=bool(fields.flag("unique")),
        index=bool(fields.flag("index")),
        references=fields.text("references"),
        on_delete=fields.text("on_delete"),
        check=fields.text("check"),
        generated=fields.text("generated"),
        comment=fields.text("comment"),
        was=fields.name("was", "column"),
        is_new=bool(fields.flag("new")),
        drop=bool(fields.flag("drop")),
        drop_default=bool(fields.flag("drop_default")),
    )


def _read_nullable(fields: Fields, problems: Problems) -> bool | None:
    nullable, required = fields.flag("nullable"), fields.flag(_NOT_NULL)
    if nullable is not None and nullable == required:
        problems.report(fields.lines[_NOT_NULL], "`nullable` and `not_null` contradict each other", "one of the two")
    if nullable is None and required is not None:
        return not required
    return nullable


def _read_default(fields: Fields) -> str | None:
    """A date without quotes would be a subtraction in SQL: quotes are put around it."""
    text = fields.text("default")
    return f"'{text}'" if text is not None and _DATE.fullmatch(text) else text
