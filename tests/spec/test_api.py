"""Endpoints from tables, lists and OpenAPI, and files that are linked."""

from __future__ import annotations

import textwrap

import pytest

from tests.spec.plain import read, read_problems

ENDPOINTS: dict[str, tuple[str, list[tuple[str, str, str, int]]]] = {
    "a table": (
        """
        | Method | Path | Description |
        |---|---|---|
        | get | `/a/{id}` | Reads it |
        | **POST** | /a | |
        """,
        [("GET", "/a/{id}", "Reads it", 4), ("POST", "/a", "", 5)],
    ),
    "a table of one column for both": (
        """
        | Endpoint | Auth | What |
        |---|---|---|
        | `DELETE /a` | admin | Away |
        """,
        [("DELETE", "/a", "admin; Away", 4)],
    ),
    "other headings": ("| Verb | Route |\n|---|---|\n| PUT | /a |", [("PUT", "/a", "", 4)]),
    "a list": (
        """
        - `GET /a` – reads it
        * **POST** `/a`: makes it
        1. PATCH /a/{id} changes
           it
        - Just words about GET /a
        """,
        [("GET", "/a", "reads it", 2), ("POST", "/a", "makes it", 3), ("PATCH", "/a/{id}", "changes it", 4)],
    ),
    "headings and lines": (
        """
        ### GET /a
        Reads it.

        POST /a
        PUT /a
        """,
        [("GET", "/a", "", 2), ("POST", "/a", "", 5), ("PUT", "/a", "", 6)],
    ),
    "two methods": ("- GET, HEAD /a", [("GET", "/a", "", 2), ("HEAD", "/a", "", 2)]),
    "a table of something else": ("| Status | Meaning |\n|---|---|\n| 409 | taken |", []),
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_endpoints_are_found(name: str) -> None:
    text, expected = ENDPOINTS[name]
    spec = read("## API\n" + textwrap.dedent(text).strip("\n"))
    assert [(item.method, item.path, item.description, item.line) for item in spec.endpoints] == expected


WRONG = {
    "no method": "| Method | Path |\n|---|---|\n| FETCH | /a |",
    "no path": "| Method | Path |\n|---|---|\n| GET | a |",
    "a table without methods": "| Path | Description |\n|---|---|\n| /a | reads |",
    "twice": "- GET /x\n\n- GET /a/{id}\n- GET /a/{key}",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_endpoint_is_told(name: str) -> None:
    problems = read_problems(f"## API\n{WRONG[name]}")
    assert [problem.line for problem in problems] == [4 if name != "twice" else 5]


OPENAPI = """
## API
- GET /a
```openapi
openapi: VERSION
info: {title: A, version: "1"}
paths:
  /a:
    get:
      summary: listed already
      responses: {"200": {description: fine}}
  /a/{id}:
    get:
      summary: Reads it
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses:
        200:
          description: 2024-01-01
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Node"}
components:
  schemas:
    Node:
      type: object
      allOf: [{$ref: "#/components/schemas/Node"}]
      properties:
        on: {type: boolean}
        children: {type: array, items: {$ref: "#/components/schemas/Node"}}
```
"""


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_openapi_gives_the_document_and_its_operations(version: str) -> None:
    spec = read(OPENAPI.replace("VERSION", version))
    found = [(item.method, item.path, item.description, item.line) for item in spec.endpoints]
    assert found == [("GET", "/a", "", 2), ("GET", "/a/{id}", "Reads it", 12)]
    assert spec.openapi is not None
    assert spec.openapi["openapi"] == version
    paths = spec.openapi["paths"]
    assert isinstance(paths, dict)
    assert paths["/a/{id}"]["get"]["responses"]["200"]["description"] == "2024-01-01"


def test_openapi_as_json_and_by_its_first_key() -> None:
    document = '{"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}'
    for language in ("openapi", "json", ""):
        spec = read(f"## API\n```{language}\n{document}\n```")
        assert spec.openapi == {"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": {}}


BROKEN = [
    ("openapi: VERSION", "openapi: 2.0", "version"),
    ("openapi: VERSION\n", "", "version"),
    ("type: integer", "type: integr", "schema: {type: integr}"),
    ("name: id,", "name: key,", "/a/{id}:"),
    ("summary: Reads it", "sumary: Reads it", "get:"),
    ("#/components/schemas/Node\"}\n", "#/nowhere\"}\n", ""),
    ("#/components/schemas/Node\"}\n", "file:///etc/passwd\"}\n", "schema: {$ref"),
    ("#/components/schemas/Node\"}\n", "https://example.com/a.yml#/a\"}\n", "schema: {$ref"),
    ("#/components/schemas/Node\"}\n", "other.yml#/a\"}\n", "schema: {$ref"),
    ("type: object", "$id: https://example.com/", "$id: "),
    ("  /a:", "  /a:\n  /a:", "/a:"),
    ("paths:", "paths: [", ""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "quote"), BROKEN)
def test_openapi_that_is_wrong_or_leads_outside_is_told(old: str, new: str, quote: str) -> None:
    assert old in OPENAPI
    body = OPENAPI.replace(old, new, 1).replace("VERSION", "3.1.0")
    problems = read_problems(body)
    assert all(problem.line and "openapi" not in problem.quote.partition(":")[2] for problem in problems)
    assert any(quote in problem.quote or quote in problem.message for problem in problems)


LINKS = [
    ("[a](docs/a.md)", ["docs/a.md"]),
    ("[a](./docs/a.md#part)", ["docs/a.md"]),
    ("[a](/docs/a%20b.md)", ["docs/a b.md"]),
    ("[a](docs/../src/a.py?plain=1)", ["src/a.py"]),
    ("[a](https://github.com/o/r/blob/main/src/a.py#L1-L9)", ["src/a.py"]),
    ("[a](https://forge.example/o/r/blob/v1.0/src/a.py)", ["src/a.py"]),
    ("see https://github.com/o/r/blob/main/src/a.py.", ["src/a.py"]),
    ("<https://github.com/o/r/blob/main/a.py>", ["a.py"]),
    ("[a](../blob/main/docs/a.md)", ["docs/a.md"]),
    ("[a][1]\n\n[1]: docs/a.md", ["docs/a.md"]),
    ("[a](a.md) and [again](a.md)", ["a.md"]),
    ("![a](docs/a.png)", []),
    ("[![a](docs/a.png)](docs/a.md)", ["docs/a.md"]),
    ("[a](https://example.com/a.md)", []),
    ("[a](https://github.com/o/r/issues/3)", []),
    ("[a](../issues/3)", []),
    ("[a](#part) [b](mailto:a@example.com) [c](docs/)", []),
    ("`docs/a.md` and docs/a.md", []),
    ("```\n[a](docs/a.md)\n```", []),
    ("> [a](docs/a.md)", []),
    ("[a](javascript:alert(1)) [b](//evil.example/a.md) [c](file:///etc/passwd)", []),
]


@pytest.mark.parametrize(("text", "paths"), LINKS)
def test_links_to_files_are_found(text: str, paths: list[str]) -> None:
    assert [link.path for link in read(f"x\n\ny\n{text}").links] == paths


def test_links_know_their_lines() -> None:
    spec = read("""
        ## Summary
        As in [the rules](docs/rules.md)
        and [the terms](docs/terms.md).

        - one
          [more](docs/more.md)

        | a |
        |---|
        | [cell](docs/cell.md) |
        """)
    assert [(link.path, link.line) for link in spec.links] == [
        ("docs/rules.md", 2),
        ("docs/terms.md", 3),
        ("docs/more.md", 6),
        ("docs/cell.md", 10),
    ]


@pytest.mark.parametrize("target", ["../../../../etc/passwd", "a/../../b", ".."])
def test_links_that_leave_the_repository_are_told(target: str) -> None:
    problems = read_problems(f"x\n\n[a]({target})")
    assert [problem.line for problem in problems] == [3]


def test_an_openapi_fence_may_stand_beside_the_data_model() -> None:
    paths = "{/a: {get: {responses: {default: {description: A}}}}}"
    fence = f"```openapi\nopenapi: 3.1.0\ninfo: {{title: A, version: '1'}}\npaths: {paths}\n```"
    spec = read(f"## Data model\n```sql\nCREATE TABLE a (id bigint PRIMARY KEY)\n```\n{fence}")
    assert [item.path for item in spec.endpoints] == ["/a"]
    assert [statement.sql for statement in spec.data_model.statements] == ["CREATE TABLE a (id bigint PRIMARY KEY)"]
