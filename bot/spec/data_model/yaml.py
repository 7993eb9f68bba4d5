"""A data model in YAML (or JSON): `enums`, `tables` with columns, constraints and indexes, `statements`.

A column is a mapping, or in short what SQL writes behind its name: `email: varchar(200) not null unique`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.spec.checks import check_column, check_constraint
from bot.spec.column_text import read_column_text
from bot.spec.data_model import sql
from bot.spec.errors import Problems
from bot.spec.fields import Fields, read_words
from bot.spec.inline_enums import is_inline_enum, read_inline_enums
from bot.spec.model import ColumnSpec, ConstraintSpec, DataModel, EnumSpec, Statement, TableSpec
from bot.spec.names import is_name, read_name
from bot.spec.open_words import is_open
from bot.spec.sql_text import NotSql
from bot.spec.yaml_text import Entry, MappingNode, Node, Scalar, SequenceNode, read_yaml

ALIASES = ("yml", "json")

TABLE_KEYS = ("comment", "was", "drop", "columns", "primary_key", "unique", "constraints", "indexes")
COLUMN_KEYS = (
    *("type", "nullable", "default", "primary_key", "identity", "unique", "index", "references", "on_delete"),
    *("check", "generated", "comment", "was", "drop", "drop_default", "new"),
)
CONSTRAINT_KEYS = (
    *(
        "name",
        "check",
        "unique",
        "primary_key",
        "foreign_key",
        "exclude",
        "references",
        "on_delete",
        "on_update",
        "drop",
    ),
)
INDEX_KEYS = ("name", "columns", "unique", "method", "where", "drop")
SYNONYMS = {
    "description": "comment",
    "null": "nullable",
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


def looks_like(text: str) -> bool:
    """A mapping that has tables or enums."""
    return re.search(r"^(?:tables|enums)\s*:|^\s*\{\s*\"(?:tables|enums)\"", text, re.MULTILINE) is not None


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
    fields = Fields(
        root, ("enums", "tables", "statements"), problems, what="the data model", synonyms={"types": "enums"}
    )
    enums = [_read_enum(entry, problems) for entry in _list_entries(fields, "enums", problems)]
    tables = [_read_table(entry, problems) for entry in _list_entries(fields, "tables", problems)]
    model = DataModel(
        tuple(_read_statements(fields, problems)),
        tuple(enum for enum in enums if enum is not None),
        tuple(table for table in tables if table is not None),
    )
    return read_inline_enums(model, problems)


def _list_entries(fields: Fields, key: str, problems: Problems) -> Iterator[Entry]:
    """The entries of a mapping, or of a list of mappings that have a `name`."""
    if not fields.has(key):
        return
    yield from list_named(fields.nodes[key], fields.lines[key], key, problems)


def list_named(node: Node, line: int, what: str, problems: Problems) -> Iterator[Entry]:
    """`{name: …}`, `[{name: …, …}]` and `[{name: short}]` alike."""
    if isinstance(node, MappingNode):
        yield from node.entries
        return
    for item in node.items if isinstance(node, SequenceNode) else ():
        if isinstance(item, MappingNode):
            name = item.find("name")
            if isinstance(name, Scalar):
                rest = tuple(entry for entry in item.entries if entry.key != "name")
                yield Entry(name.text, MappingNode(rest, name.line), name.line)
                continue
            if len(item.entries) == 1:
                yield item.entries[0]
                continue
        problems.report(item.line, f"an element of `{what}` has no name", "a mapping of names")
    if isinstance(node, Scalar):
        problems.report(line, f"`{what}` is a single word", "a mapping of names")


def _read_statements(fields: Fields, problems: Problems) -> Iterator[Statement]:
    for word in fields.names("statements"):
        yield from sql.read(word.text, word.line, problems).statements


def _read_enum(entry: Entry, problems: Problems) -> EnumSpec | None:
    name = read_name(entry.key, entry.line, problems, "enum", qualified=True)
    values, drop = entry.value, False
    if isinstance(values, MappingNode):
        fields = Fields(values, ("values", "drop"), problems, what="an enum")
        drop = bool(fields.flag("drop"))
        values = fields.nodes.get("values", SequenceNode((), entry.line))
    if isinstance(values, Scalar) and (values.value is None or is_open(values.text)):
        values = SequenceNode((), entry.line)
    texts = tuple(word.text for word in read_words(values, f"the enum {entry.key}", entry.line, problems))
    if len(set(texts)) < len(texts):
        problems.report(entry.line, f"the enum {entry.key} has a value twice", "each value once")
    return EnumSpec(name, texts, entry.line, drop) if name else None


def _read_table(entry: Entry, problems: Problems) -> TableSpec | None:
    name = read_name(entry.key, entry.line, problems, "table", qualified=True)
    if not isinstance(entry.value, MappingNode):
        if name is not None:
            problems.report(entry.line, f"the table {name} has no columns", "the key `columns`")
        return None
    synonyms = {"description": "comment", "renamed_from": "was", "fields": "columns"}
    fields = Fields(entry.value, TABLE_KEYS, problems, what=f"the table {entry.key}", synonyms=synonyms)
    was = fields.text("was")
    columns = [_read_column(column, problems) for column in _list_entries(fields, "columns", problems)]
    return TableSpec(
        name or entry.key,
        entry.line,
        tuple(column for column in columns if column is not None),
        tuple(_read_constraints(fields, problems)),
        comment=fields.text("comment"),
        was=read_name(was, fields.lines["was"], problems, "table", qualified=True) if was else None,
        drop=bool(fields.flag("drop")),
    )


def _read_column(entry: Entry, problems: Problems) -> ColumnSpec | None:
    name = read_name(entry.key, entry.line, problems, "column")
    if name is None:
        return None
    if isinstance(entry.value, MappingNode):
        return check_column(_read_mapping(name, entry.line, entry.value, problems), problems)
    if isinstance(entry.value, SequenceNode):
        problems.report(entry.line, f"the column {name} is a list", "a type, or a mapping with the key `type`")
        return None
    return _read_short(name, entry.line, entry.value, problems)


def _read_short(name: str, line: int, value: Scalar, problems: Problems) -> ColumnSpec | None:
    text = value.text.strip()
    if value.value is None or is_open(text):
        return ColumnSpec(name, line, text or None)
    if is_inline_enum(text):
        return ColumnSpec(name, line, text)
    try:
        return check_column(read_column_text(name, text, line), problems)
    except NotSql as error:
        problems.report(line, str(error), "a type with its constraints, such as `varchar(50) not null`")
        return None


def _read_mapping(name: str, line: int, mapping: MappingNode, problems: Problems) -> ColumnSpec:
    synonyms = {**SYNONYMS, "not_null": "not_null", "required": "not_null"}
    fields = Fields(mapping, (*COLUMN_KEYS, "not_null"), problems, what=f"the column {name}", synonyms=synonyms)
    was = fields.text("was")
    return ColumnSpec(
        name,
        line,
        fields.text("type"),
        nullable=_read_nullable(fields, problems),
        default=_read_default(fields),
        references=fields.text("references"),
        on_delete=fields.text("on_delete"),
        check=fields.text("check"),
        generated=fields.text("generated"),
        comment=fields.text("comment"),
        was=read_name(was, fields.lines["was"], problems, "column") if was else None,
        is_new=bool(fields.flag("new")),
        **{
            key: bool(fields.flag(key))
            for key in ("primary_key", "identity", "unique", "index", "drop", "drop_default")
        },
    )


def _read_nullable(fields: Fields, problems: Problems) -> bool | None:
    nullable, required = fields.flag("nullable"), fields.flag("not_null")
    if nullable is not None and required is not None and nullable == required:
        problems.report(fields.lines["not_null"], "`nullable` and `not_null` contradict each other", "one of the two")
    if nullable is None and required is not None:
        return not required
    return nullable


def _read_default(fields: Fields) -> str | None:
    """A date without quotes would be a subtraction in SQL: quotes are put around it."""
    text = fields.text("default")
    if text is not None and re.fullmatch(r"\d{4}-\d\d?-\d\d?([T ].*)?", text):
        return f"'{text}'" if "'" not in text else text
    return text


def _read_constraints(fields: Fields, problems: Problems) -> Iterator[ConstraintSpec]:
    if fields.has("primary_key"):
        columns = _read_columns(fields, "primary_key", problems)
        yield ConstraintSpec("primary_key", fields.lines["primary_key"], columns=columns)
    if fields.has("unique"):
        yield from _read_uniques(fields.nodes["unique"], fields.lines["unique"], problems)
    for key, read_one in (("constraints", _read_constraint), ("indexes", _read_index)):
        node = fields.nodes.get(key)
        items = node.items if isinstance(node, SequenceNode) else (node,) if fields.has(key) else ()
        for item in items:
            found = read_one(item, problems) if item is not None else None
            if found is not None:
                yield check_constraint(found, problems)


def _read_uniques(node: Node, line: int, problems: Problems) -> Iterator[ConstraintSpec]:
    """`[a, b]` is one constraint, `[[a, b], [c]]` two."""
    groups = (
        node.items
        if isinstance(node, SequenceNode) and any(isinstance(i, SequenceNode) for i in node.items)
        else (node,)
    )
    for group in groups:
        words = read_words(group, "`unique`", line, problems)
        yield ConstraintSpec("unique", group.line, columns=_fold(words, problems))


def _read_constraint(node: Node, problems: Problems) -> ConstraintSpec | None:
    if not isinstance(node, MappingNode):
        problems.report(node.line, "a constraint is a mapping", 'such as `check: "price > 0"`')
        return None
    fields = Fields(node, CONSTRAINT_KEYS, problems, what="a constraint", synonyms={"exclusion": "exclude"})
    name = _read_constraint_name(fields, "name", problems)
    if fields.has("drop"):
        return ConstraintSpec("check", node.line, _read_dropped(fields, problems), drop=True)
    given = [key for key in ("check", "unique", "primary_key", "foreign_key", "exclude") if fields.has(key)]
    if len(given) != 1:
        expected = "one of check, unique, primary_key, foreign_key, exclude or drop"
        problems.report(node.line, f"a constraint says {' and '.join(given) or 'nothing'}", expected)
        return None
    if given == ["check"]:
        return ConstraintSpec("check", node.line, name, expression=fields.text("check"))
    if given == ["exclude"]:
        return ConstraintSpec("exclusion", node.line, name, expression=fields.text("exclude"))
    columns = _read_columns(fields, given[0], problems)
    if given != ["foreign_key"]:
        return ConstraintSpec("unique" if given == ["unique"] else "primary_key", node.line, name, columns)
    if not fields.has("references"):
        problems.report(node.line, "a foreign key refers to nothing", "`references: orders(id)`")
    actions = {"on_delete": fields.text("on_delete"), "on_update": fields.text("on_update")}
    return ConstraintSpec("foreign_key", node.line, name, columns, references=fields.text("references"), **actions)


def _read_index(node: Node, problems: Problems) -> ConstraintSpec | None:
    if not isinstance(node, MappingNode):
        words = read_words(node, "an index", node.line, problems)
        return ConstraintSpec("index", node.line, columns=_fold(words, problems)) if words else None
    synonyms = {"using": "method", "type": "method", "predicate": "where", "column": "columns"}
    fields = Fields(node, INDEX_KEYS, problems, what="an index", synonyms=synonyms)
    if fields.has("drop"):
        return ConstraintSpec("index", node.line, _read_dropped(fields, problems), drop=True)
    columns = _read_columns(fields, "columns", problems)
    if not columns:
        problems.report(node.line, "an index has no columns", "`columns: [first, second]`")
        return None
    return ConstraintSpec(
        "index",
        node.line,
        _read_constraint_name(fields, "name", problems),
        columns,
        expression=fields.text("where"),
        unique=bool(fields.flag("unique")),
        method=(fields.text("method") or "").lower() or None,
    )


def _read_dropped(fields: Fields, problems: Problems) -> str | None:
    """`drop: its_name`, or `drop: true` beside the name."""
    if (fields.text("drop") or "").lower() != "true":
        return _read_constraint_name(fields, "drop", problems)
    if not fields.has("name"):
        problems.report(fields.lines["drop"], "what is dropped has no name", "`drop: its_name`")
    return _read_constraint_name(fields, "name", problems)


def _read_constraint_name(fields: Fields, key: str, problems: Problems) -> str | None:
    text = fields.text(key)
    return read_name(text, fields.lines[key], problems, "constraint") if text else None


def _read_columns(fields: Fields, key: str, problems: Problems) -> tuple[str, ...]:
    return _fold(fields.names(key), problems)


def _fold(words: tuple[Scalar, ...], problems: Problems) -> tuple[str, ...]:
    """Names folded; an expression of an index stays as it is."""
    folded = [
        read_name(word.text, word.line, problems, "column") if is_name(word.text.strip()) else word.text.strip()
        for word in words
    ]
    return tuple(word for word in folded if word)
