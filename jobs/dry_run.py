"""Whether a run has effects on GitHub, or only says what they would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.config import CONFIG_PATH, ConfigError, parse_repository_config
from bot.github.contents import FileTooLarge
from bot.github.protocol import GitHubClient
from bot.store import Run
from jobs.parts import Parts


def open_github(parts: Parts, run: Run, outputs: Mapping[str, Mapping[str, Any]]) -> GitHubClient:
    """GitHub for that run; `dry_run: true` in the repository's config holds from the run's first word on."""
    github = parts.open_github(run.installation_id)
    text = outputs["checkout"]["config"] if "checkout" in outputs else _find_config(github, run.repository)
    return parts.open_github(run.installation_id, dry_run=True) if _is_dry(text) else github


def _find_config(github: GitHubClient, repository: str) -> str:
    try:
        content = github.find_file(repository, CONFIG_PATH, github.get_repository(repository).default_branch)
    except FileTooLarge:
        return ""
    return "" if content is None else content.decode(errors="replace")


def _is_dry(text: str) -> bool:
    try:
        return parse_repository_config(text).dry_run
    except ConfigError:
        return False  # the first step says what is wrong with it
