"""The body of a class as a list that statements are found in, put into and taken out of; the rest stays as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

Statement = cst.BaseStatement | cst.BaseSmallStatement
COLUMN_CALLS = {"Column", "mapped_column"}
RELATIONSHIP_CALLS = {"relationship", "association_proxy", "column_property", "synonym"}


def code_of(node: cst.CSTNode) -> str:
    """The source of a node, its continuation lines as if it stood at no indentation."""
    return cst.Module(body=[]).code_for_node(node)


def call_name(node: cst.CSTNode | None) -> str:
    """The last part of the name that is called; empty for what is no call."""
    return code_of(node.func).rpartition(".")[2] if isinstance(node, cst.Call) else ""


def assigned(statement: cst.CSTNode) -> tuple[str, cst.BaseExpression | None, cst.Annotation | None] | None:
    """(attribute, value, annotation) of a statement that assigns to one name."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    node = statement.body[0]
    if isinstance(node, cst.AnnAssign) and isinstance(node.target, cst.Name):
        return node.target.value, node.value, node.annotation
    if isinstance(node, cst.Assign) and len(node.targets) == 1 and isinstance(node.targets[0].target, cst.Name):
        return node.targets[0].target.value, node.value, None
    return None


def statements(node: cst.ClassDef) -> tuple[cst.BaseStatement, ...]:
    """The statements of a class that is written in lines."""
    return tuple(item for item in node.body.body if isinstance(item, cst.BaseStatement))


def find_statement(node: cst.ClassDef, attribute: str) -> cst.SimpleStatementLine | None:
    """The statement that assigns the attribute."""
    for statement in statements(node):
        found = assigned(statement)
        if found is not None and found[0] == attribute and isinstance(statement, cst.SimpleStatementLine):
            return statement
    return None


def attributes(node: cst.ClassDef) -> Iterator[str]:
    """Every name that the body binds."""
    for statement in statements(node):
        found = assigned(statement)
        if found is not None:
            yield found[0]
        elif isinstance(statement, cst.FunctionDef):
            yield statement.name.value


def replace_statement(node: cst.ClassDef, old: cst.BaseStatement, new: cst.BaseStatement | None) -> cst.ClassDef:
    """The class with another statement in place of `old`, or without it (then its body is never left empty)."""
    body: list[cst.BaseStatement] = []
    for item in statements(node):
        if item is not old:
            body.append(item)
        elif new is not None:
            body.append(new)
    if not body:
        body.append(cst.parse_statement("pass"))
    return node.with_changes(body=node.body.with_changes(body=body))


def remove_statement(node: cst.ClassDef, attribute: str) -> cst.ClassDef:
    """The class without the attribute; a line that stood empty before it stays before the next one."""
    old = find_statement(node, attribute)
    if old is None:
        return node
    items = list(statements(node))
    index = items.index(old)
    if index + 1 < len(items) and _blank_lines(old) and not _blank_lines(items[index + 1]):
        following = items[index + 1]
        changed = following.with_changes(leading_lines=[*old.leading_lines[:1], *_leading(following)])
        node = replace_statement(node, following, changed)
    return replace_statement(node, old, None)


def insert_column(node: cst.ClassDef, source: str) -> cst.ClassDef:
    """A new column behind the last one; in a class without columns behind its table's name and arguments."""
    return (
        _insert_behind(node, source, _is_column) or _insert_behind(node, source, _is_setting) or _append(node, source)
    )


def insert_relationship(node: cst.ClassDef, source: str) -> cst.ClassDef:
    """A new relationship behind the last one, else behind the columns with an empty line between."""
    found = _insert_behind(node, source, _is_relationship)
    return found or _insert_behind(node, source, _is_column, blank=True) or _append(node, source)


def insert_setting(node: cst.ClassDef, source: str) -> cst.ClassDef:
    """`__table_args__` behind `__tablename__`, else at the top."""
    found = _insert_behind(node, source, lambda item: (assigned(item) or ("",))[0] == "__tablename__")
    if found is not None:
        return found
    items = list(statements(node))
    position = 1 if items and _is_docstring(items[0]) else 0
    return node.with_changes(body=node.body.with_changes(body=[*items[:position], _parse(source), *items[position:]]))


def _insert_behind(
    node: cst.ClassDef, source: str, matches: Callable[[cst.BaseStatement], bool], *, blank: bool = False
) -> cst.ClassDef | None:
    items = list(statements(node))
    indexes = [index for index, item in enumerate(items) if matches(item)]
    if not indexes:
        return None
    new = _parse(source)
    if blank:
        new = new.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    items.insert(indexes[-1] + 1, new)
    following = items[indexes[-1] + 2 :]
    if blank and following and not _blank_lines(following[0]):
        spaced = following[0].with_changes(leading_lines=[cst.EmptyLine(indent=False), *_leading(following[0])])
        items[indexes[-1] + 2] = spaced
    return node.with_changes(body=node.body.with_changes(body=items))


def _append(node: cst.ClassDef, source: str) -> cst.ClassDef:
    items = [item for item in statements(node) if code_of(item).strip() not in {"pass", "..."}]
    return node.with_changes(body=node.body.with_changes(body=[*items, _parse(source)]))


def _parse(source: str) -> cst.BaseStatement:
    statement = cst.parse_statement(source)
    assert isinstance(statement, cst.BaseStatement)  # noqa: S101 (no compound statement is ever written here)
    return statement


def _is_column(statement: cst.BaseStatement) -> bool:
    found = assigned(statement)
    if found is None:
        return False
    if found[1] is None:
        return found[2] is not None and code_of(found[2].annotation).startswith(
            ("Mapped[", "orm.Mapped[", "so.Mapped[")
        )
    return call_name(found[1]) in COLUMN_CALLS


def _is_relationship(statement: cst.BaseStatement) -> bool:
    found = assigned(statement)
    return found is not None and call_name(found[1]) in RELATIONSHIP_CALLS


def _is_setting(statement: cst.BaseStatement) -> bool:
    found = assigned(statement)
    return found is not None and found[0] in {"__tablename__", "__table_args__"}


def _is_docstring(statement: cst.BaseStatement) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Expr)


def _leading(statement: cst.BaseStatement) -> list[cst.EmptyLine]:
    return list(getattr(statement, "leading_lines", ()))


def _blank_lines(statement: cst.BaseStatement) -> bool:
    return any(line.comment is None for line in _leading(statement))
