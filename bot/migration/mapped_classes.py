"""Which classes of the code stand for which table."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from bot.migration.code_files import PYTHON, CodeFile
from bot.migration.revision_calls import get_last_name

_IMPLICIT = re.compile(r"\.Model\b|\btable\s*=\s*True\b")
_NO_COLUMN = frozenset({"relationship", "backref", "association_proxy", "column_property", "synonym", "dynamic_loader"})


def find_classes(files: Iterable[CodeFile], table: str) -> frozenset[str]:
    """The names of the classes that are mapped to the table."""
    return frozenset(
        node.name
        for file in files
        if file.suffix in PYTHON and (table in file.text or _IMPLICIT.search(file.text))
        for node in _list_classes(file)
        if get_table_name(node) == table
    )


def get_table_name(node: ast.ClassDef) -> str | None:
    """The table of a mapped class, None for another one.

    `__tablename__` says it; else Flask-SQLAlchemy derives it (`db.Model`: camel case to snake case), and SQLModel
    (`table=True`: lower case).
    """
    for name, value, _ in list_assignments(node):
        if name == "__tablename__":
            return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
    if any(isinstance(base, ast.Attribute) and base.attr == "Model" for base in node.bases):
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", node.name).lower()
    is_table = any(keyword.arg == "table" and is_true(keyword.value) for keyword in node.keywords)
    return node.name.lower() if is_table else None


def list_columns(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    """The columns that a mapped class declares, each with its line."""
    for name, value, line in list_assignments(node):
        if name.startswith("__"):
            continue
        if not isinstance(value, ast.Call):
            if value is None:
                yield name, line
            continue
        if get_last_name(value.func) in _NO_COLUMN:
            continue
        first = value.args[0] if value.args else None
        is_named = isinstance(first, ast.Constant) and isinstance(first.value, str)
        yield (str(first.value) if is_named and isinstance(first, ast.Constant) else name), line


def list_assignments(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr | None, int]]:
    """Name, value (None: only annotated) and line of what the class's body sets."""
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value, statement.lineno
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement.value, statement.lineno


def is_true(node: ast.expr) -> bool:
    """Whether it is the constant True."""
    return isinstance(node, ast.Constant) and node.value is True


def _list_classes(file: CodeFile) -> Iterator[ast.ClassDef]:
    module = file.parse()
    if module is not None:
        yield from (node for node in ast.walk(module) if isinstance(node, ast.ClassDef))
