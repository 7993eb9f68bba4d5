"""The repository's post-write hooks (black, ruff …), run on revisions that were written.

They are programs of the repository's environment and run in the sandbox. What they leave is taken only when it does
the same as before: layout, quotes, order of imports and annotations are theirs to choose, and nothing else.
https://alembic.sqlalchemy.org/en/latest/autogenerate.html#applying-post-processing-and-python-code-formatters-to-generated-revisions
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.migration.alembic_runner import AlembicRunner
from bot.migration.errors import MigrationError
from bot.migration.revision_file import RevisionFile
from bot.workspace.tree_files import open_file

MAX_GROWTH = 4
_OF_ANNOTATIONS = frozenset({"typing", "collections.abc", "__future__"})


def run_hooks(runner: AlembicRunner, files: Sequence[RevisionFile]) -> tuple[RevisionFile, ...]:
    """The files, which stand in the tree, as the hooks leave them. The tree may hold anything afterwards: make it anew.

    A hook that fails or that changes what a revision does leaves the files as they are, with a note that says so.
    """
    if not runner.project.hooks:
        return tuple(files)
    names = ", ".join(runner.project.hooks)
    try:
        runner.run_hooks([file.path for file in files])
    except MigrationError as error:
        note = f"the post-write hooks ({names}) could not be run: {str(error).splitlines()[0]}"
        return tuple(replace(file, notes=(*file.notes, note)) for file in files)
    return tuple(_take(runner, file, names) for file in files)


def _take(runner: AlembicRunner, file: RevisionFile, names: str) -> RevisionFile:
    text = _read(runner, file)
    if text is not None and does_the_same(file.text, text):
        return replace(file, text=text)
    note = f"the post-write hooks ({names}) would change what the revision does; it is as it was before them"
    return replace(file, notes=(*file.notes, note))


def _read(runner: AlembicRunner, file: RevisionFile) -> str | None:
    limit = len(file.text.encode()) * MAX_GROWTH
    try:
        with open_file(runner.workspace.tree.path, file.path.as_posix()) as stream:
            content = stream.read(limit + 1)
        return content.decode() if len(content) <= limit else None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def does_the_same(before: str, after: str) -> bool:
    """Whether two texts of a module differ in layout, order of imports, annotations and docstrings alone."""
    try:
        old, new = ast.parse(before), ast.parse(after)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return list(_list_statements(old)) == list(_list_statements(new)) and _list_imports(new) <= _list_imports(old)


def _list_statements(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            for argument in node.args.args:
                argument.annotation = None
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
    for item in module.body:
        if isinstance(item, ast.AnnAssign):
            yield ast.dump(ast.Assign([item.target], item.value or ast.Constant(None)))
        elif not isinstance(item, (ast.Import, ast.ImportFrom)):
            is_docstring = isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant)
            yield "" if is_docstring else ast.dump(item)


def _list_imports(module: ast.Module) -> set[tuple[str, str, str]]:
    """(module, name, as), without what annotations need. A hook may take away one that is not used, and add none."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            origin = f"{'.' * node.level}{node.module or ''}" if isinstance(node, ast.ImportFrom) else ""
            found |= {(origin, name.name, name.asname or "") for name in node.names}
    return {item for item in found if item[0] not in _OF_ANNOTATIONS}
