"""What the parts of one implementation share: the repository, its style, both schemas, and the files being edited."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from bot.implement.models.imports import Imports, add_imports, read_imports
from bot.implement.models.module_names import resolve
from bot.implement.models.names import free_name
from bot.implement.models.scan import ModelClass, Repository
from bot.implement.models.source import SourceWriter
from bot.implement.models.source_files import find_module_name
from bot.implement.models.style import ModelStyle, model_files
from bot.implement.models.unused_imports import drop_unused
from bot.migration.types import SQL_TYPE_DEFINITION
from bot.schema.model import Schema

_HABITS = ("sqlalchemy", "sqlalchemy.orm", "datetime", "uuid", "decimal", "enum")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a class stands, or will stand."""

    name: str
    path: Path
    module: str


class FileEditor:
    """One module being changed. `code` is its text with everything done so far."""

    def __init__(self, path: Path, module: str, text: str, workbench: Workbench) -> None:
        self.path, self.module, self.original = path, module, text
        self.cst = cst.parse_module(text)
        package = module if path.name == "__init__.py" else module.rpartition(".")[0]
        self.imports = Imports(ast.parse(text), workbench.habits, package, is_relative=workbench.is_relative)
        self.write = SourceWriter(self.imports, workbench.style)
        self._workbench = workbench

    def restart(self, text: str) -> None:
        """Begin a new file with `text`; names that were reserved in it stay so."""
        self.cst = cst.parse_module(text)
        for module, name, alias in read_imports(ast.parse(text)):
            self.imports.bound[alias] = (resolve(module, self.imports.package), name)

    @property
    def has_future_annotations(self) -> bool:
        """Whether annotations are not evaluated, so that they may name classes that stand below."""
        return self.imports.bound.get("annotations", ("", None))[0] == "__future__"

    def class_name(self, place: Place, *, type_checking: bool = False) -> str:
        """How to write the class of `place` here."""
        if place.path == self.path:
            return place.name
        return self.imports.get(place.module, place.name, type_checking=type_checking)

    def append(self, source: str) -> None:
        """Top-level statements at the end, two empty lines before them."""
        statements = list(cst.parse_module(source).body)
        blank = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
        statements[0] = statements[0].with_changes(leading_lines=blank)
        self.cst = self.cst.with_changes(body=[*self.cst.body, *statements], has_trailing_newline=True)

    def insert_before(self, class_name: str, source: str) -> None:
        """Top-level statements before a class, and two empty lines between them."""
        index = next(i for i, node in enumerate(self.cst.body) if _is_class(node, class_name))
        statements = list(cst.parse_module(source).body)
        blank = [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
        statements[0] = statements[0].with_changes(leading_lines=blank)
        self.cst = self.cst.with_changes(body=[*self.cst.body[:index], *statements, *self.cst.body[index:]])

    def get_class(self, name: str) -> cst.ClassDef:
        """The top-level class of that name. Raises KeyError when it is gone."""
        for node in self.cst.body:
            if isinstance(node, cst.ClassDef) and node.name.value == name:
                return node
        raise KeyError(name)

    def set_class(self, node: cst.ClassDef) -> None:
        """Replace the class of that name."""
        name = node.name.value
        self.cst = self.cst.with_changes(body=[node if _is_class(item, name) else item for item in self.cst.body])

    def remove_class(self, name: str) -> None:
        """Take the class out."""
        self.cst = self.cst.with_changes(body=[item for item in self.cst.body if not _is_class(item, name)])

    @property
    def code(self) -> str:
        """The text of the module with its new imports."""
        self._define_types()
        module = add_imports(self.cst, self.imports.wanted, self._workbench.packages, self._workbench.style.line_length)
        is_gathering = self.path.name == "__init__.py"
        return module.code if is_gathering else drop_unused(module, self.original).code

    def _define_types(self) -> None:
        """Put the class above the others that stands for types which SQLAlchemy has no class for, where one is used."""
        text = self.cst.code
        if "SqlType(" not in text or "class SqlType" in text:
            return
        base = self.imports.get("sqlalchemy.types", "UserDefinedType")
        source = SQL_TYPE_DEFINITION.replace("sa.types.UserDefinedType", base)
        first = next(node.name.value for node in self.cst.body if isinstance(node, cst.ClassDef))
        self.insert_before(first, source)


def _is_class(node: cst.CSTNode, name: str) -> bool:
    return isinstance(node, cst.ClassDef) and node.name.value == name


@dataclass
class Workbench:
    """One implementation while it is worked on."""

    tree: Path
    repository: Repository
    style: ModelStyle
    before: Schema
    after: Schema
    editors: dict[Path, FileEditor] = field(default_factory=dict)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    enum_places: dict[tuple[str, str], Place] = field(default_factory=dict)
    labelled_by_name: set[tuple[str, str]] = field(default_factory=set)
    done: list[str] = field(default_factory=list)
    not_done: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for model in self.repository.models:
            key = (model.schema or "public", model.table)
            self.places.setdefault(key, Place(model.name, model.file.path, model.file.module))
        self.packages = frozenset(file.module.split(".")[0] for file in self.repository.files)
        self.habits = _find_habits(self.repository)
        texts = [file.text for file in model_files(self.repository)]
        self.is_relative = sum("\nfrom ." in text for text in texts) * 2 > len(texts)

    def edit(self, path: Path) -> FileEditor:
        """The editor of a file (relative to the tree), which is new when there is none."""
        if path not in self.editors:
            file = self.tree / path
            text = file.read_text(encoding="utf-8") if file.exists() else ""
            self.editors[path] = FileEditor(path, find_module_name(self.tree, path), text, self)
        return self.editors[path]

    def free_class_name(self, wanted: str) -> str:
        """A class name that no model and no enumeration has."""
        taken = {place.name for place in (*self.places.values(), *self.enum_places.values())}
        taken |= {enum.name for enum in self.repository.enums} | {self.repository.base.name}
        return free_name(wanted, taken).replace("_", "")

    def find_model(self, schema: str, table: str) -> ModelClass | None:
        """The class of an existing table."""
        return self.repository.find_model(schema, table)

    def save(self) -> tuple[str, ...]:
        """Write what was changed; the paths written, sorted."""
        written = []
        for path, editor in sorted(self.editors.items()):
            code = editor.code
            if code != editor.original:
                (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
                (self.tree / path).write_text(code, encoding="utf-8")
                written.append(path.as_posix())
        return tuple(written)


def _find_habits(repository: Repository) -> dict[str, str]:
    """Modules that most files of models import whole, with their aliases."""
    counts: Counter[tuple[str, str]] = Counter()
    files = model_files(repository)
    for file in files:
        for module, name, alias in read_imports(file.tree):
            if name is None and module in _HABITS:
                counts[module, alias] += 1
    return {module: alias for (module, alias), count in counts.items() if count * 2 > len(files)}
