"""Environments of target projects, built as the bot builds them and kept for later sessions."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bot.config import RepositoryConfig
from bot.workspace.environment import Environment, ensure_environment
from bot.workspace.sandbox import Sandbox
from tests.migration.projects import write_files

CACHE = Path(__file__).resolve().parents[3] / ".data" / "test-cache"


def ensure_target(sandbox: Sandbox, requirements: str, python: str | None = None) -> Environment:
    """The environment of a project with this requirements.txt and .python-version."""
    files = {"requirements.txt": requirements, **({".python-version": f"{python}\n"} if python else {})}
    with tempfile.TemporaryDirectory() as folder:
        return ensure_environment(write_files(Path(folder), files), RepositoryConfig(), sandbox, CACHE)
