"""The models of a repository as its source states them: base, classes, enumerations, naming convention."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.implement.errors import NoModels, UnsupportedModels
from bot.implement.models.names import pluralize, snake
from bot.implement.models.naming_convention import find_convention
from bot.implement.models.source_files import SourceFile, read_source_files
from bot.implement.models.syntax import class_assignments, last_name, read_string, targets
from bot.schema.model import Schema

DECLARATIVE_BASES = {"DeclarativeBase", "DeclarativeBaseNoMeta"}
BASE_FACTORIES = {"declarative_base", "generate_base", "as_declarative"}
COLUMN_CALLS = {"Column", "mapped_column"}
ENUM_BASES = {"Enum", "StrEnum", "IntEnum"}


@dataclass(frozen=True, slots=True)
class BaseClass:
    """The declarative base that new models derive from; `is_dataclass` for `MappedAsDataclass`."""

    name: str
    file: SourceFile
    is_dataclass: bool = False
    has_type_map: bool = False


@dataclass(frozen=True, slots=True)
class ModelClass:
    """A mapped class. `columns` maps the column's name to the attribute's; `is_mapped` for the `Mapped[]` style."""

    name: str
    table: str
    schema: str | None
    file: SourceFile
    node: ast.ClassDef
    columns: Mapping[str, str]
    is_mapped: bool


@dataclass(frozen=True, slots=True)
class CoreTable:
    """A `Table(…)` bound to a variable."""

    variable: str
    table: str
    schema: str | None
    file: SourceFile


@dataclass(frozen=True, slots=True)
class EnumClass:
    """A Python enumeration; `labels` maps a member's name to its value (string members only)."""

    name: str
    file: SourceFile
    labels: Mapping[str, str]
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnumUse:
    """A type `Enum(…)` in the source that makes the database's enum `type_name`.

    `class_name` is None when its values are strings; `values_callable` is the source of that argument.
    """

    type_name: str
    class_name: str | None
    file: SourceFile
    node: ast.Call
    values_callable: str | None


@dataclass(frozen=True, slots=True)
class Repository:
    """Everything that was found, in the order of paths."""

    files: tuple[SourceFile, ...]
    base: BaseClass
    models: tuple[ModelClass, ...]
    tables: tuple[CoreTable, ...]
    enums: tuple[EnumClass, ...]
    enum_uses: tuple[EnumUse, ...]
    convention: Mapping[str, str]

    def find_model(self, schema: str, table: str) -> ModelClass | None:
        """The class of a table."""
        found = (model for model in self.models if model.table == table and (model.schema or "public") == schema)
        return next(found, None)

    def find_core_table(self, schema: str, table: str) -> CoreTable | None:
        """The `Table` object of a table."""
        found = (item for item in self.tables if item.table == table and (item.schema or "public") == schema)
        return next(found, None)

    def find_enum(self, type_name: str) -> EnumClass | None:
        """The Python class whose values an enum of the database takes, by its uses, else by SQLAlchemy's own naming."""
        names = [use.class_name for use in self.enum_uses if use.type_name == type_name and use.class_name]
        by_name = {enum.name: enum for enum in self.enums}
        for name in names:
            if name in by_name:
                return by_name[name]
        return next((enum for enum in self.enums if enum.name.lower() == type_name), None)


def scan(tree: Path, before: Schema) -> Repository:
    """The models under `tree`; `before` tells the tables of classes whose `__tablename__` is worked out by code.

    Raises `NoModels`, or `UnsupportedModels` for SQLModel and Flask-SQLAlchemy's `db.Model`.
    """
    files = read_source_files(tree)
    bases = [base for file in files for base in _find_bases(file)]
    models = tuple(model for file in files for model in _find_models(file, before))
    if not bases:
        _refuse(files)
    return Repository(
        files=files,
        base=_choose_base(bases, models),
        models=models,
        tables=tuple(table for file in files for table in _find_core_tables(file)),
        enums=tuple(enum for file in files for enum in _find_enums(file)),
        enum_uses=tuple(use for file in files for use in _find_enum_uses(file)),
        convention=find_convention(files),
    )


def _refuse(files: tuple[SourceFile, ...]) -> None:
    for file in files:
        for node in _classes(file):
            if "SQLModel" in _base_names(node):
                raise UnsupportedModels(
                    f"{file.path}: models of SQLModel; only SQLAlchemy's declarative ones are known"
                )
            if any(ast.unparse(base).endswith("db.Model") for base in node.bases):
                raise UnsupportedModels(f"{file.path}: models of Flask-SQLAlchemy; only a declarative base is known")
    raise NoModels(
        "no declarative base (a class derived from DeclarativeBase, or declarative_base()) in the repository"
    )


