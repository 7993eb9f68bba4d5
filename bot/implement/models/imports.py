"""The imports of one module: what its names mean, and new ones put where an import sorter would."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import libcst as cst

from bot.implement.models.module_names import relate, resolve, shares_top


@dataclass(frozen=True, slots=True)
class Import:
    """`from module import name as alias`; `import module as alias` when `name` is None."""

    module: str
    name: str | None
    alias: str
    type_checking: bool = False


class Imports:
    """The names bound by a module's imports; asked for a name, it says how to write it and remembers what to import.

    `habits` are whole modules that other files of the repository import under an alias (`import sqlalchemy as sa`).
    `package` is the package that the module is in; `is_relative` says that a module without imports of its own package
    is to import from it as `from .base import Base`.
    """

    def __init__(
        self, tree: ast.Module, habits: Mapping[str, str] | None = None, package: str = "", *, is_relative: bool = False
    ) -> None:
        self.bound: dict[str, tuple[str, str | None]] = {}
        self.wanted: list[Import] = []
        self.package = package
        self._habits = dict(habits or {})
        self._defined = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        for module, name, alias in read_imports(tree):
            self.bound[alias] = (resolve(module, package), name)
        self._has_imports = bool(self.bound)
        spelled = [module for module, _, _ in read_imports(tree)]
        is_absolute = any(resolve(module, package) == module and shares_top(module, package) for module in spelled)
        self._is_relative = any(module.startswith(".") for module in spelled) or (is_relative and not is_absolute)

    def get(self, module: str, name: str, *, type_checking: bool = False) -> str:
        """How to write `module.name` here, imported when it is not."""
        for alias, target in self.bound.items():
            if target == (module, name):
                return alias
        for alias, target in self.bound.items():
            if target == (module, None):
                return f"{alias}.{name}"
        if not self._has_imports and module in self._habits:
            return f"{self._add(module, None, self._habits[module])}.{name}"
        taken = name in self.bound or name in self._defined
        return self._add(module, name, f"SA{name}" if taken else name, type_checking)

    def define(self, name: str) -> None:
        """A class of that name stands in the module from now on."""
        self._defined.add(name)

    def _add(self, module: str, name: str | None, alias: str, type_checking: bool = False) -> str:
        self.bound[alias] = (module, name)
        is_near = self._is_relative and shares_top(module, self.package)
        self.wanted.append(Import(relate(module, self.package) if is_near else module, name, alias, type_checking))
        return alias


def read_imports(tree: ast.Module) -> Iterable[tuple[str, str | None, str]]:
    """(module, name or None, alias) of every import outside of functions, those under TYPE_CHECKING too."""
    for node in [item for part in tree.body for item in (part.body if isinstance(part, ast.If) else [part])]:
        if isinstance(node, ast.Import):
            for item in node.names:
                if item.asname or "." not in item.name:
                    yield item.name, None, item.asname or item.name
        elif isinstance(node, ast.ImportFrom):
            for item in node.names:
                yield "." * node.level + (node.module or ""), item.name, item.asname or item.name


def add_imports(module: cst.Module, imports: Iterable[Import], local_packages: Iterable[str], width: int) -> cst.Module:
    """The module with the imports: merged into a `from` of the same module, else as a new line in its section."""
    packages = frozenset(local_packages)
    for item in imports:
        if item.type_checking:
            module = module.with_changes(body=_add_for_types(list(module.body), item, packages, width))
        else:
            module = module.with_changes(body=_add(list(module.body), item, packages, width))
    return module


def _add(body: list[cst.BaseStatement], item: Import, packages: frozenset[str], width: int) -> list[cst.BaseStatement]:
    for index, statement in enumerate(body):
        merged = _merge(statement, item, width)
        if merged is not None:
            return [*body[:index], merged, *body[index + 1 :]]
    return _insert(body, item, packages)


def _merge(statement: cst.BaseStatement, item: Import, width: int) -> cst.BaseStatement | None:
    """The statement with one more name, or None when it is no import from that module."""
    if item.name is None or not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    node = statement.body[0]
    if (
        not isinstance(node, cst.ImportFrom)
        or isinstance(node.names, cst.ImportStar)
        or _module_of(node) != item.module
    ):
        return None
    names = [_code(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for alias in node.names]
    was_sorted = names == sorted(names, key=_sort_key)
    names.append(_alias_text(item))
    if was_sorted:
        names.sort(key=_sort_key)
    text = _code(node)
    if "#" in text:
        return None
    is_exploded = node.lpar is not None and "\n" in text
    prefix = f"from {item.module} import "
    line = prefix + ", ".join(names)
    if is_exploded or len(line) > width:
        line = "\n".join([f"{prefix}(", *(f"    {name}," for name in names), ")"])
    parsed = cst.parse_statement(line)
    assert isinstance(parsed, cst.SimpleStatementLine)  # noqa: S101 (an import is one)
    return statement.with_changes(body=parsed.body)


def _insert(body: list[cst.BaseStatement], item: Import, packages: frozenset[str]) -> list[cst.BaseStatement]:
    """A new import behind the last one of its section, or as a section of its own between the others."""
    section = _section(item.module, packages)
    indexes = [index for index, statement in enumerate(body) if _import_module(statement) is not None]
    same = [index for index in indexes if _section(_import_module(body[index]) or "", packages) == section]
    earlier = [index for index in indexes if _section(_import_module(body[index]) or "", packages) < section]
    statement = cst.parse_statement(_import_text(item))
    if same:
        key = _statement_key(item.name is None, item.module)
        later = [index for index in same if _key_of(body[index]) > key]
        if not later:
            return [*body[: same[-1] + 1], statement, *body[same[-1] + 1 :]]
        moved = _take_leading_lines(body[later[0]], statement) if later[0] == same[0] else (statement, body[later[0]])
        return [*body[: later[0]], *moved, *body[later[0] + 1 :]]
    position = earlier[-1] + 1 if earlier else _after_docstring(body)
    spaced = statement.with_changes(leading_lines=[cst.EmptyLine(indent=False)] if position else [])
    following = body[position:]
    if following and not _leading_lines(following[0]):
        following[0] = following[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    return [*body[:position], spaced, *following]


def _add_for_types(
    body: list[cst.BaseStatement], item: Import, packages: frozenset[str], width: int
) -> list[cst.BaseStatement]:
    for index, statement in enumerate(body):
        if isinstance(statement, cst.If) and _code(statement.test).endswith("TYPE_CHECKING"):
            inner = [node for node in statement.body.body if isinstance(node, cst.BaseStatement)]
            block = statement.body.with_changes(body=_add(inner, item, packages, width))
            return [*body[:index], statement.with_changes(body=block), *body[index + 1 :]]
    body = _add(body, Import("typing", "TYPE_CHECKING", "TYPE_CHECKING"), packages, width)
    last = max(index for index, statement in enumerate(body) if _import_module(statement) is not None)
    guard = cst.parse_statement(f"if TYPE_CHECKING:\n    {_import_text(item)}\n")
    return [*body[: last + 1], guard.with_changes(leading_lines=[cst.EmptyLine(indent=False)]), *body[last + 1 :]]


def _take_leading_lines(
    first: cst.BaseStatement, new: cst.BaseStatement
) -> tuple[cst.BaseStatement, cst.BaseStatement]:
    lines = _leading_lines(first)
    if any(line.comment for line in lines):
        return new.with_changes(leading_lines=[line for line in lines if not line.comment]), first
    return new.with_changes(leading_lines=lines), first.with_changes(leading_lines=[])


def _leading_lines(statement: cst.BaseStatement) -> list[cst.EmptyLine]:
    return list(getattr(statement, "leading_lines", ()))


def _after_docstring(body: list[cst.BaseStatement]) -> int:
    first = body[0] if body else None
    if isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Expr):
        return int(isinstance(first.body[0].value, (cst.SimpleString, cst.ConcatenatedString)))
    return 0


def _section(module: str, packages: frozenset[str]) -> int:
    top = module.split(".", maxsplit=1)[0]
    if module == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    return 3 if top in packages or module.startswith(".") else 2


def _statement_key(is_plain: bool, module: str) -> tuple[bool, str]:
    return not is_plain, module.lower()


def _key_of(statement: cst.BaseStatement) -> tuple[bool, str]:
    node = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    return _statement_key(isinstance(node, cst.Import), _import_module(statement) or "")


def _import_module(statement: cst.BaseStatement) -> str | None:
    if not isinstance(statement, cst.SimpleStatementLine) or not statement.body:
        return None
    node = statement.body[0]
    if isinstance(node, cst.ImportFrom):
        return _module_of(node)
    return _code(node.names[0].name) if isinstance(node, cst.Import) else None


def _module_of(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + (_code(node.module) if node.module is not None else "")


def _import_text(item: Import) -> str:
    if item.name is None:
        return f"import {item.module}" + (f" as {item.alias}" if item.alias != item.module else "")
    return f"from {item.module} import {_alias_text(item)}"


def _alias_text(item: Import) -> str:
    return f"{item.name} as {item.alias}" if item.alias != item.name else str(item.name)


def _sort_key(name: str) -> tuple[int, str]:
    """As isort orders the names of one import: CONSTANTS, Classes, then functions."""
    word = name.split(" ", maxsplit=1)[0]
    return (0 if word.isupper() and len(word) > 1 else 1 if word[:1].isupper() else 2), word


def _code(node: cst.CSTNode) -> str:
    return cst.Module(body=[]).code_for_node(node)
