"""Texts made to hurt: they end, with a spec or with problems, and nothing is fetched. That they end is the test."""

from __future__ import annotations

import socket
from typing import Any, NoReturn

import pytest

from bot.spec.gaps import find_gaps
from bot.spec.reader import MAX_BODY, SpecError, read_spec
from tests.spec.plain import read_problems

ROOM = MAX_BODY - 200  # characters, what a fence and its heading leave


def fill(piece: str) -> str:
    return (piece * (ROOM // len(piece) + 1))[:ROOM]


def fence(language: str, text: str) -> str:
    return f"## Data model\n```{language}\n{text[:ROOM]}\n```\n"


def openapi(version: str, schemas: str) -> str:
    head = f'openapi: {version}\ninfo: {{title: a, version: "1"}}\npaths: {{}}\ncomponents:\n  schemas:\n'
    return f"```openapi\n{head}{schemas}\n```"


MARKDOWN = [
    "[",
    "](",
    "![",
    "<",
    "<!--",
    "> ",
    "- ",
    "1. ",
    "`",
    "*a**",
    "_",
    "\\",
    "|",
    "&",
    "{",
    "\n",
    " ",
    "AC-1 ",
    "?",
]
CRITERIA = ["- ", "AC-1 ", "AC-1: a\n", "Given ", "- Given a\n", "?", "- a\n"]
LISTS = "".join(f"{' ' * (2 * depth)}- a\n" for depth in range(170))
SQL = ["SELECT (", "SELECT 1+", "SELECT - ", "SELECT NOT ", "/*", "DROP TABLE a;", "a.", "$a$", "'"]
SQL_TERMS = ["+1", "::int", "[1]", "||''", " AND b", " UNION SELECT 1", "(1)"]
YAML = ["[", "{a: ", "- ", "? ", "&a [*a]", "!!python/object ", "a: ", '"', "<<: *a\n", "a:\n "]
DBML = ["Table a {\n", "Table a { b int [ref: > c.d] }\n", "'\\", "'''", "/*", "`", "[", "a.", "Table a{b c("]
MERMAID = ["a ||--o{ b : c\n", "a {\n int b FK\n}\n", "a {", '"', "a { int b "]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 12)
)
DOUBLING = "".join(
    f"    s{n}: {{allOf: [{{$ref: '#/components/schemas/s{n + 1}'}}, {{$ref: '#/components/schemas/s{n + 1}'}}]}}\n"
    for n in range(60)
)
SCHEMAS = {
    "references that double": DOUBLING + "    s60: {type: string}",
    "a slow pattern": f"    a: {{type: string, pattern: '(a+)+$', default: '{'a' * 50}b'}}",
    "a circle": "    a: {$ref: '#/components/schemas/b'}\n    b: {$ref: '#/components/schemas/a'}",
}


def in_default(piece: str) -> str:
    return fence("yaml", f'tables: {{a: {{columns: {{b: {{type: int, default: "1{fill(piece)[: ROOM - 100]}"}}}}}}}}')


BODIES = {
    **{f"Markdown {piece!r}": fill(piece) for piece in MARKDOWN},
    **{f"criteria {piece!r}": f"## Acceptance criteria\n{fill(piece)}" for piece in CRITERIA},
    "questions": "## Open questions\n" + fill("!") + "a",
    "a data model in words": "## Data model\n" + fill("!") + "a",
    "lists in lists": LISTS + "## Acceptance criteria\n" + LISTS,
    **{f"sql {piece!r}": fence("sql", fill(piece)) for piece in SQL},
    **{f"sql term {piece!r}": fence("sql", "CREATE VIEW a AS SELECT 1" + fill(piece)) for piece in SQL_TERMS},
    **{f"a default of {piece!r}": in_default(piece) for piece in SQL_TERMS},
    **{f"yaml {piece!r}": fence("yaml", fill(piece)) for piece in YAML},
    "yaml that multiplies": fence("yaml", BOMB),
    **{f"dbml {piece!r}": fence("dbml", fill(piece)) for piece in DBML},
    **{f"mermaid {piece!r}": fence("mermaid", "erDiagram\n" + fill(piece)) for piece in MERMAID},
    "a cell of very many phrases": f"## Data model\n### a\n|Column|Type|Notes|\n|-|-|-|\n|a|int|{fill('a,')}|\n",
    "a table of very many columns": f"## Data model\n### a\n|{fill('a|')[: ROOM // 2]}\n|{fill('-|')[: ROOM // 2]}\n",
    "openapi that multiplies": openapi("3.1.0", BOMB.replace("a", "    a")),
    **{
        f"openapi {version} {name}": openapi(version, schemas)
        for version in ("3.0.3", "3.1.0", "3.2.0")
        for name, schemas in SCHEMAS.items()
    },
}


@pytest.mark.parametrize("name", BODIES)
def test_it_ends(name: str) -> None:
    assert len(BODIES[name]) <= MAX_BODY
    try:
        spec = read_spec("a", BODIES[name])
    except SpecError as error:
        assert error.problems
        return
    find_gaps(spec, None)


@pytest.mark.parametrize("body", [BOMB, f"a: &a [*a]\n{'b: 1'}"])
def test_aliases_cannot_multiply(body: str) -> None:
    problems = read_problems(fence("yaml", body))
    assert "aliases" in problems[0].message or "nested" in problems[0].message


def test_depth_is_limited_where_parsers_recurse() -> None:
    assert "nested" in read_problems(fence("yaml", "[" * 100 + "]" * 100))[0].message
    assert "nested" in read_problems(fence("sql", f"CREATE VIEW a AS SELECT {'1+' * 500}1"))[0].message
    assert "too long" in read_problems(fence("sql", f"CREATE VIEW a AS SELECT {'1+' * 20_000}1"))[0].message


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("something was fetched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for target in ("http://192.0.2.1/a.yml#/a", "file:///etc/passwd#/a", "//192.0.2.1/a", "a.yml"):
        problems = read_problems(openapi("3.1.0", f"    a: {{$ref: '{target}'}}"))
        assert "leads out of the document" in problems[0].message