def _classes(file: SourceFile) -> Iterator[ast.ClassDef]:
    return (node for node in file.tree.body if isinstance(node, ast.ClassDef))


def _base_names(node: ast.ClassDef) -> tuple[str, ...]:
    return tuple(last_name(base) for base in node.bases)


def _find_bases(file: SourceFile) -> Iterator[BaseClass]:
    for node in file.tree.body:
        if isinstance(node, ast.ClassDef) and _is_base(node):
            names = {target.id for item in node.body for target in targets(item)}
            is_dataclass = "MappedAsDataclass" in _base_names(node)
            yield BaseClass(node.name, file, is_dataclass, "type_annotation_map" in names)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = BASE_FACTORIES & {last_name(node.value)}
            yield from (BaseClass(target.id, file) for target in targets(node) if made)


def _is_base(node: ast.ClassDef) -> bool:
    factories = {last_name(decorator) for decorator in node.decorator_list}
    return bool(DECLARATIVE_BASES & set(_base_names(node)) or BASE_FACTORIES & factories)


def _choose_base(bases: list[BaseClass], models: tuple[ModelClass, ...]) -> BaseClass:
    used = Counter(name for model in models for name in _base_names(model.node))
    return max(bases, key=lambda base: used[base.name])


def _find_models(file: SourceFile, before: Schema) -> Iterator[ModelClass]:
    for node in _classes(file):
        values = {name: value for name, _, value in class_assignments(node)}
        columns = dict(_find_columns(node))
        if "__abstract__" in values or _is_base(node) or (not columns and "__tablename__" not in values):
            continue
        named = values.get("__tablename__")
        table = named.value if isinstance(named, ast.Constant) else _guess_table(node, columns, before)
        if isinstance(table, str):
            yield ModelClass(
                name=node.name,
                table=table,
                schema=_find_schema(values.get("__table_args__")),
                file=file,
                node=node,
                columns=columns,
                is_mapped=any(last_name(note) == "Mapped" for _, note, _ in class_assignments(node) if note),
            )


def _find_columns(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for name, annotation, value in class_assignments(node):
        if isinstance(value, ast.Call) and last_name(value) in COLUMN_CALLS:
            first = value.args[0] if value.args else None
            is_named = isinstance(first, ast.Constant) and isinstance(first.value, str)
            yield (str(first.value) if is_named and isinstance(first, ast.Constant) else name), name
        elif annotation is not None and last_name(annotation) == "Mapped" and value is None:
            yield name, name


def _guess_table(node: ast.ClassDef, columns: Mapping[str, str], before: Schema) -> str | None:
    """The table of a class whose base makes `__tablename__`: the likely names, checked against what exists."""
    if not node.bases:
        return None
    likely = (snake(node.name), pluralize(snake(node.name)), node.name.lower(), pluralize(node.name.lower()))
    for name in likely:
        table = before.find_table(name)
        if table is not None and set(columns) <= {column.name for column in table.columns}:
            return name
    return None


def _find_schema(table_args: ast.expr | None) -> str | None:
    if isinstance(table_args, ast.Tuple) and table_args.elts:
        table_args = table_args.elts[-1]
    if not isinstance(table_args, ast.Dict):
        return None
    for key, value in zip(table_args.keys, table_args.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == "schema" and isinstance(value, ast.Constant):
            return str(value.value)
    return None


def _find_core_tables(file: SourceFile) -> Iterator[CoreTable]:
    for node in file.tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Call) and last_name(value) == "Table" and value.args:
            first = value.args[0]
            for target in targets(node):
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield CoreTable(target.id, first.value, read_string(value, "schema"), file)


def _find_enums(file: SourceFile) -> Iterator[EnumClass]:
    for node in _classes(file):
        if ENUM_BASES & set(_base_names(node)):
            values = ((name, value) for name, _, value in class_assignments(node))
            labels = {name: value.value for name, value in values if isinstance(value, ast.Constant)}
            strings = {name: value for name, value in labels.items() if isinstance(value, str)}
            yield EnumClass(node.name, file, strings, tuple(ast.unparse(base) for base in node.bases))


def _find_enum_uses(file: SourceFile) -> Iterator[EnumUse]:
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Call) and last_name(node) in {"Enum", "ENUM", "SAEnum", "SqlEnum", "PgEnum"}:
            if not node.args:
                continue
            first = node.args[0]
            class_name = None if isinstance(first, ast.Constant) else last_name(first)
            type_name = read_string(node, "name") or (class_name or "").lower()
            made = [keyword.value for keyword in node.keywords if keyword.arg == "values_callable"]
            text = ast.get_source_segment(file.text, made[0]) if made else None
            if type_name:
                yield EnumUse(type_name, class_name, file, node, text)
