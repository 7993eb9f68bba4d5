"""Look at files and folders, write new files, change existing ones: the API's own text editor tool.

https://platform.claude.com/docs/en/agents-and-tools/tool-use/text-editor-tool
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, TypeAdapter

from bot.implement.claude.place import Place
from bot.implement.claude.tools.bounds import VIEW_CHARACTERS
from bot.implement.claude.tools.paths import read_path, read_writable_path
from bot.implement.claude.tools.result import ToolError, ToolResult
from bot.workspace.git_errors import GitError
from bot.workspace.tree_files import open_file, write_file

DEFINITION = {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool", "max_characters": VIEW_CHARACTERS}

MAX_FILE_BYTES = 1 << 20
MAX_ENTRIES = 400
DEPTH = 2
HIDDEN = frozenset({".git", "__pycache__", "node_modules", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv"})


class View(BaseModel):
    """Shows a file with its lines' numbers, or a folder two levels deep."""

    command: Literal["view"]
    path: str
    view_range: tuple[int, int] | None = None


class Create(BaseModel):
    """Writes a file, in place of one that is there."""

    command: Literal["create"]
    path: str
    file_text: str = Field(max_length=MAX_FILE_BYTES)


class Replace(BaseModel):
    """Replaces a text that stands in the file exactly once."""

    command: Literal["str_replace"]
    path: str
    old_str: str = Field(min_length=1)
    new_str: str = ""


class Insert(BaseModel):
    """Inserts a text after a line."""

    command: Literal["insert"]
    path: str
    insert_line: int = Field(ge=0)
    insert_text: str


Edit = Annotated[View | Create | Replace | Insert, Field(discriminator="command")]
_ADAPTER: TypeAdapter[View | Create | Replace | Insert] = TypeAdapter(Edit)


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Does the one command. Raises `ToolError`."""
    edit = _ADAPTER.validate_python(given)
    if isinstance(edit, View):
        path = read_path(place, edit.path)
        text = _show_folder(place, path) if (place.tree.path / path).is_dir() else _show_file(place, path, edit)
        return ToolResult(text, limit_characters=VIEW_CHARACTERS)
    path = read_writable_path(place, edit.path)
    if isinstance(edit, Create):
        _write(place, path, edit.file_text)
        return ToolResult(f"{path} is written ({len(edit.file_text.splitlines())} lines)")
    text = _read(place, path)
    _write(place, path, _replace(text, edit) if isinstance(edit, Replace) else _insert(text, edit))
    return ToolResult(f"{path} is changed")


def _replace(text: str, edit: Replace) -> str:
    found = text.count(edit.old_str)
    if found != 1:
        why = "does not stand in the file" if not found else f"stands in the file {found} times: take in more around it"
        raise ToolError(f"old_str {why}; nothing was changed")
    return text.replace(edit.old_str, edit.new_str)


def _insert(text: str, edit: Insert) -> str:
    lines = text.splitlines(keepends=True)
    if edit.insert_line > len(lines):
        raise ToolError(f"the file has {len(lines)} lines only; nothing was changed")
    if edit.insert_line and not lines[edit.insert_line - 1].endswith("\n"):
        lines[edit.insert_line - 1] += "\n"
    added = edit.insert_text if edit.insert_text.endswith("\n") else f"{edit.insert_text}\n"
    return "".join([*lines[: edit.insert_line], added, *lines[edit.insert_line :]])


def _show_file(place: Place, path: str, view: View) -> str:
    lines = _read(place, path).splitlines()
    first, last = view.view_range or (1, -1)
    last = len(lines) if last == -1 else min(last, len(lines))
    if first < 1 or (first > last and lines):
        raise ToolError(f"the file has {len(lines)} lines: {first} to {last} is no range of them")
    return "\n".join(f"{number:>6}\t{lines[number - 1]}" for number in range(first, last + 1)) or "(an empty file)"


def _show_folder(place: Place, path: str) -> str:
    names = list(_list(place, path, DEPTH))
    more = [f"… and {len(names) - MAX_ENTRIES} more"] if len(names) > MAX_ENTRIES else []
    return "\n".join([*names[:MAX_ENTRIES], *more]) or "(an empty folder)"


def _list(place: Place, path: str, depth: int) -> Iterator[str]:
    with os.scandir(place.tree.path / path) as items:
        entries = sorted(items, key=lambda entry: entry.name)
    for entry in entries:
        name = f"{path}/{entry.name}" if path else entry.name
        if entry.name in HIDDEN:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield f"{name}/"
            if depth > 1:
                yield from _list(place, name, depth - 1)
        else:
            yield f"{name} (a link)" if entry.is_symlink() else name


def _read(place: Place, path: str) -> str:
    try:
        with open_file(place.tree.path, path) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except (FileNotFoundError, GitError) as error:
        raise ToolError(f"there is no file {path}") from error
    if len(content) > MAX_FILE_BYTES:
        raise ToolError(f"{path} has more than {MAX_FILE_BYTES:,} bytes")
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise ToolError(f"{path} is no text") from error


def _write(place: Place, path: str, text: str) -> None:
    target = place.tree.path / path
    is_executable = target.is_file() and os.access(target, os.X_OK)
    try:
        write_file(place.tree.path, path, [text.encode(errors="replace")], executable=is_executable)
    except GitError as error:
        raise ToolError(str(error)) from error
