"""What a change does to the tests that were there: files edited or deleted, assertions gone, marks that look away.

A person decides whether that is right; a spec that names the file or the test has decided it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from bot.gates.changed_tests import is_test_file, list_changed_tests
from bot.gates.patch import read_added_lines
from bot.workspace.tree import FileChange

MAX_LINES = 20
_ASSERTION = re.compile(r"^-\s*(?:assert\b|self\.assert|with pytest\.raises|pytest\.raises)")
_NEW_ASSERTION = re.compile(r"^\+\s*(?:assert\b|self\.assert|with pytest\.raises|pytest\.raises)")
_SKIP = re.compile(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b|unittest\.(?:skip|expectedFailure)")
_IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no cover|pyright:\s*ignore|pylint:\s*disable|nosec)")


def list_weakened(changes: Iterable[FileChange], patch: str, spec: str) -> tuple[str, ...]:
    """A sentence for each, the paths in backticks. `spec` is the issue's text."""
    gone = _count_lost_assertions(patch)
    edited = [change for change in list_changed_tests(changes) if not _is_named(change.path, spec)]
    lines = [
        f"the existing tests in `{change.path}` are {change.kind}"
        + (f" ({gone[change.path]} fewer assertions)" if gone.get(change.path, 0) > 0 else "")
        for change in edited
    ]
    return (*lines, *_list_marks(patch, spec))[:MAX_LINES]


def _list_marks(patch: str, spec: str) -> Iterator[str]:
    for line in read_added_lines(patch):
        if not line.path.endswith(".py") or _is_named(line.path, spec):
            continue
        skip, ignore = _SKIP.search(line.text), _IGNORE.search(line.text)
        if skip and is_test_file(line.path):
            yield f"a test is skipped or expected to fail in `{line.path}`, line {line.number}"
        elif ignore:
            yield f"a check is told to look away in `{line.path}`, line {line.number}"


def _count_lost_assertions(patch: str) -> dict[str, int]:
    """By path: how many more assertions go than come."""
    lost: dict[str, int] = {}
    path = ""
    for line in patch.splitlines():
        if line.startswith("--- a/"):
            path = line.removeprefix("--- a/")
        lost[path] = lost.get(path, 0) + bool(_ASSERTION.match(line)) - bool(_NEW_ASSERTION.match(line))
    return lost


def _is_named(path: str, spec: str) -> bool:
    return path in spec or PurePosixPath(path).name in spec
