"""githubkit's strict models read the answer of every route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import githubkit
import httpx
from githubkit.auth import AppAuthStrategy
from githubkit.cache import MemCacheStrategy
from starlette.routing import compile_path

from bot.playground.api import list_routes
from tests.playground.git_client import Clone
from tests.playground.world import REPO, World

OWNER, NAME = REPO.split("/")


class Recorder(httpx.HTTPTransport):
    """Remembers what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path.removeprefix("/api/v3").rstrip("/")))
        return super().handle_request(request)


def open_api(world: World, auth: Any, recorder: Recorder) -> Any:
    return githubkit.GitHub(
        auth, base_url=world.api_url, transport=recorder, cache_strategy=MemCacheStrategy(), http_cache=False
    )


def check(response: Any, status: int = 200) -> Any:
    """The answer as githubkit's model; 204 has none."""
    assert response.status_code == status
    return None if status == 204 else response.parsed_data


def walk_app(world: World, app: Any) -> None:
    rest, number = app.rest, world.installation["id"]
    assert check(rest.apps.get_authenticated()).slug == "specwright"
    assert check(rest.apps.list_installations())[0].id == number
    assert check(rest.apps.get_installation(number)).app_slug == "specwright"
    assert check(rest.apps.get_repo_installation(OWNER, NAME)).id == number
    assert check(rest.apps.get_org_installation(OWNER)).id == number
    assert check(rest.apps.get_user_installation(OWNER)).id == number
    assert check(rest.apps.create_installation_access_token(number, data={"repositories": [NAME]}), 201).token
    world.wait()
    delivery = check(rest.apps.list_webhook_deliveries())[0]
    assert check(rest.apps.get_webhook_delivery(delivery.id)).request.headers
    check(rest.apps.redeliver_webhook_delivery(delivery.id), 202)


def walk_code(rest: Any, head: str) -> None:
    assert check(rest.repos.get(OWNER, NAME)).permissions.push
    assert check(rest.repos.get_collaborator_permission_level(OWNER, NAME, "will")).role_name == "write"
    assert check(rest.users.get_by_username("specwright[bot]")).type == "Bot"
    assert check(rest.rate_limit.get()).resources.core.limit
    assert check(rest.repos.get_content(OWNER, NAME, "README.md")).encoding == "base64"
    assert check(rest.repos.get_content(OWNER, NAME, "src"))[0].path == "src/main.py"
    assert len(check(rest.repos.get_content(OWNER, NAME, ""))) == 2
    assert check(rest.repos.get_branch(OWNER, NAME, "topic")).commit.sha == head
    assert check(rest.repos.list_branches(OWNER, NAME))
    assert check(rest.git.get_ref(OWNER, NAME, "heads/topic")).object_.sha == head
    assert check(rest.git.list_matching_refs(OWNER, NAME, "heads/"))
    check(rest.git.create_ref(OWNER, NAME, ref="refs/heads/other", sha=head), 201)
    check(rest.git.update_ref(OWNER, NAME, "heads/other", sha=head, force=True))
    check(rest.git.delete_ref(OWNER, NAME, "heads/other"), 204)
    assert check(rest.repos.list_commits(OWNER, NAME, sha="topic"))[0].sha == head
    assert check(rest.repos.get_commit(OWNER, NAME, head)).files
    check(rest.apps.list_repos_accessible_to_installation())
    assert check(rest.teams.get_membership_for_user_in_org(OWNER, "dba", "will")).state == "active"


