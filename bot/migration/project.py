"""Where a repository keeps its Alembic set-up, read from ini or pyproject without running any of its code."""

from __future__ import annotations

import configparser
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bot.config import RepositoryConfig
from bot.migration.errors import AmbiguousAlembic, BrokenAlembic, NoAlembic

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
DEFAULT_SLUG_LENGTH = 40
SEARCH_DEPTH = 4
SKIPPED_FOLDERS = {"node_modules", "venv", "env", "site-packages", "__pycache__", "build", "dist", "tests", "test"}
MAX_CONFIG_BYTES = 1 << 20
_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}


@dataclass(frozen=True, slots=True)
class AlembicProject:
    """An Alembic set-up. Every path is relative to the tree, with "." for the tree itself.

    `directory` is where `alembic` is to be run: relative locations of the ini file are meant from there.
    `url` is the ini's `sqlalchemy.url`, often a placeholder. `section` is the ini's main section.
    `hooks` are the names of post-write hooks. `is_flask` says that it is Flask-Migrate's, whose ini names no location.
    `databases` are those of `alembic init -t multidb`, none in a set-up of one; `database` is the one to work on.
    """

    config_file: Path
    section: str
    directory: Path
    script_location: Path
    version_locations: tuple[Path, ...]
    file_template: str = DEFAULT_FILE_TEMPLATE
    truncate_slug_length: int = DEFAULT_SLUG_LENGTH
    timezone: str | None = None
    output_encoding: str = "utf-8"
    recursive_version_locations: bool = False
    prepend_sys_path: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    url: str | None = None
    is_flask: bool = False
    databases: tuple[str, ...] = ()
    database: str | None = None

    @property
    def env_file(self) -> Path:
        """The repository's env.py."""
        return self.script_location / "env.py"

    @property
    def template_file(self) -> Path:
        """The repository's script.py.mako."""
        return self.script_location / "script.py.mako"

    @property
    def is_toml(self) -> bool:
        """Whether the set-up stands in pyproject.toml and not in an ini file."""
        return self.config_file.suffix == ".toml"


def find_project(tree: Path, config: RepositoryConfig) -> AlembicProject:
    """The Alembic set-up of the files under `tree`.

    Raises `NoAlembic`, `AmbiguousAlembic` (several, none named by `alembic.config`) or `BrokenAlembic`.
    The keys are those of https://alembic.sqlalchemy.org/en/latest/tutorial.html#editing-the-ini-file.
    """
    config_file = _choose_config_file(tree, config.alembic.config, config.alembic.name)
    options = _read_options(tree, config_file, config.alembic.name)
    location = options.text("script_location")
    directory, script_location = _locate(tree, config_file, location)
    if not (tree / script_location / "env.py").is_file():
        raise BrokenAlembic(f"{config_file} names script_location {str(script_location)!r}, but no env.py is in it")
    named = options.words("version_locations", legacy=r",\s*|\s+")
    versions = tuple(_relative(tree, directory, item) for item in named) or (script_location / "versions",)
    databases = tuple(part for part in re.split(r",\s*", options.text("databases") or "") if part)
    return AlembicProject(
        config_file=config_file,
        section=config.alembic.name,
        directory=directory,
        script_location=script_location,
        version_locations=versions,
        file_template=options.text("file_template") or DEFAULT_FILE_TEMPLATE,
        truncate_slug_length=options.number("truncate_slug_length") or DEFAULT_SLUG_LENGTH,
        timezone=options.text("timezone"),
        output_encoding=options.text("output_encoding") or "utf-8",
        recursive_version_locations=options.flag("recursive_version_locations"),
        prepend_sys_path=options.words("prepend_sys_path", legacy=r",\s*|\s+|:"),
        hooks=options.hooks,
        url=options.text("sqlalchemy.url"),
        is_flask=not location,
        databases=databases,
        database=_choose_database(databases, config.alembic.database),
    )


