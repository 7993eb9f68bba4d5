"""The variables that env.py reads its database from, found without running anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import DatabaseConfig, RepositoryConfig
from bot.migration.project import find_project
from bot.migration.url_variables import find_url_variables
from tests.migration.projects import plain_project

SETTINGS = """
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic import Field

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    db_url: str = "postgresql+asyncpg://localhost/app"
    secret_key: str
    replica: str = Field(alias="REPLICA_DATABASE_URL")
"""


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"migrations/env.py": "import os\nurl = os.environ['DB_URL']"}, {"DB_URL": "url"}),
        ({"migrations/env.py": "import os\nurl = os.getenv('PG_DSN', 'postgres://x/y')"}, {"PG_DSN": "url:postgresql"}),
        ({"migrations/env.py": "from decouple import config\nu = config('POSTGRES_URI')"}, {"POSTGRES_URI": "url"}),
        (
            {"migrations/env.py": "from app.settings import Settings", "app/settings.py": SETTINGS},
            {"APP_DB_URL": "url:postgresql+asyncpg", "REPLICA_DATABASE_URL": "url"},
        ),
        (
            {
                "migrations/env.py": "from app import core",
                "app/__init__.py": "",
                "app/core/__init__.py": "from .config import *",
                "app/core/config.py": "import os\nh = os.environ['POSTGRES_SERVER']\n"
                "d = os.environ.get('POSTGRES_DB')\n"
                "u, p, n = os.getenv('DB_USER'), os.getenv('DB_PASSWORD'), os.getenv('DB_PORT')",
            },
            {
                "POSTGRES_SERVER": "host",
                "POSTGRES_DB": "database",
                "DB_USER": "username",
                "DB_PASSWORD": "password",
                "DB_PORT": "port",
            },
        ),
        (
            {
                "migrations/env.py": "import os\nurl = os.environ['DB_URL']",
                ".env.example": "DB_URL=postgresql+psycopg://app:app@db/app\n",
            },
            {"DB_URL": "url:postgresql+psycopg"},
        ),
        ({"migrations/env.py": "import os\nos.getenv('REDIS_URL'); os.getenv('SENTRY_DSN')"}, {}),
        ({"migrations/env.py": "this is not Python ("}, {}),
    ],
)
def test_variables_and_what_they_take(tmp_path: Path, files: dict[str, str], expected: dict[str, str]) -> None:
    tree = plain_project(tmp_path, files)
    found = find_url_variables(tree, find_project(tree, RepositoryConfig()), RepositoryConfig())
    assert found == {**expected, "DATABASE_URL": "url"}


def test_the_config_decides(tmp_path: Path) -> None:
    tree = plain_project(tmp_path)
    config = RepositoryConfig(database=DatabaseConfig(url_env="THE_URL", url_scheme="postgresql+asyncpg"))
    found = find_url_variables(tree, find_project(tree, config), config)
    assert found == {"THE_URL": "url:postgresql+asyncpg"}


def test_what_the_config_sets_itself_is_left_alone(tmp_path: Path) -> None:
    tree = plain_project(tmp_path, {"migrations/env.py": "import os\nos.environ['DB_NAME']"})
    config = RepositoryConfig(env={"DB_NAME": "fixed"})
    assert "DB_NAME" not in find_url_variables(tree, find_project(tree, config), config)