def walk_issue(rest: Any) -> None:
    number = check(rest.issues.create(OWNER, NAME, title="T", body="B", labels=["bug"]), 201).number
    assert check(rest.issues.get(OWNER, NAME, number)).labels[0].name == "bug"
    assert check(rest.issues.list_for_repo(OWNER, NAME))
    check(rest.issues.update(OWNER, NAME, number, title="T2", state="closed", state_reason="not_planned"))
    check(rest.issues.update(OWNER, NAME, number, state="open"))
    comment = check(rest.issues.create_comment(OWNER, NAME, number, body="hello"), 201).id
    assert check(rest.issues.list_comments(OWNER, NAME, number))[0].performed_via_github_app.slug == "specwright"
    check(rest.issues.get_comment(OWNER, NAME, comment))
    assert check(rest.issues.update_comment(OWNER, NAME, comment, body="hi")).body == "hi"
    check(rest.reactions.create_for_issue_comment(OWNER, NAME, comment, content="+1"), 201)
    assert len(check(rest.reactions.list_for_issue_comment(OWNER, NAME, comment))) == 1
    check(rest.issues.delete_comment(OWNER, NAME, comment), 204)
    check(rest.reactions.create_for_issue(OWNER, NAME, number, content="eyes"), 201)
    check(rest.reactions.create_for_issue(OWNER, NAME, number, content="eyes"))
    assert len(check(rest.reactions.list_for_issue(OWNER, NAME, number))) == 1
    check(rest.issues.create_label(OWNER, NAME, name="blue", color="0000ff", description="sky"), 201)
    check(rest.issues.get_label(OWNER, NAME, "blue"))
    assert check(rest.issues.list_labels_for_repo(OWNER, NAME))
    check(rest.issues.add_labels(OWNER, NAME, number, data={"labels": ["blue", "green"]}))
    assert len(check(rest.issues.list_labels_on_issue(OWNER, NAME, number))) == 3
    check(rest.issues.remove_label(OWNER, NAME, number, "green"))
    check(rest.issues.lock(OWNER, NAME, number), 204)
    check(rest.issues.unlock(OWNER, NAME, number), 204)


def walk_pull(rest: Any, graphql: Any, head: str) -> None:
    pull = check(rest.pulls.create(OWNER, NAME, title="P", head="topic", base="main", draft=True), 201)
    assert check(rest.pulls.list(OWNER, NAME, head=f"{OWNER}:topic"))[0].draft
    mutation = "mutation($id: ID!) {markPullRequestReadyForReview(input: {pullRequestId: $id}) {pullRequest {isDraft}}}"
    answer = graphql.request(mutation, {"id": pull.node_id})
    assert answer["markPullRequestReadyForReview"]["pullRequest"]["isDraft"] is False
    assert check(rest.pulls.get(OWNER, NAME, pull.number)).changed_files == 1
    check(rest.pulls.update(OWNER, NAME, pull.number, body="more"))
    assert check(rest.pulls.list_commits(OWNER, NAME, pull.number))[0].sha == head
    assert check(rest.pulls.list_files(OWNER, NAME, pull.number))[0].filename == "new.txt"
    run = check(rest.checks.create(OWNER, NAME, name="C", head_sha=head, external_id="x", status="in_progress"), 201)
    assert run.pull_requests[0].number == pull.number
    output = {"title": "t", "summary": "s"}
    check(rest.checks.update(OWNER, NAME, run.id, status="completed", conclusion="neutral", output=output))
    assert check(rest.checks.get(OWNER, NAME, run.id)).conclusion == "neutral"
    assert check(rest.checks.list_for_ref(OWNER, NAME, "topic", check_name="C")).total_count == 1
    check(rest.checks.rerequest_run(OWNER, NAME, run.id), 201)
    assert check(rest.pulls.merge(OWNER, NAME, pull.number)).merged
    check(rest.pulls.check_if_merged(OWNER, NAME, pull.number), 204)


def test_every_route_is_read(world: World, make_clone: Callable[..., Clone]) -> None:
    recorder = Recorder()
    copy = make_clone()
    head = copy.commit("topic", {"new.txt": "new\n"})
    copy.push("topic")
    world.playground.ensure_team_member(OWNER, "dba", "will")
    walk_app(world, open_api(world, AppAuthStrategy(str(world.app["id"]), world.private_key), recorder))
    api = open_api(world, world.make_token(), recorder)
    walk_code(api.rest, head)
    walk_issue(api.rest)
    walk_pull(api.rest, api.graphql, head)
    person = open_api(world, world.get_login_token("will"), recorder)
    assert check(person.rest.users.get_authenticated()).login == "will"
    check(api.rest.apps.revoke_installation_access_token(), 204)
    assert _list_missing(recorder) == []


def _list_missing(recorder: Recorder) -> list[str]:
    """The routes that were not asked."""
    missing = []
    for route in list_routes():
        pattern, _, _ = compile_path(route.path)
        if not any(method == route.method and pattern.match(path) for method, path in recorder.asked):
            missing.append(f"{route.method} {route.path}")
    return missing
