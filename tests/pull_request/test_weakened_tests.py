"""What a change does to the tests that were there is told."""

from __future__ import annotations

import pytest

from bot.pull_request.weakened_tests import list_weakened
from bot.workspace.tree import FileChange

PATCH = """diff --git a/{path} b/{path}
--- a/{path}
+++ b/{path}
@@ -1,2 +1,{count} @@
{body}
"""


def change(path: str, kind: str = "modified") -> FileChange:
    return FileChange(path, kind, 10, False, "100644")  # type: ignore[arg-type]


def patch(path: str, *lines: str) -> str:
    count = sum(not line.startswith("-") for line in lines)
    return PATCH.format(path=path, count=count, body="\n".join(lines))


@pytest.mark.parametrize(
    ("path", "lines", "kind", "expected"),
    [
        (
            "tests/test_a.py",
            ("-    assert x == 1", "-    assert y", "+    assert x"),
            "modified",
            ("1 fewer assertions",),
        ),
        ("tests/test_a.py", (" a = 1", "-b = 1"), "deleted", ("are deleted",)),
        ("tests/test_new.py", (" a", "-b", "+@pytest.mark.skip"), "added", ("skipped or expected to fail", "line 2")),
        ("tests/test_new.py", (" a", "-b", "+    pytest.xfail()"), "added", ("skipped",)),
        ("app.py", (" a", "-b", "+x = f()  # type: ignore[arg-type]"), "modified", ("told to look away", "`app.py`")),
        ("app.py", (" a", "-b", "+x = f()  # noqa: S101"), "modified", ("told to look away",)),
        ("tests/test_new.py", (" a", "-b", "+    assert x"), "added", ()),
        ("app.py", (" a", "-    assert x", "+b"), "modified", ()),
    ],
)
def test_what_is_told(path: str, lines: tuple[str, ...], kind: str, expected: tuple[str, ...]) -> None:
    told = "\n".join(list_weakened([change(path, kind)], patch(path, *lines), "a spec"))
    assert all(words in told for words in expected), told
    assert bool(told) == bool(expected)


def test_a_spec_that_names_the_file_has_decided() -> None:
    lines = patch("tests/test_a.py", " a", "-    assert x", "+    pytest.skip()")
    assert list_weakened([change("tests/test_a.py")], lines, "Replace the tests in `tests/test_a.py`.") == ()
