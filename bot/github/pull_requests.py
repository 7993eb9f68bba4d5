"""The one open pull request of a branch."""

from __future__ import annotations

import logging
from typing import Any

from bot.github.connection import Connection
from bot.github.errors import Unprocessable
from bot.github.limits import MAXIMUM_BODY, MAXIMUM_TITLE, cut
from bot.github.names import split_repository
from bot.github.values import PullRequest, read_pull_request

log = logging.getLogger(__name__)

# The REST API cannot change the draft state: https://docs.github.com/en/graphql/reference/mutations
READY = "mutation($id: ID!) {markPullRequestReadyForReview(input: {pullRequestId: $id}) {pullRequest {isDraft}}}"
DRAFT = "mutation($id: ID!) {convertPullRequestToDraft(input: {pullRequestId: $id}) {pullRequest {isDraft}}}"


def find_pull_request(connection: Connection, repo: str, head: str) -> PullRequest | None:
    """The open pull request from branch `head` of the same repository."""
    owner, name = split_repository(repo)
    found = connection.call(
        lambda rest: rest.pulls.list(owner, name, state="open", head=f"{owner}:{head}"),
        lambda data: [read_pull_request(item) for item in data if _is_of_same_repository(item)],
    )
    return next((pull for pull in found if pull.head == head), None)


def ensure_pull_request(
    connection: Connection, repo: str, head: str, base: str, title: str, body: str, draft: bool
) -> PullRequest:
    """The open pull request from `head`, with that title, body and draft state.

    Where GitHub offers no drafts (private repositories of free plans) it is opened as an ordinary one.
    """
    title, body = title.strip()[:MAXIMUM_TITLE], cut(body, MAXIMUM_BODY)
    found = find_pull_request(connection, repo, head)
    if found is None:
        found = _create(connection, repo, head, base, title, body, draft)
    if (found.title, found.body, found.base) != (title, body, base):
        found = _edit(connection, repo, found.number, base, title, body)
    return found if found.draft == draft else _set_draft(connection, repo, found, draft)


def _create(connection: Connection, repo: str, head: str, base: str, title: str, body: str, draft: bool) -> PullRequest:
    owner, name = split_repository(repo)
    try:
        return connection.call(
            lambda rest: rest.pulls.create(owner, name, title=title, head=head, base=base, body=body, draft=draft),
            read_pull_request,
        )
    except Unprocessable as error:
        if "already exists" in error.message:  # made meanwhile, perhaps by ourselves when the answer was lost
            found = find_pull_request(connection, repo, head)
            if found is not None:
                return found
        if draft and "Draft pull requests are not supported" in error.message:
            log.warning("%s has no draft pull requests; opening an ordinary one", repo)
            return _create(connection, repo, head, base, title, body, draft=False)
        raise


def _is_of_same_repository(data: Any) -> bool:
    """An organization can fork its own repository, and then the owner does not tell the two apart."""
    head = data["head"]["repo"]  # None when the fork was deleted
    return head is not None and bool(head["id"] == data["base"]["repo"]["id"])


def _edit(connection: Connection, repo: str, number: int, base: str, title: str, body: str) -> PullRequest:
    owner, name = split_repository(repo)
    return connection.call(
        lambda rest: rest.pulls.update(owner, name, number, base=base, title=title, body=body), read_pull_request
    )


def _set_draft(connection: Connection, repo: str, pull: PullRequest, draft: bool) -> PullRequest:
    try:
        connection.send(lambda: connection.api.graphql.request(DRAFT if draft else READY, {"id": pull.node_id}))
    except Unprocessable as error:
        log.warning("the draft state of %s#%s stays %s: %s", repo, pull.number, pull.draft, error)
        return pull
    owner, name = split_repository(repo)
    return connection.call(lambda rest: rest.pulls.get(owner, name, pull.number), read_pull_request)
