"""An API tried by schemathesis in the sandbox: one that keeps its word, one that does not, one that does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.spec.model import Endpoint
from bot.workspace.api_check import check_api, ensure_tools
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from jobs.api_check import keep_endpoints
from tests.workspace.workspaces import make_workspace

CACHE = Path(__file__).parents[2] / ".data" / "test-cache"
BOOK = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}
ANSWERS = {
    "200": {"description": "the book", "content": {"application/json": {"schema": BOOK}}},
    "404": {"description": "there is none"},
}
PARAMETER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Books", "version": "1"},
    "paths": {"/books/{number}": {"get": {"parameters": [PARAMETER], "responses": ANSWERS}}},
}
APPLICATION = """
import os
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

assert os.environ["DATABASE_URL"]


def get_book(request):
    number = request.path_params["number"]
    if not number.isdecimal() or int(number) < 1:
        return Response(status_code=404)
    return JSONResponse({answer})


app = Starlette(routes=[Route("/books/{{number}}", get_book)])
"""


@pytest.fixture(scope="module")
def tools(sandbox: Sandbox) -> Environment:
    return ensure_tools(sandbox, CACHE)


@pytest.mark.parametrize(
    ("source", "ok", "says"),
    [
        pytest.param(APPLICATION.format(answer='{"id": int(number)}'), True, "No issues found", id="keeps its word"),
        pytest.param(APPLICATION.format(answer='{"id": number}'), False, "Response violates schema", id="another type"),
        pytest.param(APPLICATION.format(answer='{"id": 1 / 0}'), False, "Server error", id="a server error"),
        pytest.param("1 / 0\n", False, "the application does not serve", id="does not start"),
    ],
)
def test_what_is_found(
    tmp_path: Path,
    source: str,
    ok: bool,
    says: str,
    tools: Environment,
    scratch_server: ScratchServer,
    sandbox: Sandbox,
) -> None:
    workspace = make_workspace(tmp_path, {"main.py": source}, scratch_server, sandbox)
    database = scratch_server.create()
    try:
        values = {"DATABASE_URL": database.url()}
        report = check_api(workspace, tools, database, values, "main:app", DOCUMENT, is_stated=True)
    finally:
        scratch_server.drop(database)
    assert (report.ok, says in report.text) == (ok, True), report.text
    assert workspace.tree.list_changes() == ()


def test_only_what_the_spec_names_is_tried() -> None:
    document = {"paths": {"/a/{id}": {"get": 1, "put": 2}, "/b": {"get": 3}}, "info": {}}
    asked = [Endpoint("GET", "/a/{number}/", "", 1)]
    assert keep_endpoints(document, asked) == {"paths": {"/a/{id}": {"get": 1}}, "info": {}}
    assert keep_endpoints(document, []) == document
