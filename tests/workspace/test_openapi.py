"""The document that an application gives of itself, and those that lie or break."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.workspace.databases import ScratchServer
from bot.workspace.openapi import list_applications, read_openapi
from bot.workspace.sandbox import Sandbox
from tests.workspace.workspaces import make_workspace

DOCUMENT = {"openapi": "3.1.0", "paths": {"/books": {"get": {}}}}
# The library's name is what counts: it need not be installed here.
LIBRARY = f"""
class FastAPI:
    def __init__(self, document={DOCUMENT!r}): self.document = document
    def openapi(self): return self.document
"""
IMPORT = "from fastapi import FastAPI\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"shop/main.py": f"{IMPORT}app = FastAPI()\n"}, DOCUMENT, id="an application"),
        pytest.param({"src/shop/web.py": f"{IMPORT}api: FastAPI = FastAPI()\n"}, DOCUMENT, id="below src, annotated"),
        pytest.param({"main.py": f"{IMPORT}print('{{}}')\napp = FastAPI()\nprint('on')\n"}, DOCUMENT, id="it prints"),
        pytest.param(
            {"a.py": f"{IMPORT}app = FastAPI()\n1 / 0\n", "shop/main.py": f"{IMPORT}app = FastAPI()\n"},
            DOCUMENT,
            id="the first cannot be imported",
        ),
        pytest.param({"main.py": f"{IMPORT}app = FastAPI({{'paths': 3}})\n"}, None, id="no document"),
        pytest.param({"main.py": f"{IMPORT}app = FastAPI([])\n"}, None, id="no object"),
        pytest.param({"main.py": "def FastAPI: (\n"}, None, id="no Python"),
        pytest.param({"main.py": f"{IMPORT}def make():\n    app = FastAPI()\n"}, None, id="made in a function"),
        pytest.param({"tests/test_a.py": f"{IMPORT}app = FastAPI()\n"}, None, id="of a test"),
    ],
)
def test_the_document(
    tmp_path: Path,
    files: Mapping[str, str],
    expected: object,
    scratch_server: ScratchServer,
    sandbox: Sandbox,
) -> None:
    workspace = make_workspace(tmp_path, {"fastapi.py": LIBRARY, **files}, scratch_server, sandbox)
    database = scratch_server.create()
    try:
        found = read_openapi(workspace, database, {"DATABASE_URL": database.url()})
    finally:
        scratch_server.drop(database)
    assert json.dumps(found) == json.dumps(expected)


def test_those_near_the_root_come_first(tmp_path: Path) -> None:
    for path in ("b/c/main.py", "b/main.py", "z.py", "b/__init__.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{IMPORT}app = FastAPI()\n")
    assert list_applications(tmp_path) == ("z:app", "b:app", "b.main:app", "b.c.main:app")