def _choose_database(databases: tuple[str, ...], named: str | None) -> str | None:
    """A migration is proved in one database; of several the repository must say which."""
    names = ", ".join(databases)
    if named is not None and named not in databases:
        raise BrokenAlembic(f"`alembic.database` names {named!r}, but the set-up's databases are: {names or 'none'}")
    if len(databases) > 1 and named is None:
        raise AmbiguousAlembic(
            f"the set-up has several databases ({names}); name the one that Specwright works on with the key "
            "`alembic.database` in .github/specwright.yml"
        )
    return named or next(iter(databases), None)


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of one config file, from either syntax, `%(here)s` and the like already filled in."""

    file: Path
    values: Mapping[str, object]
    hooks: tuple[str, ...]

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        return None if value is None else str(value)

    def number(self, key: str) -> int | None:
        text = self.text(key)
        if text is None:
            return None
        try:
            return int(text)
        except ValueError as error:
            raise BrokenAlembic(f"{self.file}: {key} must be a whole number, not {text!r}") from error

    def flag(self, key: str) -> bool:
        return self.values.get(key) in (True, "true")

    def words(self, key: str, legacy: str) -> tuple[str, ...]:
        """A list of paths: a TOML list, or ini text split as `path_separator` says (`legacy` when it does not)."""
        value = self.values.get(key)
        if isinstance(value, list):
            return tuple(str(item) for item in value)
        if not value:
            return ()
        name = self.text("path_separator") or (key == "version_locations" and self.text("version_path_separator"))
        if name and name not in _SEPARATORS:
            raise BrokenAlembic(f"{self.file}: path_separator must be one of {', '.join(_SEPARATORS)}, not {name!r}")
        parts = str(value).split(_SEPARATORS[name]) if name else re.split(legacy, str(value))
        return tuple(part.strip() for part in parts if part.strip())


def _choose_config_file(tree: Path, named: str | None, section: str) -> Path:
    if named is not None:
        path = PurePosixPath(named)
        if path.is_absolute() or ".." in path.parts or not (tree / path).is_file():
            raise NoAlembic(f"`alembic.config` names {named!r}, but there is no such file in the repository")
        return Path(path)
    candidates = sorted(_find_config_files(tree, section), key=lambda path: (len(path.parts), path.as_posix()))
    if not candidates:
        raise NoAlembic(
            "no alembic.ini and no [tool.alembic] in a pyproject.toml was found; run `alembic init`, "
            "or name the file with the key `alembic.config` in .github/specwright.yml"
        )
    nearest = [path for path in candidates if len(path.parts) == len(candidates[0].parts)]
    if len(nearest) > 1:
        names = ", ".join(path.as_posix() for path in nearest)
        raise AmbiguousAlembic(
            f"there are several Alembic set-ups ({names}); name one with the key `alembic.config` "
            "in .github/specwright.yml"
        )
    return nearest[0]


def _find_config_files(tree: Path, section: str) -> Iterator[Path]:
    """One config file a folder: an ini file wins over pyproject.toml, as it does for Alembic."""
    for folder in _folders(tree):
        for name in ("alembic.ini", "pyproject.toml"):
            path = folder / name
            if path.is_file() and not path.is_symlink() and _is_config(path, section):
                yield path.relative_to(tree)
                break


def _folders(tree: Path) -> Iterator[Path]:
    for root, folders, _files in os.walk(tree):
        path = Path(root)
        yield path
        deep = len(path.relative_to(tree).parts) >= SEARCH_DEPTH
        folders[:] = [] if deep else sorted(f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("."))


def _is_config(path: Path, section: str) -> bool:
    try:
        text = _read_text(path)
    except BrokenAlembic:
        return False
    if path.suffix == ".toml":
        return re.search(r"^\s*\[tool\.alembic\]", text, re.MULTILINE) is not None
    return re.search(rf"^\[{re.escape(section)}\]", text, re.MULTILINE) is not None


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise BrokenAlembic(f"{path.name} is larger than {MAX_CONFIG_BYTES} bytes")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenAlembic(f"{path.name} cannot be read: {error}") from error


def _read_options(tree: Path, config_file: Path, section: str) -> _Options:
    """Options of the file; an alembic.ini is completed by the pyproject.toml beside it, as Alembic 1.16 does."""
    if config_file.suffix == ".toml":
        return _read_toml(tree, config_file)
    options = _read_ini(tree, config_file, section)
    beside = config_file.with_name("pyproject.toml")
    if (tree / beside).is_file() and _is_config(tree / beside, section):
        toml = _read_toml(tree, beside)
        return _Options(config_file, {**toml.values, **options.values}, options.hooks or toml.hooks)
    return options


def _read_ini(tree: Path, config_file: Path, section: str) -> _Options:
    parser = configparser.ConfigParser({"here": (tree / config_file).parent.as_posix()})
    try:
        parser.read_string(_read_text(tree / config_file))
        values = dict(parser.items(section))
        hooks = parser.get("post_write_hooks", "hooks", fallback="")
    except configparser.Error as error:
        raise BrokenAlembic(f"{config_file} cannot be read: {error}") from error
    return _Options(config_file, values, tuple(re.split(r",\s*|\s+", hooks)) if hooks else ())


def _read_toml(tree: Path, config_file: Path) -> _Options:
    try:
        content = tomllib.loads(_read_text(tree / config_file))
    except tomllib.TOMLDecodeError as error:
        raise BrokenAlembic(f"{config_file} is not valid TOML: {error}") from error
    table = content.get("tool", {}).get("alembic", {})
    here = {"here": (tree / config_file).parent.as_posix()}
    hooks = [hook for hook in table.get("post_write_hooks", []) if isinstance(hook, dict)]
    try:
        values = {key: _fill_in(value, here) for key, value in table.items()}
    except (KeyError, ValueError, TypeError) as error:
        raise BrokenAlembic(f"{config_file}: [tool.alembic] has a value that cannot be filled in: {error}") from error
    return _Options(config_file, values, tuple(str(hook.get("name")) for hook in hooks))


def _fill_in(value: object, names: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return value % names
    return [_fill_in(item, names) for item in value] if isinstance(value, list) else value


def _locate(tree: Path, config_file: Path, location: str | None) -> tuple[Path, Path]:
    """Where to run Alembic, and the script location.

    A relative location is meant from the working directory: the ini file's folder for most, the root for those who
    call `alembic -c backend/alembic.ini`. Flask-Migrate gives none and keeps its ini beside env.py.
    """
    if not location:
        if (tree / config_file).with_name("env.py").is_file():
            return config_file.parent.parent, config_file.parent
        raise BrokenAlembic(f"{config_file} has no script_location; Alembic needs it")
    for directory in dict.fromkeys((config_file.parent, Path())):
        found = _relative(tree, directory, location)
        if (tree / found).is_dir():
            return directory, found
    raise BrokenAlembic(f"{config_file} names script_location {location!r}, but there is no such folder")


def _relative(tree: Path, directory: Path, location: str) -> Path:
    """A location as Alembic understands it, relative to the tree: a path, or `package:folder`."""
    if ":" in location and not os.path.isabs(location):  # noqa: PTH117 (it is text of Alembic's, not yet a path)
        package, _, rest = location.partition(":")
        steps = Path(*package.split("."))
        roots = (directory, Path(), directory / "src", Path("src"))
        root = next((root for root in roots if (tree / root / steps).is_dir()), directory)
        path = tree / root / steps / rest
    else:
        path = tree / directory / location
    normal = Path(os.path.normpath(path))
    if not normal.is_relative_to(tree) or not normal.resolve().is_relative_to(tree.resolve()):
        raise BrokenAlembic(f"the location {location!r} lies outside the repository")
    return normal.relative_to(tree)
