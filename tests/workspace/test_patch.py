"""The law of patches: whatever was changed, the patch makes exactly that of a fresh tree, after a way through JSON."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.workspace.mirror import Mirror
from bot.workspace.tree import Tree
from bot.workspace.tree_files import remove_file, write_file, write_link
from tests.workspace.repositories import EXECUTABLE, LINK, Origin
from tests.workspace.trees import WHO, make_mirror, read_files

TEXT = b"".join(b"line %d\n" % number for number in range(40))
BASE = {
    "a": b"1\n",
    "b/c": TEXT,
    "b/d": (EXECUTABLE, b"#!/bin/sh\n"),
    "e": (LINK, b"b/c"),
    "f/g/h": b"\0\1",
    "latin": "é\n".encode("latin-1"),
    "empty": b"",
    "q*?[x] \"'": b"odd name\n",
}
PATHS = [*BASE, "new", "b", "a/deep/er", "f", "f/g", "ünï/ço dé", "tab\tand\nnewline", "back\\slash", "-dash", "b/c/d"]

contents = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=100).map(str.encode),
    st.sampled_from([b"", b"\n", b"\r\n", b"a\rb\n", b"x", TEXT, TEXT[:-1], TEXT.replace(b"line 7", b"line seven")]),
    st.sampled_from(
        [TEXT + b"\xff", b"\0" + TEXT, TEXT * 30 + b"\0", "\u2028\x85\x0c\ufeff\n".encode(), b"-- \n+++ b/x\n"]
    ),
    st.builds(lambda head, tail: head + TEXT + tail, st.binary(max_size=20), st.binary(max_size=20)),
)
edits = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(PATHS), contents, st.booleans()),
    st.tuples(st.just("link"), st.sampled_from(PATHS), st.sampled_from([b"a", b"no/where", b"b", "ü".encode()])),
    st.tuples(st.just("remove"), st.sampled_from(PATHS)),
)


@pytest.fixture(scope="module")
def base() -> Iterator[tuple[Mirror, str]]:
    directory = Path(tempfile.mkdtemp())
    origin = Origin.make(directory / "origin.git")
    commit = origin.commit(BASE)
    yield make_mirror(directory, "files", origin), commit
    shutil.rmtree(directory)


@settings(max_examples=10, deadline=None)
@given(st.lists(edits, max_size=20))
@example([("remove", "b/c"), ("remove", "b/d"), ("write", "b", b"\xff", True)])
@example([("remove", "a"), ("write", "a/deep/er", b"\xe9", False)])
@example([("write", "latin", "éé\n".encode("latin-1"), False), ("write", "q*?[x] \"'", b"\xff", False)])
def test_a_patch_tells_everything(base: tuple[Mirror, str], steps: list[tuple[object, ...]]) -> None:
    mirror, commit = base
    place = mirror.root.parent / "run" / "tree"
    tree = Tree.open(mirror, commit, place)
    for step in steps:
        _edit(tree.path, step)
    expected, patch, made = read_files(tree.path), tree.patch(), tree.commit("x", **WHO)
    assert "\0" not in patch
    assert json.loads(json.dumps(patch, ensure_ascii=False).encode()) == patch
    fresh = Tree.open(mirror, commit, place)
    fresh.apply(patch)
    assert read_files(fresh.path) == expected
    assert fresh.commit("x", **WHO) == made
    assert (patch == "") is (fresh.list_changes() == ())


def _edit(root: Path, step: tuple[object, ...]) -> None:
    """Does it; what stands in the way goes first."""
    kind, path = str(step[0]), str(step[1])
    for parent in Path(path).parents:
        if (os.path.lexists(root / parent) and not (root / parent).is_dir()) or (root / parent).is_symlink():
            (root / parent).unlink()
    if (root / path).is_dir() and not (root / path).is_symlink() and kind != "remove":
        shutil.rmtree(root / path)
    if kind == "write":
        write_file(root, path, [step[2]], executable=bool(step[3]))  # type: ignore[list-item]
    elif kind == "link":
        write_link(root, path, step[2])  # type: ignore[arg-type]
    else:
        remove_file(root, path)
