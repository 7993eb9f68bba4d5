"""What a repository asks to be installed: found by the files that projects have, or named in its config."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXTRAS = ("dev", "test", "tests", "testing")
REQUIREMENTS = ("requirements.txt", "requirements/base.txt", "requirements/common.txt")
DEVELOPMENT = tuple(
    pattern.format(name)
    for name in EXTRAS
    for pattern in ("requirements-{}.txt", "requirements_{}.txt", "{}-requirements.txt", "requirements/{}.txt")
)
PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")
MAX_FILE_BYTES = 20 * 2**20
_INCLUDE = re.compile(r"^\s*(?:-r|-c|--requirement|--constraint)[\s=]+(\S+)", re.MULTILINE)
_PROJECT = re.compile(r"\.(?:\[([\w\s,.-]+)\])?")
_PYTEST = re.compile(r"^\s*pytest\b(?!-)", re.MULTILINE | re.IGNORECASE)


class NothingToInstall(Exception):
    """The repository does not say what it needs, or says it in a way that is not understood; the message tells."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """`command` and `arguments` are uv's; `files` are those that the result depends on, relative to the tree."""

    command: str
    arguments: tuple[str, ...]
    files: tuple[Path, ...]


def read_requirements(tree: Path, install: Sequence[str] | None) -> Requirements:
    """What to install: what `install` names, else uv.lock, else requirement files, else the project itself.

    Raises `NothingToInstall`.
    """
    if install is not None:
        return _make_pip(tree, [argument for item in install for argument in _read_item(tree, item)])
    if _is_file(tree, "uv.lock"):
        return _make_sync(tree)
    chosen = [name for name in (*REQUIREMENTS, *DEVELOPMENT) if _is_file(tree, name)]
    project = next((name for name in PROJECT_FILES if _is_file(tree, name)), None)
    arguments = [word for name in chosen for word in ("-r", name)]
    if project and not any(_PYTEST.search(read_text(tree, Path(name))) for name in chosen):
        arguments += _make_project_arguments(tree, project, with_dependencies=not chosen)
    if not arguments:
        raise NothingToInstall(
            "There is no uv.lock, requirements.txt, pyproject.toml, setup.py or setup.cfg at the root of the "
            "repository; name what to install with `install` in .github/specwright.yml."
        )
    return _make_pip(tree, arguments)


def read_pyproject(tree: Path) -> dict[str, Any]:
    """The content of pyproject.toml, empty when there is none or it is no TOML."""
    if not _is_file(tree, "pyproject.toml"):
        return {}
    try:
        return tomllib.loads(read_text(tree, Path("pyproject.toml")))
    except tomllib.TOMLDecodeError:
        return {}  # uv will say what is wrong with it


def is_package(tree: Path) -> bool:
    """Whether the repository says how it is built (https://peps.python.org/pep-0517/), or has a setup.py."""
    return "build-system" in read_pyproject(tree) or _is_file(tree, "setup.py")


def read_text(tree: Path, path: Path) -> str:
    """The text of a file of the tree. Raises `NothingToInstall` when it is too large to be what it should be."""
    if (tree / path).stat().st_size > MAX_FILE_BYTES:
        raise NothingToInstall(f"{path} is larger than {MAX_FILE_BYTES // 2**20} MiB")
    return (tree / path).read_text(encoding="utf-8", errors="replace")


def _read_item(tree: Path, item: str) -> list[str]:
    """The arguments for one item of the config's `install`. It must be no option: uv has some that run programs."""
    project = _PROJECT.fullmatch(item)
    if project:
        extras = [extra.strip() for extra in (project[1] or "").split(",") if extra.strip()]
        name = next((name for name in PROJECT_FILES if _is_file(tree, name)), None)
        if name is None:
            raise NothingToInstall(f"`install` names {item!r}, but there is no pyproject.toml, setup.py or setup.cfg.")
        return ["-r", name, *(word for extra in extras for word in ("--extra", extra))]
    if not item.startswith("-") and _is_file(tree, item):
        return ["-r", item]
    raise NothingToInstall(f"`install` names {item!r}: it must be a requirement file of the repository or '.[extra]'.")


def _make_sync(tree: Path) -> Requirements:
    table = read_pyproject(tree)
    arguments = ["--frozen", "--no-install-workspace"]
    for extra in _list_names(table.get("project"), "optional-dependencies"):
        arguments += ["--extra", extra]
    for group in _list_names(table, "dependency-groups"):
        arguments += ["--group", group]
    return Requirements("sync", tuple(arguments), _list_files(tree, ["uv.lock"]))


def _make_project_arguments(tree: Path, project: str, *, with_dependencies: bool) -> list[str]:
    table = read_pyproject(tree)
    extras = _list_names(table.get("project"), "optional-dependencies")
    groups = _list_names(table, "dependency-groups")
    arguments = ["-r", project] if with_dependencies or extras else []
    arguments += [word for extra in extras for word in ("--extra", extra)]
    return arguments + [word for group in groups for word in ("--group", group)]


def _make_pip(tree: Path, arguments: Sequence[str]) -> Requirements:
    if not arguments:
        raise NothingToInstall("`install` in .github/specwright.yml is empty.")
    named = [word for word, before in zip(arguments, ["", *arguments], strict=False) if before == "-r"]
    return Requirements("pip install", tuple(arguments), _list_files(tree, named))


def _list_names(table: object, key: str) -> list[str]:
    """Those of our names for development dependencies that the table has."""
    names = table.get(key) if isinstance(table, dict) else None
    return [name for name in EXTRAS if isinstance(names, dict) and name in names]


def _list_files(tree: Path, named: Sequence[str]) -> tuple[Path, ...]:
    """The named files, those that they include, and those that dynamic metadata may read."""
    found: dict[Path, None] = {}
    waiting = [*named, *PROJECT_FILES, *REQUIREMENTS, ".python-version"]
    while waiting:
        name = waiting.pop(0)
        path = Path(name)
        if path not in found and _is_file(tree, name):
            found[path] = None
            if path.suffix in (".txt", ".in"):
                waiting += [str(path.parent / include) for include in _find_includes(tree, path)]
    return tuple(found)


def _find_includes(tree: Path, path: Path) -> Iterator[str]:
    for match in _INCLUDE.finditer(read_text(tree, path)):
        yield match[1]


def _is_file(tree: Path, name: str) -> bool:
    """Whether it is a file in the tree, after all links."""
    path = (tree / name).resolve()
    return path.is_relative_to(tree.resolve()) and path.is_file()
