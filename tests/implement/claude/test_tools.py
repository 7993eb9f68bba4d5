"""The tools, each on real files: what they do, and what they refuse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.implement.claude.tools import get_tools, run_tool
from bot.implement.claude.tools.bounds import cut_middle
from bot.workspace.junit import TestCase
from bot.workspace.test_run import TestReport
from tests.implement.claude.desk import Folder
from tests.workspace.trees import open_tree

EDITOR = "str_replace_based_edit_tool"
FILES = {"app.py": b"one\ntwo\nthree\n", "end": b"no newline", "a/b/c.txt": b"deep", "bytes": b"\xff\x00", "empty": b""}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Folder]:
    _, tree = open_tree(tmp_path, "files", FILES)
    (tree.path / "out").symlink_to("/etc")
    (tree.path / "link.py").symlink_to("app.py")
    os.mkfifo(tree.path / "pipe")
    yield Folder(tree)
    tree.close()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"command": "view", "path": "app.py"}, "     1\tone\n     2\ttwo\n     3\tthree"),
        ({"command": "view", "path": "app.py", "view_range": [2, -1]}, "     2\ttwo\n     3\tthree"),
        ({"command": "view", "path": "app.py", "view_range": [2, 2]}, "     2\ttwo"),
        ({"command": "view", "path": "empty"}, "(an empty file)"),
        ({"command": "view", "path": "a"}, "a/b/\na/b/c.txt"),
        ({"command": "create", "path": "new/x.py", "file_text": "x\ny\n"}, "new/x.py is written (2 lines)"),
        ({"command": "str_replace", "path": "app.py", "old_str": "two", "new_str": "2"}, "app.py is changed"),
        ({"command": "insert", "path": "app.py", "insert_line": 3, "insert_text": "four"}, "app.py is changed"),
    ],
)
def test_the_editor_does(place: Folder, given: dict[str, Any], says: str) -> None:
    result = run_tool(place, EDITOR, given)
    assert (result.text, result.is_error) == (says, False)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"command": "view", "path": "no.py"}, "there is no file no.py"),
        ({"command": "view", "path": "pipe"}, "there is no file pipe"),
        ({"command": "view", "path": "bytes"}, "is no text"),
        ({"command": "view", "path": "app.py", "view_range": [4, 9]}, "the file has 3 lines"),
        ({"command": "view", "path": "/etc/passwd"}, "outside of the repository"),
        ({"command": "view", "path": "../x"}, "no path in the repository"),
        ({"command": "view", "path": "a/../../x"}, "no path in the repository"),
        ({"command": "view", "path": "out/passwd"}, "leads through a symbolic link (out)"),
        ({"command": "view", "path": "link.py"}, "leads through a symbolic link (link.py)"),
        ({"command": "create", "path": "out/x", "file_text": ""}, "leads through a symbolic link"),
        ({"command": "create", "path": ".git/config", "file_text": ""}, "no path in the repository"),
        ({"command": "create", "path": ".github/workflows/a.yml", "file_text": ""}, "has power over the repository"),
        ({"command": "create", "path": ".", "file_text": ""}, "root, not a file"),
        ({"command": "create", "path": "a", "file_text": ""}, "a directory is in its place"),
        ({"command": "create", "path": "app.py/x", "file_text": ""}, "no directory"),
        ({"command": "str_replace", "path": "app.py", "old_str": "o", "new_str": ""}, "stands in the file 2 times"),
        ({"command": "str_replace", "path": "app.py", "old_str": "five"}, "does not stand in the file"),
        ({"command": "insert", "path": "app.py", "insert_line": 9, "insert_text": ""}, "has 3 lines only"),
    ],
)
def test_the_editor_refuses(place: Folder, given: dict[str, Any], says: str) -> None:
    result = run_tool(place, EDITOR, given)
    assert result.is_error
    assert says in result.text
    assert (place.tree.path / "app.py").read_bytes() == FILES["app.py"]


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        (0, "zero", "zero\none\ntwo\nthree\n"),
        (1, "x\ny\n", "one\nx\ny\ntwo\nthree\n"),
        (3, "four", "one\ntwo\nthree\nfour\n"),
    ],
)
def test_lines_are_inserted_whole(place: Folder, line: int, text: str, expected: str) -> None:
    run_tool(place, EDITOR, {"command": "insert", "path": "app.py", "insert_line": line, "insert_text": text})
    assert (place.tree.path / "app.py").read_text() == expected


def test_a_line_after_one_without_an_end(place: Folder) -> None:
    run_tool(place, EDITOR, {"command": "insert", "path": "end", "insert_line": 1, "insert_text": "more"})
    assert (place.tree.path / "end").read_text() == "no newline\nmore\n"


@pytest.mark.parametrize(
    ("command", "says", "is_error"),
    [
        ("echo hello; echo oops >&2", "exit code 0\nhello\nstderr:\noops", False),
        ("exit 7", "exit code 7", True),
        ("sleep 60", "stopped at its time limit", True),
    ],
)
def test_a_command_says_how_it_ended(place: Folder, command: str, says: str, is_error: bool) -> None:
    result = run_tool(place, "run_command", {"command": command, "timeout_seconds": 1 if "sleep" in command else 60})
    assert (result.text, result.is_error) == (says, is_error)


def test_tests_that_fail_are_named_with_their_message(place: Folder) -> None:
    cases = (TestCase("t.py::a", "passed", 0.1, ""), TestCase("t.py::b", "failed", 0.1, "assert 1 == 2"))
    place.reports += [TestReport(cases, 1, "the output", "pytest"), "no schema"]
    result = run_tool(place, "run_tests", {"tests": ["t.py"]})
    assert result.text.splitlines() == [
        "1 passed, 1 failed, 0 skipped (exit code 1)",
        "failed: t.py::b: assert 1 == 2",
        "passed: t.py::a",
        "the output",
    ]
    assert not result.is_error
    assert run_tool(place, "run_tests", {}).is_error


def test_every_tool_is_told_in_the_docs() -> None:
    docs = (Path(__file__).parents[3] / "docs" / "engineer.md").read_text()
    assert [name for name in get_tools() if f"| `{name}` |" not in docs] == []
    assert list(get_tools()) == sorted(get_tools())  # the same order in every process, or nothing would be cached


@given(st.text(), st.integers(20, 200))
def test_what_is_cut_keeps_both_ends(text: str, limit: int) -> None:
    cut = cut_middle(text, limit)
    if len(text) <= limit:
        assert cut == text
        return
    head, _, rest = cut.partition("\n[… ")
    tail = rest.partition("at once …]\n")[2]
    assert text.startswith(head)
    assert text.endswith(tail)
    assert len(head) + len(tail) <= limit
