"""The naming convention of a repository's metadata, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from bot.implement.models.source_files import SourceFile
from bot.implement.models.syntax import last_name, targets


def find_convention(files: Iterable[SourceFile]) -> Mapping[str, str]:
    """The `naming_convention` of a `MetaData(…)`: a dictionary there, or in a variable of that name in any module."""
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and last_name(node) == "MetaData":
                for keyword in node.keywords:
                    if keyword.arg == "naming_convention":
                        return _read_convention(files, keyword.value)
    return {}


def _read_convention(files: Iterable[SourceFile], node: ast.expr) -> Mapping[str, str]:
    if not isinstance(node, ast.Dict):
        name = last_name(node)
        found = (
            item.value
            for file in files
            for item in file.tree.body
            if isinstance(item, (ast.Assign, ast.AnnAssign)) and name in {target.id for target in targets(item)}
        )
        node = next((value for value in found if isinstance(value, ast.Dict)), ast.Dict([], []))
    pairs = zip(node.keys, node.values, strict=True)
    return {
        key.value: value.value
        for key, value in pairs
        if isinstance(key, ast.Constant)
        and isinstance(key.value, str)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str)
    }
