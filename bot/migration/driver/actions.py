"""What can be asked of the target's Alembic, each as a function of the state that returns its part of the answer."""

from __future__ import annotations

import argparse
import functools
import inspect
import io
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .capture import capture_statements
from .connection import REQUEST_URL, get_scratch_url, get_url_part
from .context import make_context, open_application, open_own
from .included import get_default_schema, list_left_out
from .state import DriverError, State

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, MetaData

    StepList = Callable[[ScriptDirectory, Any], Iterable[Any]]
    Work = Callable[[Any, MigrationContext], Iterable[Any]]


def build_config(request: dict[str, Any]) -> Config:
    """Alembic's Config as its command line makes it, with the scratch database's URL."""
    from alembic.config import Config

    names = {"config": request["config_file"], "name": request["section"], "x": request.get("x")}
    options = argparse.Namespace(**names, quiet=False, verbose=False, raiseerr=True)
    knows_toml = "toml_file" in inspect.signature(Config).parameters
    files = {"toml_file": request["toml_file"]} if knows_toml else {}
    config = Config(request["config_file"], ini_section=request["section"], cmd_opts=options, **files)
    config.set_main_option("script_location", request["script_location"].replace("%", "%%"))
    if request.get("database"):
        config.set_main_option("databases", request["database"])  # which env.py of `init -t multidb` goes through
    if REQUEST_URL in os.environ:
        set_urls(config)
    return config


def set_urls(config: Config) -> None:
    """Put the URL where engine_from_config looks: the main section, and any other that has one (multidb)."""
    file = config.file_config
    sections = [name for name in file.sections() if file.has_option(name, "sqlalchemy.url")]
    for section in {config.config_ini_section, *sections}:
        scheme = file.get(section, "sqlalchemy.url", fallback="", raw=True).split("://")[0]
        same = scheme.split("+")[0] == get_scratch_url().get_backend_name()
        text = get_url_part("url:" + scheme if same else "url")
        config.set_section_option(section, "sqlalchemy.url", text.replace("%", "%%"))


def run_env(state: State, make_work: Callable[[ScriptDirectory], Work], **options: Any) -> None:
    """Run env.py as `alembic` does, with a work function for the revisions (see alembic/command.py)."""
    from alembic.script import ScriptDirectory

    config = build_config(state.request)
    config.output_buffer = options.pop("output_buffer", None)
    script = ScriptDirectory.from_config(config)
    work = make_work(script)

    def guarded(heads: Any, context: MigrationContext) -> Iterable[Any]:
        check_connection(state, context)
        return work(heads, context)

    with open_application(state.request), make_context(config, script, {"fn": guarded, **options}):
        script.run_env()
    if state.version_table is None:
        raise DriverError("no_migrations", "env.py ended without calling context.run_migrations()")


def check_connection(state: State, context: MigrationContext) -> None:
    """Refuse a connection to anything else than the scratch database (env.py chose another kind)."""
    options = context.opts
    state.metadata = options.get("target_metadata")
    state.version_table = (options.get("version_table_schema"), options.get("version_table") or "alembic_version")
    if context.as_sql or context.connection is None:
        return
    scratch, url = get_scratch_url(), context.connection.engine.url
    if (url.get_backend_name(), url.database) != (scratch.get_backend_name(), scratch.database):
        shown = url.render_as_string(hide_password=True)
        raise DriverError("wrong_database", f"env.py connects to {shown}, not to the scratch database")


def follow(state: State, steps: Iterable[Any]) -> Iterator[Any]:
    """Alembic's steps, each noting its revision while it runs and when it is done."""
    for step in steps:
        state.revision = str(step.revision.revision)
        step.migration_fn = note(state, step.migration_fn)
        yield step
        state.done.append(state.revision)


