"""Commits that no honest client makes: what is laid out of them, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.workspace.git_errors import GitError, HostileTree, PatchRefused
from bot.workspace.links import OUTER_LINK
from bot.workspace.mirror import Mirror
from bot.workspace.tree import Tree
from tests.workspace.repositories import DIRECTORY, FILE, LINK, Origin, run_git
from tests.workspace.trees import WHO, make_mirror, read_files

DEEP = b"/".join([b"d"] * 100)

# Links of a commit, by their path: (target, whether it is laid out).
LINKS = [
    ("l", b"README.md", True),
    ("l", b"./a//b/../", False),
    ("l", b"a/b/c", True),
    ("l", b"no/such/file", True),
    ("a/b/l", b"../../README.md", True),
    ("a/b/l", b"../..", True),
    ("a/b/l", b".././../README.md", True),
    ("l", b".", True),
    ("l", b"..", False),
    ("a/l", b"../../outside", False),
    ("a/b/l", b"../../../outside", False),
    ("a/b/l", b"x/../../../../outside", False),
    ("l", b"/etc/passwd", False),
    ("l", b"//etc/passwd", False),
    ("l", b"/proc/self/environ", False),
    ("l", b"", False),
    ("l", b"a\0b", False),
    ("l", b"x" * 5000, False),
    ("l", b"\xff", False),
    ("l", "ünï".encode(), True),
    ("l", b".git/config", False),
    ("l", b"a/.GIT/config", False),
    (".gitattributes", b"README.md", False),
    (".gitignore", b"README.md", False),
]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mirror, list[str]]:
    """A mirror with a commit for each of the links."""
    root = tmp_path_factory.mktemp("linked")
    origin = Origin.make(root / "origin.git")
    files = {"README.md": b"hello\n", "a/b/c": b""}
    commits = [origin.commit({**files, path: (LINK, target)}) for path, target, _ in LINKS]
    return make_mirror(root, "files", origin), commits


@pytest.mark.parametrize(
    "number", range(len(LINKS)), ids=lambda number: f"{LINKS[number][0]}-{LINKS[number][1][:20]!r}"
)
def test_links(tmp_path: Path, linked: tuple[Mirror, list[str]], number: int) -> None:
    (path, _, is_there), base = LINKS[number], linked[1][number]
    tree = Tree.open(linked[0], base, tmp_path / "tree")
    assert os.path.lexists(tree.path / path) is is_there
    assert [(item.path, item.reason) for item in tree.list_left_out()] == ([] if is_there else [(path, OUTER_LINK)])
    assert tree.list_changes() == ()
    (tree.path / "README.md").write_text("changed\n")
    commit = tree.commit("x", **WHO)
    before, after = (run_git(tree.mirror.path, "rev-parse", f"{sha}:{path}") for sha in (base, commit))
    assert before == after  # what was left out stays in the commit


def test_a_chain_of_links_that_would_lead_out_is_broken(tmp_path: Path) -> None:
    """`up` is harmless and so seems `out`: lexically it is x, but the kernel goes through `up` first."""
    origin = Origin.make(tmp_path / "origin.git")
    links = {"deep/er/up": (LINK, b"../.."), "out": (LINK, b"deep/er/up/../secret"), "fine": (LINK, b"deep/er/up/file")}
    base = origin.commit({**links, "file": b"in"})
    (tmp_path / "secret").write_text("secret")
    tree = Tree.open(make_mirror(tmp_path, "files", origin), base, tmp_path / "tree")
    assert (tree.path / "fine").read_text() == "in"
    assert [item.path for item in tree.list_left_out()] == ["out"]


# Names that a client would refuse to check out; a server that checks never takes them in.
NAMES = [
    b".git", b".GIT", b".gIt", b"..", b".", b".git ", b".git.", b".git. . ", b"git~1", b"GIT~1",
    b".git::$INDEX_ALLOCATION", b".git:x", ".g\u200cit".encode(), "\ufeff.Git".encode(), ".gi\u200ft".encode(),
]  # fmt: skip


KINDS = ["file", "directory", "nested"]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[Mirror, dict[tuple[bytes, str], str]]:
    """A mirror with a commit for each name and kind."""
    root = tmp_path_factory.mktemp("named")
    origin = Origin.make(root / "origin.git")
    blob = origin.write_blob(b"[core]\n\tfsmonitor = touch /tmp/owned\n")
    inner = origin.write_entries([(FILE, b"config", blob)])
    commits: dict[tuple[bytes, str], str] = {}
    for name in NAMES:
        trees = {"file": origin.write_entries([(FILE, name, blob)])}
        trees["directory"] = origin.write_entries([(DIRECTORY, name, inner)])
        trees["nested"] = origin.write_entries([(DIRECTORY, b"sub", trees["file"])])
        commits |= {(name, kind): origin.commit_tree(tree) for kind, tree in trees.items()}
    return make_mirror(root, "files", origin), commits


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", KINDS)
def test_names_that_git_keeps_for_itself_are_refused(
    tmp_path: Path, named: tuple[Mirror, dict[tuple[bytes, str], str]], name: bytes, kind: str
) -> None:
    mirror, commit = named[0], named[1][name, kind]
    with pytest.raises(HostileTree):
        Tree.open(mirror, commit, tmp_path / "run" / "tree")
    assert list((tmp_path / "run").iterdir()) == []
    for file in mirror.list_files(commit):
        assert mirror.read_file(commit, file, 10) is None


@pytest.mark.parametrize(
    "name", [b"a\\b", b".gitx", b"x.git", b"git", b"con", b"a:b", b"-rf", b"a\nb", b"\xff\xfe", b"...", b" "]
)
def test_odd_names_are_taken(tmp_path: Path, name: bytes) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    commit = origin.commit({name: b"1"})
    tree = Tree.open(make_mirror(tmp_path, "files", origin), commit, tmp_path / "tree")
    assert read_files(tree.path) == {os.fsdecode(name): ("100644", b"1")}
    (tree.path / os.fsdecode(name)).write_bytes(b"2")
    patch = tree.patch()
    again = Tree.open(tree.mirror, commit, tmp_path / "tree")
    again.apply(patch)
    assert read_files(again.path) == {os.fsdecode(name): ("100644", b"2")}


def test_a_file_is_not_written_through_a_link_of_the_same_name(tmp_path: Path) -> None:
    """The tree has `a` twice: a link that leads out, or stays in, and a directory."""
    origin = Origin.make(tmp_path / "origin.git")
    outside = tmp_path / "outside"
    outside.mkdir()
    inner = origin.write_entries([(FILE, b"owned", origin.write_blob(b"1"))])
    for target in (str(outside).encode(), b"b"):
        link = origin.write_blob(target)
        for entries in ([(LINK, b"a", link), (DIRECTORY, b"a", inner)], [(DIRECTORY, b"a", inner), (LINK, b"a", link)]):
            commit = origin.commit_tree(origin.write_entries([*entries, (DIRECTORY, b"b", inner)]))
            try:
                tree = Tree.open(make_mirror(tmp_path, "files", origin), commit, tmp_path / "run" / "tree")
            except GitError:
                continue
            assert not (tree.path / "a").is_symlink()
            tree.close()
    assert list(outside.iterdir()) == []


def test_a_tree_that_holds_itself_many_times_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    tree = origin.write_entries([(FILE, b"f", origin.write_blob(b"x"))])
    for _ in range(12):
        tree = origin.write_entries([(DIRECTORY, b"%d" % number, tree) for number in range(10)])
    commit = origin.commit_tree(tree)
    monkeypatch.setattr("bot.workspace.listing.MAX_ENTRIES", 10_000)
    with pytest.raises(HostileTree, match="more than 10000 files"):
        Tree.open(make_mirror(tmp_path, "files", origin), commit, tmp_path / "tree")


def test_a_file_of_many_bytes_many_times_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    blob = origin.write_blob(b"\0" * 100_000)
    commit = origin.commit_tree(origin.write_entries([(FILE, b"%04d" % number, blob) for number in range(100)]))
    monkeypatch.setattr("bot.workspace.checkout.MAX_TREE_BYTES", 1_000_000)
    with pytest.raises(HostileTree, match="more than 1000000 bytes"):
        Tree.open(make_mirror(tmp_path, "files", origin), commit, tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_names_that_no_file_system_takes_are_left_out(tmp_path: Path) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    commit = origin.commit({"a": b"1", b"x" * 300: b"2", b"y" * 300 + b"/z": b"3", DEEP: b"4"})
    tree = Tree.open(make_mirror(tmp_path, "files", origin), commit, tmp_path / "tree")
    assert [item.path[0] for item in tree.list_left_out()] == ["x", "y"]
    assert set(read_files(tree.path)) == {"a", DEEP.decode()}
    assert tree.list_changes() == ()


# Patches: ours come out of a database, but what they say is checked as if they did not.


def _new_file(path: str, mode: str = "100644", content: str = "owned") -> str:
    head = f"diff --git a/{path} b/{path}\nnew file mode {mode}\nindex {'0' * 40}..{'1' * 40}\n"
    return f"{head}--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+{content}\n\\ No newline at end of file\n"


PATCHES = {
    "climbing": _new_file("../owned"),
    "climbing inside": _new_file("a/../../owned"),
    "absolute": _new_file("/owned"),
    "git": _new_file(".git/config"),
    "git in other case": _new_file("a/.GiT/config"),
    "a link that leads out": _new_file("l", LINK, "../outside"),
    "a link to the root": _new_file("l", LINK, "/etc/passwd"),
    "through a link": _new_file("link/owned"),
    "through a new link": _new_file("n", LINK, "a") + _new_file("n/owned"),
    "a submodule": _new_file("m", "160000", "Subproject commit " + "1" * 40),
    "in the place of what was left out": _new_file("out/owned"),
    "another base": _new_file("README.md"),
    "half a patch": _new_file("x").partition("+owned")[0],
    "no text": "\udcff",
}


@pytest.mark.parametrize("name", PATCHES)
def test_patches_are_refused_before_a_file_is_touched(tmp_path: Path, name: str) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    files = {"README.md": b"hello\n", "a/b": b"", "link": (LINK, b"a"), "out": (LINK, b"../outside")}
    base = origin.commit(files)
    (tmp_path / "outside").mkdir()
    tree = Tree.open(make_mirror(tmp_path, "files", origin), base, tmp_path / "tree")
    before = read_files(tmp_path / "tree")
    with pytest.raises(PatchRefused):
        tree.apply(_new_file("fine") + PATCHES[name])
    assert read_files(tmp_path / "tree") == before
    assert list((tmp_path / "outside").iterdir()) == []


def test_what_is_no_patch_is_refused(tmp_path: Path) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    base = origin.commit({"README.md": b"hello\n"})
    tree = Tree.open(make_mirror(tmp_path, "files", origin), base, tmp_path / "tree")
    with pytest.raises(PatchRefused):
        tree.apply("hello\n")
    tree.apply("")
    assert tree.list_changes() == ()


def test_a_patch_is_not_written_through_a_link_that_came_later(tmp_path: Path) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    base = origin.commit({"a/b": b"1\n"})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b").write_bytes(b"theirs")
    tree = Tree.open(make_mirror(tmp_path, "files", origin), base, tmp_path / "tree")
    (tree.path / "a/b").write_bytes(b"2\n")
    patch = tree.patch()
    (tree.path / "a/b").unlink()
    (tree.path / "a").rmdir()
    (tree.path / "a").symlink_to(outside)
    with pytest.raises(GitError, match="is no directory"):
        tree.apply(patch)
    assert (outside / "b").read_bytes() == b"theirs"


WORKER = """
import sys
from pathlib import Path
from bot.workspace.mirror import Mirror
from bot.workspace.links import OUTER_LINK
from bot.workspace.mirror import Mirror
from bot.workspace.tree import Tree

tree = Tree.open(Mirror(Path(sys.argv[1]), "acme/bookshop", sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
next(tree.path.rglob("*.py")).write_bytes(b"1")
print(ascii(tree.list_changes()[0].path))
"""


def test_the_worker_may_run_in_the_c_locale(tmp_path: Path) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    base = origin.commit({"ü/é.py": "# é\n".encode()})
    mirror = make_mirror(tmp_path, "files", origin)
    command = [sys.executable, "-c", WORKER, str(mirror.root), origin.url, base, str(tmp_path / "tree")]
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "'\\xfc/\\xe9.py'\n"
