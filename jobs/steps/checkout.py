"""Step 1: the mirror is brought up to date, the base commit pinned, the repository's config read."""

from __future__ import annotations

from typing import Any

from bot.config import CONFIG_PATH, ConfigError, RepositoryConfig, parse_repository_config
from bot.spec.canonical import slugify
from jobs.context import RunContext
from jobs.endings import Failed

MAX_CONFIG_BYTES = 64 * 1024


def run(context: RunContext) -> dict[str, Any]:
    """Output: `base_branch`, `base_commit` (full SHA), `branch` (to be pushed), `config` (YAML text, may be empty)."""
    info = context.github.get_repository(context.run.repository)
    context.mirror.fetch(context.github.token())
    config = _read_config(context, _resolve(context, info.default_branch))
    base_branch = _parse(config).base_branch or info.default_branch
    base_commit = _resolve(context, base_branch)
    branch = _choose_branch(context)
    context.store.set_run_facts(context.run.id, base_branch=base_branch, base_commit=base_commit, branch=branch)
    return {"base_branch": base_branch, "base_commit": base_commit, "branch": branch, "config": config}


def _choose_branch(context: RunContext) -> str:
    """The branch of the issue's open pull request, even when the title has changed; else one named by the title."""
    run = context.run
    for branch in context.store.list_branches(run.repository, run.issue):
        if context.github.find_pull_request(run.repository, branch) is not None:
            return branch
    return f"specwright/{run.issue}-{slugify(run.title)}"


def _resolve(context: RunContext, branch: str) -> str:
    commit = context.mirror.find_commit(branch)
    if commit is None:
        raise Failed("no_commit", branch=branch)
    return commit


def _read_config(context: RunContext, commit: str) -> str:
    content = context.mirror.read_file(commit, CONFIG_PATH, MAX_CONFIG_BYTES)
    return "" if content is None else content.decode(errors="replace")


def _parse(text: str) -> RepositoryConfig:
    try:
        return parse_repository_config(text)
    except ConfigError as error:
        raise Failed("config", message=str(error)) from error