def note(state: State, migration_fn: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with the time in which it runs marked. After an error the mark stays: it tells who failed."""

    @functools.wraps(migration_fn)
    def noted(**arguments: Any) -> Any:
        state.is_running_revision = True
        result = migration_fn(**arguments)
        state.is_running_revision = False
        return result

    return noted


def run_upgrade(state: State) -> dict[str, Any]:
    """Upgrade to the requested revision."""
    return run_migrations(state, lambda script, heads: script._upgrade_revs(state.request["revision"], heads))


def run_downgrade(state: State) -> dict[str, Any]:
    """Downgrade to the requested revision."""
    return run_migrations(state, lambda script, heads: script._downgrade_revs(state.request["revision"], heads))


def run_migrations(state: State, list_steps: StepList) -> dict[str, Any]:
    """Run the steps in the database, noting their statements when that is asked for."""
    if state.request.get("capture"):
        capture_statements(state)
    target = {"destination_rev": state.request["revision"], "starting_rev": None, "tag": None}
    run_env(state, lambda script: lambda heads, _: follow(state, list_steps(script, heads)), as_sql=False, **target)
    return {}


def run_offline(state: State) -> dict[str, Any]:
    """The SQL that `alembic upgrade --sql` (or downgrade) prints, from `start` on."""
    request, output = state.request, io.StringIO()

    def make_work(script: ScriptDirectory) -> Work:
        walk = script._upgrade_revs if request["direction"] == "upgrade" else script._downgrade_revs
        return lambda heads, _: follow(state, walk(request["revision"], heads))

    target = {"destination_rev": request["revision"], "starting_rev": request["start"], "tag": None}
    run_env(state, make_work, output_buffer=output, as_sql=True, **target)
    return {"sql": output.getvalue()}


def run_models(state: State) -> dict[str, Any]:
    """Create the tables of env.py's target_metadata in the (empty) database."""
    facts: dict[str, Any] = {}

    def work(_: Any, context: MigrationContext) -> Iterable[Any]:
        is_own = context.as_sql or context.bind is None
        connection: Any = open_own() if is_own else context.bind
        with connection.begin() if is_own else context.begin_transaction(_per_migration=True):
            facts.update(create_all(connection, list_metadata(state.metadata), state.request))
            facts["default_schema"] = get_default_schema(connection)
            facts["left_out"] = list_left_out(context.opts, facts["default_schema"], state.request.get("tables", ()))
        return []

    run_env(state, lambda script: work, as_sql=False, dont_mutate=True)
    return facts


def list_metadata(metadata: Any) -> list[MetaData]:
    """target_metadata as env.py may give it: one MetaData or several."""
    if metadata is None:
        raise DriverError("no_metadata", "env.py sets no target_metadata, so the models cannot be found")
    return list(metadata) if isinstance(metadata, (list, tuple, set)) else [metadata]


def create_all(connection: Connection, collections: list[MetaData], request: dict[str, Any]) -> dict[str, Any]:
    """Create what the metadata says, and before it the namespaces and extensions that it takes for granted."""
    quote = connection.dialect.identifier_preparer.quote
    tables = [table for metadata in collections for table in metadata.tables.values()]
    if connection.dialect.name == "postgresql":
        schemas = {table.schema for table in tables if table.schema} | set(request.get("schemas", ()))
        for schema in sorted(schemas):
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS " + quote(schema))
        for extension in request.get("extensions", ()):
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS " + quote(extension))
    convention: dict[str, str] = {}
    for metadata in collections:
        metadata.create_all(connection)
        pairs: dict[Any, Any] = dict(metadata.naming_convention or {})
        convention.update({key: text for key, text in pairs.items() if isinstance(key, str) and isinstance(text, str)})
    return {"naming_convention": convention, "tables": [(table.schema, table.name) for table in tables]}


def run_history(state: State) -> dict[str, Any]:
    """Every revision, newest first, and the heads. env.py is not run."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(build_config(state.request))
    revisions = [
        {
            "revision": item.revision,
            "down_revisions": as_list(item.down_revision),
            "depends_on": as_list(item.dependencies),
            "branch_labels": sorted(item.branch_labels or ()),
            "path": str(Path(item.path).resolve()),
            "message": item.doc,
        }
        for item in script.walk_revisions()
    ]
    return {"revisions": revisions, "heads": sorted(script.get_heads())}


def run_hooks(state: State) -> dict[str, Any]:
    """The post-write hooks on each of the paths."""
    from alembic.script import ScriptDirectory, write_hooks

    script: Any = ScriptDirectory.from_config(build_config(state.request))
    hooks = script.hooks if hasattr(script, "hooks") else script.hook_config  # Alembic 1.15 and before
    for path in state.request["paths"]:
        write_hooks._run_hooks(path, hooks)
    return {}


def as_list(value: Any) -> list[str]:
    """None, one name or several, as a list."""
    return [value] if isinstance(value, str) else list(value or ())


ACTIONS: dict[str, Callable[[State], dict[str, Any]]] = {
    "upgrade": run_upgrade,
    "downgrade": run_downgrade,
    "offline": run_offline,
    "models": run_models,
    "history": run_history,
    "hooks": run_hooks,
}
