"""Every layout of an Alembic set-up that is found is one that runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.config import AlembicConfig, RepositoryConfig
from tests.migration.bench import Benches
from tests.migration.projects import ENV_FROM_INI, FIRST, MODELS, SECOND, write_files

URL = "sqlalchemy.url = driver://user:pass@localhost/dbname"
LAYOUTS: dict[str, tuple[dict[str, str], RepositoryConfig]] = {
    "a folder of its own": (
        {
            "backend/alembic.ini": f"[alembic]\nscript_location = %(here)s/db\nprepend_sys_path = .\n{URL}\n",
            "backend/db/env.py": ENV_FROM_INI,
            "backend/db/versions/a1.py": FIRST,
            "backend/db/versions/a2.py": SECOND,
            "backend/models.py": MODELS,
        },
        RepositoryConfig(),
    ),
    "an ini in a folder, called from the root": (
        {
            "backend/alembic.ini": f"[alembic]\nscript_location = backend/migrations\n{URL}\n",
            "backend/migrations/env.py": ENV_FROM_INI,
            "backend/migrations/versions/a1.py": FIRST,
            "backend/migrations/versions/a2.py": SECOND,
            "models.py": MODELS,
        },
        RepositoryConfig(),
    ),
    "a package": (
        {
            "alembic.ini": f"[alembic]\nscript_location = shop.db:migrations\n{URL}\n",
            "shop/__init__.py": "",
            "shop/db/__init__.py": "",
            "shop/db/models.py": MODELS,
            "shop/db/migrations/env.py": ENV_FROM_INI.replace("from models", "from shop.db.models"),
            "shop/db/migrations/versions/a1.py": FIRST,
            "shop/db/migrations/versions/a2.py": SECOND,
        },
        RepositoryConfig(),
    ),
    "a package under src": (
        {
            "alembic.ini": f"[alembic]\nscript_location = src/shop/migrations\n{URL}\n",
            "src/shop/__init__.py": "",
            "src/shop/models.py": MODELS,
            "src/shop/migrations/env.py": ENV_FROM_INI.replace("from models", "from shop.models"),
            "src/shop/migrations/versions/a1.py": FIRST,
            "src/shop/migrations/versions/a2.py": SECOND,
        },
        RepositoryConfig(),
    ),
    "pyproject alone": (
        {
            "pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/db"\n',
            "db/env.py": ENV_FROM_INI,
            "db/versions/a1.py": FIRST,
            "db/versions/a2.py": SECOND,
            "models.py": MODELS,
        },
        RepositoryConfig(),
    ),
    "several folders of versions": (
        {
            "alembic.ini": "[alembic]\nscript_location = db\npath_separator = :\n"
            f"version_locations = %(here)s/db/versions:%(here)s/more\n{URL}\n",
            "db/env.py": ENV_FROM_INI,
            "db/versions/a1.py": FIRST,
            "more/a2.py": SECOND,
            "models.py": MODELS,
        },
        RepositoryConfig(),
    ),
    "folders in the folder of versions": (
        {
            "alembic.ini": f"[alembic]\nscript_location = db\nrecursive_version_locations = true\n{URL}\n",
            "db/env.py": ENV_FROM_INI,
            "db/versions/2025/a1.py": FIRST,
            "db/versions/2026/a2.py": SECOND,
            "models.py": MODELS,
        },
        RepositoryConfig(),
    ),
    "another section": (
        {
            "alembic.ini": f"[billing]\nscript_location = db\n{URL}\n",
            "db/env.py": ENV_FROM_INI,
            "db/versions/a1.py": FIRST,
            "db/versions/a2.py": SECOND,
            "models.py": MODELS,
        },
        RepositoryConfig(alembic=AlembicConfig(name="billing")),
    ),
    "as Flask-Migrate keeps it": (
        {
            "migrations/alembic.ini": f"[alembic]\n{URL}\n",
            "migrations/env.py": ENV_FROM_INI,
            "migrations/versions/a1.py": FIRST,
            "migrations/versions/a2.py": SECOND,
            "models.py": MODELS,
        },
        RepositoryConfig(),
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_the_layout_runs(benches: Benches, layout: tuple[dict[str, str], RepositoryConfig]) -> None:
    files, config = layout

    def start(root: Path, more: Mapping[str, str] | None) -> Path:
        return write_files(root, files)

    bench = benches.open(config=config, start=start)
    database = bench.create()
    assert bench.runner.upgrade(database).revisions == ("a1", "a2")
    assert [table.name for table in bench.look(database).tables] == ["customers"]
    assert bench.runner.build_models(bench.create()).tables == ((None, "customers"),)
    assert bench.workspace.tree.list_changes() == ()
