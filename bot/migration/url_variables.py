"""Which environment variables tell env.py its database, found in the source without running it.

The value of each is set by the driver inside the sandbox; here are found the name and the kind of value it takes.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config import RepositoryConfig
from bot.migration.imports import find_imported_files
from bot.migration.project import AlembicProject

EXAMPLE_FILES = (
    ".env.*",
    "*.env",
    "docker-compose*.y*ml",
    "compose*.y*ml",
    "*.md",
    "*.ini",
    ".github/workflows/*.y*ml",
)
MAX_EXAMPLE_BYTES = 200_000
_STORE = r"(DATABASE|DB|POSTGRES|POSTGRESQL|PG|SQL|SQLALCHEMY|ALEMBIC|MIGRATIONS?)"
_OTHER_STORE = re.compile(r"REDIS|MONGO|AMQP|RABBIT|CELERY|MYSQL|ELASTIC|SENTRY|BROKER|CACHE")
_PARTS = (
    ("url", re.compile(rf"(^|_){_STORE}(_\w+)?_?(URL|URI|DSN|CONN(ECTION)?(_STR(ING)?)?)$")),
    ("host", re.compile(rf"(^|_){_STORE}_?(HOST|HOSTNAME|SERVER|ADDR(ESS)?)$")),
    ("port", re.compile(rf"(^|_){_STORE}_?PORT$")),
    ("username", re.compile(rf"(^|_){_STORE}_?(USER|USERNAME)$")),
    ("password", re.compile(rf"(^|_){_STORE}_?(PASSWORD|PASSWD|PASS|PWD)$")),
    ("database", re.compile(rf"(^|_){_STORE}_?(NAME|DB|DBNAME|DATABASE)$")),
)
_READERS = {"getenv", "get", "env", "config", "str", "url", "db_url", "setdefault", "pop"}
_SCHEME = r"(postgres(?:ql)?(?:\+\w+)?|sqlite(?:\+\w+)?)://"


def find_url_variables(tree: Path, project: AlembicProject, config: RepositoryConfig) -> Mapping[str, str]:
    """Variable → what it takes: "url", "url:SCHEME", "host", "port", "username", "password" or "database".

    `database.url_env` of the repository's config is always among them; the others are read by env.py or by a module of
    the repository that env.py imports; with Flask-Migrate by the application.
    """
    found: dict[str, str] = {}
    for path in find_imported_files(tree, (tree / project.env_file, *_list_application_files(tree, project, config))):
        for name, default in _read_names(path):
            part = _classify(name)
            if part and name not in config.env:
                found.setdefault(name, _with_scheme(part, default, config))
    found.setdefault(config.database.url_env, _with_scheme("url", None, config))
    return _add_schemes(tree, found)


def _list_application_files(tree: Path, project: AlembicProject, config: RepositoryConfig) -> Iterator[Path]:
    """Where `flask` looks for the application, which env.py of Flask-Migrate takes all from."""
    if not project.is_flask:
        return
    module = config.env.get("FLASK_APP", "").partition(":")[0].removesuffix(".py").replace(".", "/")
    names = (f"{module}.py", f"{module}/__init__.py") if module else ("wsgi.py", "app.py")
    yield from (tree / project.directory / name for name in names if ".." not in name)


def _classify(name: str) -> str | None:
    capitals = name.upper()
    if _OTHER_STORE.search(capitals):
        return None
    return next((part for part, pattern in _PARTS if pattern.search(capitals)), None)


def _with_scheme(part: str, default: str | None, config: RepositoryConfig) -> str:
    if part != "url":
        return part
    if config.database.url_scheme:
        return f"url:{config.database.url_scheme}"
    if config.database.driver:
        return f"url:postgresql+{config.database.driver}"
    match = re.match(_SCHEME, default or "")
    return f"url:{_normal(match[1])}" if match else "url"


def _normal(scheme: str) -> str:
    """SQLAlchemy 1.4 and later know no `postgres://`."""
    return re.sub(r"^postgres(?!ql)", "postgresql", scheme)


def _add_schemes(tree: Path, found: Mapping[str, str]) -> Mapping[str, str]:
    """Give each plain "url" the scheme that an example file of the repository shows for it."""
    if "url" not in found.values():
        return found
    text = "\n".join(_read_examples(tree))
    schemes = {}
    for name, part in found.items():
        match = re.search(rf"\b{re.escape(name)}\W{{1,6}}{_SCHEME}", text) if part == "url" else None
        schemes[name] = f"url:{_normal(match[1])}" if match else part
    return schemes


def _read_examples(tree: Path) -> Iterator[str]:
    for pattern in EXAMPLE_FILES:
        for path in sorted(tree.glob(pattern)):
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_EXAMPLE_BYTES:
                yield path.read_text(encoding="utf-8", errors="replace")


def _read_names(path: Path) -> Iterator[tuple[str, str | None]]:
    """Names of variables that the module reads, each with its default when that is a constant."""
    try:
        module = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(module):
        if isinstance(node, ast.Subscript):
            yield from _read_subscript(node)
        elif isinstance(node, ast.Call):
            yield from _read_call(node)
        elif isinstance(node, ast.ClassDef):
            yield from _read_settings_class(node)


def _read_subscript(node: ast.Subscript) -> Iterator[tuple[str, str | None]]:
    if _last_name(node.value) == "environ" and (name := _constant(node.slice)):
        yield name, None


def _read_call(node: ast.Call) -> Iterator[tuple[str, str | None]]:
    name = _constant(node.args[0]) if node.args else None
    if name and _last_name(node.func) in _READERS and re.fullmatch(r"[A-Za-z_]\w*", name):
        keyword = next((item.value for item in node.keywords if item.arg == "default"), None)
        yield name, _constant(node.args[1] if len(node.args) > 1 else keyword)


def _read_settings_class(node: ast.ClassDef) -> Iterator[tuple[str, str | None]]:
    """Fields of a pydantic settings class: variable = prefix + field, or the field's alias.

    https://docs.pydantic.dev/latest/concepts/pydantic_settings/#environment-variable-names
    """
    if not any((_last_name(base) or "").endswith("Settings") for base in node.bases):
        return
    prefix = _find_prefix(node)
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            names, default = _read_field(item.value)
            for name in names or (f"{prefix}{item.target.id}".upper(),):
                yield name, default


def _find_prefix(node: ast.ClassDef) -> str:
    for inner in ast.walk(node):
        if isinstance(inner, ast.keyword) and inner.arg == "env_prefix":
            return _constant(inner.value) or ""
        if isinstance(inner, ast.Assign) and any(_last_name(target) == "env_prefix" for target in inner.targets):
            return _constant(inner.value) or ""
    return ""


def _read_field(value: ast.expr | None) -> tuple[tuple[str, ...], str | None]:
    if not isinstance(value, ast.Call):
        return (), _constant(value)
    named = [item for item in value.keywords if item.arg in ("alias", "validation_alias", "env")]
    names = tuple(
        inner.value
        for item in named
        for inner in ast.walk(item.value)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    )
    default = value.args[0] if value.args else next((i.value for i in value.keywords if i.arg == "default"), None)
    return names, _constant(default)


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def _constant(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
