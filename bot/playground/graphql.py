"""The two mutations of the GraphQL API for what REST cannot do: a pull request's draft state.

https://docs.github.com/en/graphql/reference/mutations. The query is not parsed beyond the name of its mutation:
whatever fields of the pull request it asks for, it gets those below.
"""

from __future__ import annotations

import re
from typing import Any

from starlette.routing import Route

from bot.playground.access import may, may_see
from bot.playground.actions.pulls import set_draft
from bot.playground.api import ApiRoute, Call, make_endpoint
from bot.playground.errors import Refused
from bot.playground.shapes.issue import get_issue_page
from bot.playground.site import Site
from bot.playground.tables import Issue

MUTATIONS = {"markPullRequestReadyForReview": False, "convertPullRequestToDraft": True}
MUTATION = re.compile(r"mutation\b[^{]*\{\s*(\w+)")
NODE = re.compile(r"PR_kwDO([0-9]{8,18})")


def make_graphql_route(site: Site) -> Route:
    """The API's one route."""
    found = ApiRoute("POST", "/api/graphql", answer)
    return Route(found.path, make_endpoint(site, found), methods=[found.method])


def answer(call: Call) -> dict[str, Any]:
    """What the query asks for, or errors, both with status 200."""
    found = MUTATION.search(call.get_text("query"))
    name = found.group(1) if found else ""
    if name not in MUTATIONS:
        return _refuse(name, "UNSUPPORTED", "This playground knows only the mutations " + ", ".join(MUTATIONS))
    node = _find_node_id(call)
    issue = _find(call, node)
    if issue is None or issue.pull is None or not may_see(call.work, call.caller, issue.repository):
        return _refuse(name, "NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")
    if not may(call.work, call.caller, issue.repository, "pull_requests", "write"):
        return _refuse(name, "FORBIDDEN", "Resource not accessible by integration")
    try:
        set_draft(call.work, issue, call.get_actor(), MUTATIONS[name])
    except Refused as refused:
        return _refuse(name, "UNPROCESSABLE", refused.message)
    pull = {
        "id": node,
        "number": issue.number,
        "isDraft": issue.pull.draft,
        "title": issue.title,
        "url": get_issue_page(call.work, issue),
    }
    return {"data": {name: {"clientMutationId": None, "pullRequest": pull}}}


def _find_node_id(call: Call) -> str:
    """From the variables, whatever they are called, else from the query itself."""
    variables = call.body.get("variables")
    texts = [str(value) for value in variables.values()] if isinstance(variables, dict) else []
    texts += re.findall(r'"([^"]+)"', call.get_text("query"))
    return next((text for text in texts if text), "")


def _find(call: Call, node: str) -> Issue | None:
    found = NODE.fullmatch(node)
    return call.work.session.get(Issue, int(found.group(1))) if found else None


def _refuse(name: str, kind: str, message: str) -> dict[str, Any]:
    return {"data": {name: None}, "errors": [{"type": kind, "path": [name], "message": message}]}
