"""Step 1: the mirror is brought up to date, the base commit pinned, the repository's config read."""

from __future__ import annotations

from typing import Any

from bot.config import CONFIG_PATH, ConfigError, parse_repository_config
from jobs.context import RunContext
from jobs.endings import Failed

MAX_CONFIG_BYTES = 64 * 1024


def run(context: RunContext) -> dict[str, Any]:
    """Output: `base_branch`, `base_commit` (full SHA) and `config` (YAML text, empty when there is none)."""
    info = context.github.get_repository(context.run.repository)
    context.mirror.fetch(context.github.token())
    default_commit = _resolve(context, info.default_branch)
    config = _read_config(context, default_commit)
    base_branch = _parse(config).base_branch or info.default_branch
    base_commit = _resolve(context, base_branch)
    context.store.set_run_facts(context.run.id, base_branch=base_branch, base_commit=base_commit, branch=context.branch)
    return {"base_branch": base_branch, "base_commit": base_commit, "config": config}


def _resolve(context: RunContext, branch: str) -> str:
    commit = context.mirror.find_commit(branch)
    if commit is None:
        raise Failed(
            f"The repository has no commit on the branch {branch}.",
            "Push a first commit (a project with SQLAlchemy models and Alembic), or name the right branch as "
            f"base_branch in {CONFIG_PATH}; then label the issue again.",
        )
    return commit


def _read_config(context: RunContext, commit: str) -> str:
    content = context.mirror.read_file(commit, CONFIG_PATH, MAX_CONFIG_BYTES)
    return "" if content is None else content.decode(errors="replace")


def _parse(text: str) -> Any:
    try:
        return parse_repository_config(text)
    except ConfigError as error:
        raise Failed(str(error), f"Correct {CONFIG_PATH} on the default branch and label the issue again.") from error
