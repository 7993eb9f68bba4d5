"""What a set-up needs and nobody gave is asked for: by name, with the key that takes it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.config import AlembicConfig, DatabaseConfig, RepositoryConfig
from bot.migration.errors import (
    AmbiguousAlembic,
    BrokenAlembic,
    MigrationError,
    MigrationFailed,
    MissingArgument,
    MissingSettings,
    MultipleHeads,
)
from tests.migration.bench import Bench, Benches
from tests.migration.layouts.projects import LAYOUTS

BY_NAME = {layout.name: layout for layout in LAYOUTS}
# The layout, what its config has, the error, and what it says; LAYOUTS has the config that answers.
ASKED: dict[str, tuple[str, RepositoryConfig, type[MigrationError], str]] = {
    "which of two databases": (
        "multidb",
        RepositoryConfig(),
        AmbiguousAlembic,
        r"several databases \(engine1, engine2\).*`alembic.database`",
    ),
    "a database that is not there": (
        "multidb",
        RepositoryConfig(alembic=AlembicConfig(database="engine3")),
        BrokenAlembic,
        r"'engine3'.*engine1, engine2",
    ),
    "which of two branches": (
        "branches",
        RepositoryConfig(),
        MultipleHeads,
        r"2 heads \(2b9d311f0c2a `shop`, 3c0f2a7b9d99 `shipping`\).*`alembic.branch`",
    ),
    "a branch that is not there": (
        "branches",
        RepositoryConfig(alembic=AlembicConfig(branch="stock")),
        BrokenAlembic,
        r"'stock'.*0 heads.*shipping, shop",
    ),
    "whether to merge": (
        "two_heads",
        RepositoryConfig(),
        MultipleHeads,
        r"2 heads \(2b9d311f0c2a, 4d1f2a7b9d11\).*alembic merge heads.*`alembic.merge_heads: true`",
    ),
    "an argument of the command line": (
        "multi_tenant",
        RepositoryConfig(),
        MissingArgument,
        r"`-x tenant=…`.*`alembic.x`",
    ),
    "a schema": (
        "search_path",
        RepositoryConfig(alembic=AlembicConfig(x={"tenant": "acme"})),
        MigrationFailed,
        r"no schema has been selected.*`database.schemas`",
    ),
    "a field of settings": (
        "pydantic_settings",
        RepositoryConfig(),
        MissingSettings,
        r"variable\(s\) SHOP_SECRET_KEY; .*`env`",
    ),
    "a variable": ("environ", RepositoryConfig(), MissingSettings, r"variable\(s\) SHOP_STAGE; .*`env`"),
    "a Flask application": (
        "flask_migrate",
        RepositoryConfig(env={"FLASK_APP": "nowhere"}),
        BrokenAlembic,
        r"Could not import 'nowhere'.*`FLASK_APP` under `env`",
    ),
}


def open_layout(benches: Benches, name: str, config: RepositoryConfig) -> Bench:
    layout = replace(BY_NAME[name], config=config)
    return benches.open(config=config, start=layout.make_start(benches.environment))


@pytest.mark.parametrize("case", ASKED.values(), ids=ASKED)
def test_what_is_missing_is_asked_for(
    target_benches: Benches, case: tuple[str, RepositoryConfig, type[MigrationError], str]
) -> None:
    name, config, error, message = case
    with pytest.raises(error, match=f"(?s){message}"):
        open_layout(target_benches, name, config).ensure_base()


# How environs, python-decouple, Starlette and django-environ say that a variable is not there.
OTHERS = {
    "A_KEY": ("EnvError", 'Environment variable "A_KEY" not set'),
    "B_KEY": ("UndefinedValueError", "B_KEY not found. Declare it as envvar or define a default value."),
    "C_KEY": ("KeyError", "Config 'C_KEY' is missing, and has no default."),
    "D_KEY": ("ImproperlyConfigured", "Set the D_KEY environment variable"),
}


def test_other_ways_to_read_the_environment(benches: Benches) -> None:
    bench = benches.open()
    for variable, (kind, message) in OTHERS.items():
        base = "KeyError" if kind == "KeyError" else "Exception"
        bench.write({"migrations/env.py": f"class {kind}({base}): ...\nraise {kind}({message!r})\n"})
        with pytest.raises(MissingSettings) as caught:
            bench.runner.upgrade(bench.create())
        assert caught.value.variables == (variable,)


def test_the_schemas_of_the_config_are_there_before_the_first_revision(benches: Benches) -> None:
    bench = benches.open(config=RepositoryConfig(database=DatabaseConfig(schemas=("acme", "odd one"))))
    assert bench.ensure_base().schema.schemas == ("acme", "odd one", "public")
