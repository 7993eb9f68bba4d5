"""The bot's check on a commit, known by its external id."""

from __future__ import annotations

from typing import Any

from bot.github.connection import Connection
from bot.github.limits import MAXIMUM_SUMMARY, cut
from bot.github.names import split_repository
from bot.github.values import Conclusion


def ensure_check_run(
    connection: Connection,
    repo: str,
    head_sha: str,
    name: str,
    external_id: str,
    conclusion: Conclusion | None,
    title: str,
    summary: str,
) -> str:
    """The check run, created or updated, and the URL of its page. Without conclusion it is in progress."""
    owner, repository = split_repository(repo)
    found = _find(connection, repo, head_sha, name, external_id)
    output = {"title": title, "summary": cut(summary, MAXIMUM_SUMMARY)}
    data: Any = {"name": name, "external_id": external_id, "output": output, **_render_state(conclusion)}
    if found is None:
        new: Any = {"head_sha": head_sha, **data}
        return connection.call(lambda rest: rest.checks.create(owner, repository, data=new), _read_url)
    if _is_same(found, conclusion, output):
        return _read_url(found)
    number: int = found["id"]
    return connection.call(lambda rest: rest.checks.update(owner, repository, number, data=data), _read_url)


def _render_state(conclusion: Conclusion | None) -> dict[str, str]:
    return {"status": "completed", "conclusion": conclusion} if conclusion else {"status": "in_progress"}


def _find(connection: Connection, repo: str, head_sha: str, name: str, external_id: str) -> dict[str, Any] | None:
    """Only the App's own check runs can be edited, and only they have our external ids."""
    owner, repository = split_repository(repo)
    runs: list[dict[str, Any]] = connection.call(
        lambda rest: rest.checks.list_for_ref(
            owner, repository, head_sha, check_name=name, filter_="all", per_page=100
        ),
        lambda data: list(data["check_runs"]),
    )
    return next((run for run in runs if run["external_id"] == external_id), None)


def _is_same(run: dict[str, Any], conclusion: Conclusion | None, output: dict[str, str]) -> bool:
    shown = run["output"]
    return (run["conclusion"], shown["title"], shown["summary"]) == (conclusion, output["title"], output["summary"])


def _read_url(run: Any) -> str:
    return str(run["html_url"] or run["url"])
