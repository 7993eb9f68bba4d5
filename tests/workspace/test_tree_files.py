"""Files of a tree are reached without following links: whatever the repository's code put in their way."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.workspace.git_errors import GitError
from bot.workspace.git_names import is_branch, is_git_name, is_tree_path
from bot.workspace.links import is_inner_link
from bot.workspace.tree_files import open_file, remove_file, write_file, write_link
from tests.workspace.repositories import FILE, Origin, run_git


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree whose links lead to a directory outside."""
    outside, root = tmp_path / "outside", tmp_path / "tree"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (root / "dir").mkdir(parents=True)
    (root / "dir/file").write_text("inside")
    (root / "file-link").symlink_to(outside / "secret")
    (root / "dir-link").symlink_to(outside)
    (root / "dir/up").symlink_to("../../outside")
    (root / "inner").symlink_to("dir")
    os.mkfifo(root / "fifo")
    return root


def _read(root: Path, path: str) -> bytes:
    with open_file(root, path) as stream:
        return stream.read()


@pytest.mark.parametrize(
    "path", ["file-link", "dir-link/secret", "dir/up/secret", "inner/file", "fifo", "dir", "no", "no/no", "dir/file/x"]
)
def test_only_files_that_no_link_leads_to_are_read(root: Path, path: str) -> None:
    assert _read(root, "dir/file") == b"inside"
    with pytest.raises(FileNotFoundError):
        _read(root, path)


OUT = [
    "../outside/secret",
    "/etc/passwd",
    "dir/../../outside/secret",
    "",
    ".",
    "dir/",
    ".git/config",
    "dir/.GIT/x",
    "a\0b",
]


@pytest.mark.parametrize("path", OUT)
def test_paths_that_lead_elsewhere_are_refused(root: Path, path: str) -> None:
    for ask in (
        lambda: _read(root, path),
        lambda: write_file(root, path, [b"owned"]),
        lambda: write_link(root, path, b"dir"),
        lambda: remove_file(root, path),
    ):
        with pytest.raises(GitError):
            ask()
    assert (root.parent / "outside/secret").read_text() == "secret"


@pytest.mark.parametrize("path", ["dir-link/secret", "dir/up/new", "inner/file", "fifo/x", "dir/file/x", "dir"])
def test_nothing_is_written_through_a_link(root: Path, path: str) -> None:
    for ask in (lambda: write_file(root, path, [b"owned"]), lambda: write_link(root, path, b"x")):
        with pytest.raises(GitError):
            ask()
    assert [file.name for file in (root.parent / "outside").iterdir()] == ["secret"]
    assert (root.parent / "outside/secret").read_text() == "secret"
    assert _read(root, "dir/file") == b"inside"


def test_a_link_is_replaced_not_followed(root: Path) -> None:
    write_file(root, "file-link", [b"a", b"b"], executable=True)
    assert _read(root, "file-link") == b"ab"
    assert (root / "file-link").stat().st_mode & 0o100
    assert (root.parent / "outside/secret").read_text() == "secret"
    write_link(root, "file-link", b"dir/file")
    assert (root / "file-link").read_text() == "inside"


def test_what_is_removed_takes_empty_directories_along(root: Path) -> None:
    write_file(root, "x/y/z", [])
    write_file(root, "x/w", [])
    remove_file(root, "x/y/z")
    assert [path.name for path in (root / "x").iterdir()] == ["w"]
    remove_file(root, "x/w")
    assert not (root / "x").exists()
    for path in ("x/w", "dir", "dir-link/secret"):
        remove_file(root, path)
    assert _read(root, "dir/file") == b"inside"
    assert (root.parent / "outside/secret").exists()
    remove_file(root, "dir-link")
    assert not (root / "dir-link").is_symlink()


PLACES = ["a", "b", "d/a", "d/b", "d/e/a", "d/e/b"]
targets = st.lists(st.sampled_from(["..", ".", "a", "b", "d", "e", ""]), min_size=1, max_size=6).map("/".join)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(PLACES), targets, max_size=6))
def test_links_that_pass_never_lead_out(links: dict[str, str]) -> None:
    root = Path(tempfile.mkdtemp()).resolve() / "tree"
    (root / "d/e").mkdir(parents=True)
    for path, target in links.items():
        if is_inner_link(path, target.encode()):
            (root / path).symlink_to(target)
    for path in links:
        for tail in (".", "a", "d/e", "d/a/b"):
            try:
                place = os.open(f"{root}/{path}/{tail}", os.O_PATH)
            except OSError:  # there is nothing, or links lead in a circle
                continue
            reached = os.readlink(f"/proc/self/fd/{place}")  # noqa: PTH115
            os.close(place)
            assert PurePosixPath(reached).is_relative_to(root)
    shutil.rmtree(root.parent)


letters = st.sampled_from([*"ab/.~^:?*[\\@{} -", "..", "@{", ".lock", "//", "é", "\x7f", "\t", "HEAD", "/."])


@settings(max_examples=100, deadline=None)
@given(st.lists(letters, max_size=6).map("".join))
def test_branch_names_are_those_that_git_takes(branch: str) -> None:
    takes = True
    try:
        run_git(Path("/"), "check-ref-format", "--branch", branch)
        run_git(Path("/"), "check-ref-format", f"refs/heads/{branch}")
    except Exception:
        takes = False
    assert is_branch(branch) is (takes and branch != "HEAD")


@pytest.mark.parametrize(
    "name",
    [
        ".git",
        ".GIT",
        ".git.",
        ".git ",
        ".git . .",
        "git~1",
        "GIT~1",
        ".git::$DATA",
        ".g\u200cit",
        "\u206f.git",
        ".gi\ufefft",
    ],
)
def test_names_that_git_takes_for_its_own_are_no_paths(tmp_path: Path, name: str) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    run_git(origin.path, "config", "core.protectHFS", "true")
    run_git(origin.path, "config", "core.protectNTFS", "true")
    blob = origin.write_blob(b"")
    with pytest.raises(Exception):  # noqa: B017
        run_git(origin.path, "update-index", "--add", "--cacheinfo", f"{FILE},{blob},x/{name}")
    assert is_git_name(name)
    assert not is_tree_path(f"x/{name}")


@pytest.mark.parametrize("name", [".gitignore", ".github", "git", ".gi", "a.git", "git~2", ".git~1", "x:.git"])
def test_names_that_are_alike_are_paths(name: str) -> None:
    assert is_tree_path(f"x/{name}/y")
