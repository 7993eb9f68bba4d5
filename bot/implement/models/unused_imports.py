"""Imports that nothing uses any more since the module was changed."""

from __future__ import annotations

import ast
import re

import libcst as cst

from bot.implement.models.class_body import code_of


def drop_unused(module: cst.Module, original: str) -> cst.Module:
    """The module without the imported names that its original text used and that nothing uses any more."""
    used_before, used_now = _used_names(original), _used_names(module.code)
    gone = used_before - used_now
    if not gone:
        return module
    changed = module.visit(_Unused(gone))
    assert isinstance(changed, cst.Module)  # noqa: S101 (a module stays one)
    return changed


def _used_names(text: str) -> set[str]:
    """Every name that is read, and every word in a string: it may be an annotation."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            used |= set(re.findall(r"\w+", node.value))
    return used


class _Unused(cst.CSTTransformer):
    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        """An import without those names; one that imported nothing else goes."""
        if isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = [item for item in updated_node.names if _bound_name(item) not in self.names]
        if len(kept) == len(updated_node.names):
            return updated_node
        if not kept:
            return cst.RemoveFromParent()
        if kept[-1] is not updated_node.names[-1]:
            kept[-1] = kept[-1].with_changes(comma=updated_node.names[-1].comma)
        return updated_node.with_changes(names=kept)


def _bound_name(item: cst.ImportAlias) -> str:
    return code_of(item.asname.name) if item.asname is not None else code_of(item.name)
