"""Alembic of the target repository, run in the sandbox against a scratch database."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from bot.migration import driver
from bot.migration.answers import Attempted, read_answer, read_attempted, read_completed
from bot.migration.project import AlembicProject
from bot.migration.seen import Seen, read_seen
from bot.migration.url_variables import find_url_variables
from bot.workspace.conversation import Conversation, NoAnswer
from bot.workspace.databases import Database
from bot.workspace.sandbox import Completed
from bot.workspace.workspace import Workspace

URL_VARIABLE = "SPECWRIGHT_DATABASE_URL"
REQUEST_SECONDS = 600.0
MAX_ANSWER_BYTES = 80 * 2**20  # what the driver lets through, with its quotes escaped
Direction = Literal["upgrade", "downgrade"]
_MAIN = "from specwright_driver.main import main\n\nmain()\n"


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision; `path` is relative to the tree, None when it lies outside."""

    revision: str
    down_revisions: tuple[str, ...]
    depends_on: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    path: Path | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """Every revision, newest first; `heads`, sorted, are those that no other is based on."""

    revisions: tuple[Revision, ...]
    heads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RanStatement:
    """A statement that a revision sent.

    `seconds` is what the server took for it, `seen` what it did, `autocommit` says that it had no transaction.
    """

    sql: str
    revision: str
    seconds: float
    seen: Seen | None = None
    autocommit: bool = False


