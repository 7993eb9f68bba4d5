"""A run that a comment starts, and what comments can ask about its pull request."""

from __future__ import annotations

import pytest

from tests.end_to_end.site import READER, WRITER, Repo, Site
from tests.end_to_end.test_interruptions import SMALL
from tests.jobs.processes import wait_until


def list_reactions(repo: Repo, comment: int) -> list[str]:
    return [item["content"] for item in repo.site.playground.list_reactions(repo.name, comment)]


def ask(repo: Repo, number: int, body: str) -> str:
    """The bot's answer to that comment."""
    comment = repo.site.playground.add_comment(repo.name, number, WRITER, body)["id"]
    marker = f"<!-- specwright:answer-{comment}-0 -->"

    def list_answers() -> list[str]:
        comments = repo.site.playground.list_comments(repo.name, number)
        return [item["body"] for item in comments if item["body"].endswith(marker)]

    wait_until(lambda: bool(list_answers()), f"{body} is answered", deadline_seconds=60)
    return list_answers()[0]


@pytest.mark.long
def test_a_comment_starts_a_run_and_asks_for_its_way_back(site: Site) -> None:
    repo = site.create_repo()
    issue = repo.open_spec(SMALL, label=False)
    site.playground.add_comment(repo.name, issue, READER, "/implement")
    comment = site.playground.add_comment(repo.name, issue, WRITER, "Go on:\n/implement")["id"]
    wait_until(lambda: repo.find_run(issue) is not None, "a run is made", deadline_seconds=60)
    run = repo.wait_for_end(issue)
    assert (run.status, run.actor) == ("finished", WRITER), repo.get_status(issue)
    wait_until(lambda: list_reactions(repo, comment) == ["eyes", "rocket"], "the run reacts")
    (pull,) = repo.list_pull_requests()
    rollback = ask(repo, pull["number"], "/rollback")
    assert "alembic downgrade e9a1f4427c83" in rollback and "DROP" in rollback
    (schema,) = [step for step in site.store.list_steps(run.id) if step.name == "schema"]
    revision = (schema.output or {})["revisions"][0]
    for name in (revision["revision"][:8], revision["path"]):
        assert "It was proved up, down and up again." in ask(repo, pull["number"], f"/explain {name}")
    assert [item.actor for item in site.store.list_decisions(repository=repo.name) if not item.allowed] == [READER]
