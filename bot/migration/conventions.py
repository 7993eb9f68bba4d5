"""How a repository writes its revisions, learned from its files without running any of them."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import MigrationsConfig, RepositoryConfig
from bot.migration.project import DEFAULT_FILE_TEMPLATE, DEFAULT_SLUG_LENGTH, AlembicProject
from bot.migration.python_layout import Quote
from bot.migration.text_files import find_text

DEFAULT_LINE_LENGTH = 88  # of black and of ruff
MAX_FILE_BYTES = 256 * 1024
STYLE_FILES = 8
_QUOTES: dict[object, Quote] = {"single": "'", "double": '"'}


@dataclass(frozen=True, slots=True)
class RevisionConventions:
    """What a new revision must be like.

    `directory` is relative to the tree. `template` is the text of script.py.mako, None when there is none.
    `last_number` is the greatest revision id where ids are counted (0001, 0002 …), with its width. `autocommit` says
    whether a statement can be run outside of env.py's transaction. `databases` are those of `alembic init -t multidb`,
    the one that is migrated first. `default_schema` is the one in which env.py works, when that is not `public`: its
    name is not written. `migrations` is what the repository asks for.
    """

    directory: Path
    template: str | None = None
    file_template: str = DEFAULT_FILE_TEMPLATE
    truncate_slug_length: int = DEFAULT_SLUG_LENGTH
    timezone: str | None = None
    quote: Quote = '"'
    line_length: int = DEFAULT_LINE_LENGTH
    last_number: tuple[int, int] | None = None
    autocommit: bool = True
    databases: tuple[str, ...] = ()
    default_schema: str | None = None
    migrations: MigrationsConfig = field(default_factory=MigrationsConfig)


@dataclass(frozen=True, slots=True)
class _Revision:
    path: Path
    id: str
    text: str


def read_conventions(
    tree: Path, project: AlembicProject, down_revision: str | None = None, config: RepositoryConfig | None = None
) -> RevisionConventions:
    """The conventions of the repository whose files lie under `tree`, and what its config says of migrations.

    Of several versions folders, the one that holds `down_revision` takes the new revision.
    """
    revisions = [revision for folder in project.version_locations for revision in _read_revisions(tree, folder)]
    formatters = list(_read_formatters(tree, project.directory))
    return RevisionConventions(
        directory=_choose_directory(tree, project, revisions, down_revision),
        template=find_text(tree / project.template_file, MAX_FILE_BYTES),
        file_template=project.file_template,
        truncate_slug_length=project.truncate_slug_length,
        timezone=project.timezone,
        quote=_find_quote_style(formatters) or _find_quote(revisions),
        line_length=_find_line_length(formatters),
        last_number=_find_last_number(revisions),
        autocommit=not _has_outer_transaction(find_text(tree / project.env_file, MAX_FILE_BYTES) or ""),
        databases=tuple(sorted(project.databases, key=lambda name: name != project.database)),
        migrations=(config or RepositoryConfig()).migrations,
    )


def _read_revisions(tree: Path, folder: Path) -> Iterator[_Revision]:
    for path in sorted((tree / folder).rglob("*.py")):
        text = find_text(path, MAX_FILE_BYTES)
        match = re.search(r"^revision(?:\s*:[^=\n]+)?\s*=\s*['\"]([^'\"\n]+)['\"]", text or "", re.MULTILINE)
        if text is not None and match:
            yield _Revision(path.relative_to(tree), match[1], text)


def _choose_directory(
    tree: Path, project: AlembicProject, revisions: list[_Revision], down_revision: str | None
) -> Path:
    for revision in revisions:
        if revision.id == down_revision:
            home = (location for location in project.version_locations if revision.path.is_relative_to(location))
            return next(home)
    return project.version_locations[0]


def _find_quote(revisions: list[_Revision]) -> Quote:
    """The quotes that the latest revisions use; double ones, as formatters write them, when there is nothing to see."""
    single = double = 0
    for revision in revisions[-STYLE_FILES:]:
        code = re.sub(r'"""[\s\S]*?"""|#.*', "", revision.text)
        single += len(re.findall(r"'[\w.]+'", code))
        double += len(re.findall(r'"[\w.]+"', code))
    return "'" if single > double else '"'


def _read_formatters(tree: Path, directory: Path) -> Iterator[dict[str, object]]:
    """The options of ruff and black, the nearest file first."""
    for folder in dict.fromkeys((directory, *directory.parents, Path())):
        for name in ("ruff.toml", ".ruff.toml", "pyproject.toml"):
            try:
                content = tomllib.loads(find_text(tree / folder / name, MAX_FILE_BYTES) or "")
            except tomllib.TOMLDecodeError:
                continue
            tool = content.get("tool") if name == "pyproject.toml" else {"ruff": content}
            tables = [tool.get(key) for key in ("ruff", "black")] if isinstance(tool, dict) else []
            yield from (table for table in tables if isinstance(table, dict))


def _find_line_length(formatters: Sequence[dict[str, object]]) -> int:
    lengths = (options.get("line-length") for options in formatters)
    fitting = (length for length in lengths if isinstance(length, int) and 60 <= length <= 320)
    return next(fitting, DEFAULT_LINE_LENGTH)


def _find_quote_style(formatters: Sequence[dict[str, object]]) -> Quote | None:
    """https://docs.astral.sh/ruff/settings/#format_quote-style"""
    formats = (options.get("format") for options in formatters)
    styles = (table.get("quote-style") for table in formats if isinstance(table, dict))
    return next((_QUOTES[style] for style in styles if style in _QUOTES), None)


def _find_last_number(revisions: list[_Revision]) -> tuple[int, int] | None:
    """The last of counted ids and its width, when (almost) all ids are such."""
    numbers = [revision.id for revision in revisions if re.fullmatch(r"\d{2,6}", revision.id)]
    if len(numbers) < 2 or len(numbers) < len(revisions) - 1:
        return None
    values = sorted(int(number) for number in numbers)
    if values[-1] - values[0] > 2 * len(values):
        return None
    return values[-1], len(max(numbers, key=int))


def _has_outer_transaction(env: str) -> bool:
    """Whether env.py opens the transaction itself (`with engine.begin() as connection`): then Alembic cannot end it.

    `init -t multidb` does so too, by `conn.begin()`, to commit all databases together.
    """
    try:
        tree = ast.parse(env)
    except (SyntaxError, ValueError, RecursionError):
        return False
    for node in ast.walk(tree):
        function = node.func if isinstance(node, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr in ("begin", "begin_twophase"):
            return True
    return False