@dataclass(frozen=True, slots=True)
class Ran:
    """What an upgrade or downgrade did. `version_table` is Alembic's own bookkeeping table, (schema or None, name)."""

    revisions: tuple[str, ...]
    statements: tuple[RanStatement, ...]
    version_table: tuple[str | None, str]
    duration_seconds: float
    output: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A way up or down to `revision` (None: to before the first), ended by force after that many statements or not."""

    database: Database
    direction: Direction
    revision: str | None
    end_after: int | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """What env.py's target_metadata holds: its tables as (schema or None, name), and its naming convention.

    `left_out` are tables of the database, (schema, name), that env.py leaves to others. `default_schema` is the one in
    which env.py works, None where there are no schemas.
    """

    tables: tuple[tuple[str | None, str], ...]
    naming_convention: Mapping[str, str]
    left_out: tuple[tuple[str, str], ...] = ()
    default_schema: str | None = None


class AlembicRunner:
    """Runs one repository's Alembic, in a process in the sandbox that the first request starts; `close` ends it."""

    def __init__(self, workspace: Workspace, project: AlembicProject) -> None:
        self.workspace = workspace
        self.project = project
        self._driver: Conversation | None = None

    def history(self) -> History:
        """The revisions and heads. Raises `MigrationFailed` when a revision file cannot be loaded."""
        answer = self._ask("history", None)
        revisions = tuple(self._read_revision(item) for item in answer["revisions"])
        return History(revisions, tuple(str(head) for head in answer["heads"]))

    def heads(self) -> tuple[str, ...]:
        """The heads of the history, none when there is no revision."""
        return self.history().heads

    def upgrade(self, database: Database, revision: str = "heads", *, observe: bool = False) -> Ran:
        """Upgrade `database` to `revision`. Raises `MigrationFailed`, or `MigrationSetupError` for a wrong set-up.

        With `observe`, each statement tells what it did (on Postgres).
        """
        return self._read_ran(self._ask("upgrade", database, revision=revision, capture=True, observe=observe))

    def downgrade(self, database: Database, revision: str | None, *, observe: bool = False) -> Ran:
        """Downgrade `database` to `revision` (None: to before the first). Raises and observes as `upgrade` does."""
        revision = revision or "base"
        return self._read_ran(self._ask("downgrade", database, revision=revision, capture=True, observe=observe))

    def attempt(self, attempt: Attempt) -> Attempted:
        """Run it, whatever becomes of it."""
        revision = attempt.revision or "base"
        arguments = {"revision": revision, "end_after": attempt.end_after, "capture": True}
        return read_attempted(self._run(attempt.direction, attempt.database, **arguments))

    def sql(self, database: Database, direction: Direction, start: str | None, end: str | None) -> str:
        """What `alembic upgrade START:END --sql` prints (or downgrade), without touching the database.

        Not every revision can do so (one that reads rows cannot): then `MigrationFailed`.
        """
        answer = self._ask("offline", database, direction=direction, start=start or "base", revision=end or "base")
        return str(answer["sql"]).strip()

    def build_models(
        self,
        database: Database,
        *,
        schemas: Sequence[str] = (),
        extensions: Sequence[str] = (),
        tables: Sequence[tuple[str, str]] = (),
    ) -> Models:
        """Create the tables of env.py's target_metadata in the empty `database`; before them, what they presuppose.

        `tables`, (schema, name), are those of which env.py is asked whether it leaves them to others.
        """
        presupposed: dict[str, Any] = {"schemas": list(schemas), "extensions": list(extensions), "tables": list(tables)}
        answer = self._ask("models", database, **presupposed)
        return Models(
            tuple((schema, str(name)) for schema, name in answer["tables"]),
            {str(key): str(text) for key, text in answer["naming_convention"].items()},
            tuple((str(schema), str(name)) for schema, name in answer["left_out"]),
            answer["default_schema"],
        )

    def run_hooks(self, paths: Sequence[Path]) -> None:
        """Run the post-write hooks on revision files of the tree. Raises `MigrationFailed`."""
        self._ask("hooks", None, paths=[str(self.workspace.tree.path / path) for path in paths])

    def start(self) -> Conversation:
        """Have the driver load what it needs, while the bot does something else; the first request would do so too."""
        if self._driver is None:
            folder = self._install_driver()
            argv = [str(self.workspace.environment.python), str(folder), str(self.workspace.tree.path)]
            self._driver = self.workspace.converse(argv, readable=[folder])
        return self._driver

    def close(self) -> None:
        """End the driver; the next request would start it again."""
        if self._driver is not None:
            conversation, self._driver = self._driver, None
            conversation.end()

    @cached_property
    def _url_variables(self) -> Mapping[str, str]:
        return find_url_variables(self.workspace.tree.path, self.project, self.workspace.config)

    def _ask(self, action: str, database: Database | None, **arguments: Any) -> dict[str, Any]:
        return read_answer(action, self._run(action, database, **arguments))

    def _run(self, action: str, database: Database | None, **arguments: Any) -> Completed:
        started, conversation = time.monotonic(), self.start()
        request = self._render_request(action, database, arguments)
        try:
            line = conversation.ask(request, timeout_seconds=REQUEST_SECONDS, max_bytes=MAX_ANSWER_BYTES)
        except NoAnswer as silence:
            self._driver = None
            return silence.completed
        return read_completed(line, time.monotonic() - started)

    def _render_request(self, action: str, database: Database | None, arguments: Mapping[str, Any]) -> bytes:
        tree = self.workspace.tree.path
        config_file = tree / self.project.config_file
        request = {
            "action": action,
            "directory": str(tree / self.project.directory),
            "config_file": None if self.project.is_toml else str(config_file),
            "toml_file": str(config_file.with_name("pyproject.toml")),
            "section": self.project.section,
            "script_location": str(tree / self.project.script_location),
            "database": self.project.database,
            "is_flask": self.project.is_flask,
            "x": [f"{name}={value}" for name, value in self.workspace.config.alembic.x.items()],
            "url_variables": dict(self._url_variables),
            "env": {} if database is None else {URL_VARIABLE: database.url("postgresql")},
            **arguments,
        }
        return json.dumps(request).encode()

    def _install_driver(self) -> Path:
        """A folder with the driver that the sandbox can read, and not write; `python FOLDER` runs it."""
        folder = self.workspace.scratch_dir.with_name("driver")
        if not (folder / "__main__.py").exists():
            source = Path(driver.__file__).parent
            package = folder / "specwright_driver"
            shutil.copytree(source, package, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
            (folder / "__main__.py").write_text(_MAIN)
        return folder

    def _read_revision(self, item: dict[str, Any]) -> Revision:
        path, tree = Path(item["path"]), self.workspace.tree.path.resolve()
        return Revision(
            revision=str(item["revision"]),
            down_revisions=tuple(item["down_revisions"]),
            depends_on=tuple(item["depends_on"]),
            branch_labels=tuple(item["branch_labels"]),
            path=path.relative_to(tree) if path.is_relative_to(tree) else None,
            message=str(item["message"] or ""),
        )

    def _read_ran(self, answer: dict[str, Any]) -> Ran:
        schema, name = answer["version_table"]
        items = answer["statements"]
        seen = read_seen(item["seen"] for item in items)
        return Ran(
            revisions=tuple(answer["done"]),
            statements=tuple(map(_read_statement, items, seen)),
            version_table=(schema, name),
            duration_seconds=answer["duration_seconds"],
            output=answer["output"],
        )


def _read_statement(item: dict[str, Any], seen: Seen | None) -> RanStatement:
    return RanStatement(item["sql"], item["revision"], item["seconds"], seen, item["autocommit"] is True)
