"""New models made known: re-exported where the others are, and imported so that the metadata holds them."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

import libcst as cst

from bot.implement.models.brackets import insert_element
from bot.implement.models.class_body import assigned, code_of
from bot.implement.models.imports import Import, add_imports
from bot.implement.models.workbench import FileEditor, Place, Workbench


def export(workbench: Workbench, places: Iterable[Place], modules: Iterable[Path]) -> None:
    """Add the new classes to the place that gathers the others; a new module is imported there in any case."""
    new_files = [path for path in modules if not (workbench.tree / path).exists()]
    gathering = _find_gathering(workbench)
    wanted = list(places)
    if gathering is not None:
        editor = workbench.edit(gathering)
        for place in wanted:
            _add_name(workbench, editor, place)
    for path in new_files:
        if gathering is None or not any(place.path == path for place in wanted):
            _import_module(workbench, path)


def _find_gathering(workbench: Workbench) -> Path | None:
    """The module that imports most classes of the others: a package's `__init__`, `all_models.py`, env.py …"""
    names = {model.name for model in workbench.repository.models}
    best: tuple[int, bool, Path] | None = None
    for file in workbench.repository.files:
        count = len(_imported_models(file.tree, names))
        rank = (count, file.is_package, file.path)
        if (
            count * 2 > len(names)
            and (file.is_package or _only_gathers(file.tree))
            and (best is None or rank[:2] > best[:2])
        ):
            best = rank
    return best[2] if best is not None else None


def _imported_models(tree: ast.Module, names: set[str]) -> set[str]:
    found = [item.name for node in tree.body if isinstance(node, ast.ImportFrom) for item in node.names]
    return names & set(found)


def _only_gathers(tree: ast.Module) -> bool:
    """Whether the module has nothing but imports, `__all__` and its docstring."""
    return all(isinstance(node, (ast.Import, ast.ImportFrom, ast.Expr, ast.Assign)) for node in tree.body)


def _add_name(workbench: Workbench, editor: FileEditor, place: Place) -> None:
    module = _spelling(editor, place)
    editor.cst = add_imports(
        editor.cst, [Import(module, place.name, place.name)], workbench.packages, workbench.style.line_length
    )
    body = list(editor.cst.body)
    for index, statement in enumerate(body):
        found = assigned(statement)
        if found is not None and found[0] == "__all__" and isinstance(found[1], (cst.List, cst.Tuple)):
            assert isinstance(statement, cst.SimpleStatementLine)  # noqa: S101 (assigned says so)
            value = _with_name(workbench, found[1], editor.write.literal(place.name))
            body[index] = statement.with_changes(body=[statement.body[0].with_changes(value=value)])
    editor.cst = editor.cst.with_changes(body=body)


def _spelling(editor: FileEditor, place: Place) -> str:
    """The module as the gathering file names its neighbours: relative where it does so."""
    text = editor.original
    package = editor.module
    if editor.path.name == "__init__.py" and "from ." in text and f"from {package}." not in text:
        return "." + place.module.removeprefix(f"{package}.")
    return place.module


def _with_name(workbench: Workbench, node: cst.List | cst.Tuple, literal: str) -> cst.BaseExpression:
    names = [code_of(element.value) for element in node.elements]
    is_sorted = names == sorted(names)
    position = len([name for name in names if name < literal]) if is_sorted else len(names)
    if "\n" in code_of(node):
        as_tuple = cst.Tuple(elements=node.elements)
        return node.with_changes(
            elements=insert_element(as_tuple, position, literal, workbench.style.line_length).elements
        )
    names.insert(position, literal)
    opening, closing = ("[", "]") if isinstance(node, cst.List) else ("(", ")")
    text = f"{opening}{', '.join(names)}{closing}"
    if len(f"__all__ = {text}") > workbench.style.line_length:
        text = opening + "\n" + "".join(f"    {name},\n" for name in names) + closing
    return cst.parse_expression(text)


def _import_module(workbench: Workbench, path: Path) -> None:
    """Import a new module in its package, so that whoever imports the package has its tables."""
    package = path.parent / "__init__.py"
    if not (workbench.tree / package).exists():
        workbench.notes.append(f"{path.as_posix()} must be imported where the other models are")
        return
    editor = workbench.edit(package)
    module = workbench.edit(path).module
    names = [place.name for place in workbench.places.values() if place.path == path]
    for name in names:
        line = cst.parse_statement(f"from {module} import {name}  # noqa: F401")
        editor.cst = editor.cst.with_changes(body=[*editor.cst.body, line])
    if not names:
        line = cst.parse_statement(f"import {module}  # noqa: F401")
        editor.cst = editor.cst.with_changes(body=[*editor.cst.body, line])


def withdraw(workbench: Workbench, place: Place) -> None:
    """Take a class that is gone out of imports and `__all__` of every file of models and of the gathering one."""
    names = {model.file.path for model in workbench.repository.models}
    gathering = _find_gathering(workbench)
    for path in sorted(names | ({gathering} if gathering else set())):
        editor = workbench.edit(path)
        changed = editor.cst.visit(_Withdrawal(place.name))
        assert isinstance(changed, cst.Module)  # noqa: S101 (a module stays one)
        editor.cst = changed


class _Withdrawal(cst.CSTTransformer):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        """An import without the name; one that imported nothing else goes."""
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = [item for item in updated_node.names if code_of(item.name) != self.name]
        if len(kept) == len(updated_node.names):
            return updated_node
        if not kept:
            return cst.RemoveFromParent()
        if kept[-1] is not updated_node.names[-1]:
            kept[-1] = kept[-1].with_changes(comma=updated_node.names[-1].comma)
        return updated_node.with_changes(names=kept)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> cst.BaseSmallStatement:
        """`__all__` without the name."""
        if code_of(updated_node.targets[0].target) != "__all__":
            return updated_node
        value = updated_node.value
        if not isinstance(value, (cst.List, cst.Tuple)):
            return updated_node
        kept = [item for item in value.elements if code_of(item.value).strip("\"'") != self.name]
        if kept and kept[-1] is not value.elements[-1]:
            kept[-1] = kept[-1].with_changes(comma=value.elements[-1].comma)
        return updated_node.with_changes(value=value.with_changes(elements=kept))
