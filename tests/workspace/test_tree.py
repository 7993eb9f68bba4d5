"""Trees of real commits, laid under an overlay and laid out as files: both behave alike."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from bot.workspace import overlay
from bot.workspace.base_tree import MAX_BASE_TREES
from bot.workspace.git_errors import GitError, PatchTooLarge
from bot.workspace.links import OUTER_LINK
from bot.workspace.mirror import Mirror
from bot.workspace.sandbox import SandboxUnavailable, check_sandbox, get_sandbox
from bot.workspace.tree import FileChange, Person, Tree
from tests.workspace.repositories import EXECUTABLE, LINK, SUBMODULE, Content, Origin, run_git
from tests.workspace.trees import LAYINGS, WHO, list_mounts, make_mirror, open_tree, read_files

FILES: dict[str | bytes, Content] = {
    "README.md": b"# Bookshop\r\n",
    "app/models.py": b"class Book: ...\n",
    "app/old.py": b"x = 1\n",
    "app/latin.py": "# é\n".encode("latin-1"),
    "bin/run": (EXECUTABLE, b"#!/bin/sh\n"),
    "docs/link": (LINK, b"../README.md"),
    "empty": b"",
    b'sp \xe9cial\n"name"*[x]': b"\0\xff",
}


@pytest.fixture(params=LAYINGS)
def laying(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "overlay" and not overlay.is_possible(tmp_path):
        pytest.skip("no overlay can be mounted here")
    return str(request.param)


@pytest.fixture(autouse=True)
def _leave_no_mounts(tmp_path: Path) -> Iterator[None]:
    yield
    overlay.unmount_below(tmp_path)


def test_the_files_are_those_of_the_commit_to_the_byte(tmp_path: Path, laying: str) -> None:
    attributes = (
        b"* text=auto eol=crlf ident filter=evil working-tree-encoding=UTF-16 export-subst\n*.x export-ignore\n"
    )
    files = {
        **FILES,
        ".gitattributes": attributes,
        "a.x": b"$Id$ $Format:%H$\n",
        "lf": b"a\nb\n",
        "crlf": b"a\r\nb\r\n",
    }
    _, tree = open_tree(tmp_path, laying, files)
    expected = {
        os.fsdecode(path): content if isinstance(content, tuple) else ("100644", content)
        for path, content in files.items()
    }
    assert read_files(tree.path) == expected
    assert tree.list_changes() == () == tree.list_left_out()
    assert tree.patch() == ""
    assert bool(list_mounts(tmp_path)) is (laying == "overlay")


def change(tree: Tree) -> None:
    """A change of every kind."""
    (tree.path / "app/models.py").write_bytes(b"class Book:\r\n    title: str  # \xc3\xa9\n")
    (tree.path / "app/old.py").unlink()
    (tree.path / "app/latin.py").write_bytes("# éé\n".encode("latin-1"))
    (tree.path / "bin/run").chmod(0o644)
    (tree.path / "docs/link").unlink()
    (tree.path / "docs/link").mkdir()
    (tree.path / "docs/link/in.md").write_text("no newline at the end")
    (tree.path / "empty").unlink()
    (tree.path / "empty").symlink_to("bin/run")
    (tree.path / "new.bin").write_bytes(bytes(range(256)))
    (tree.path / "new.sh").touch(mode=0o755)
    (tree.path / os.fsdecode(b'sp \xe9cial\n"name"*[x]')).write_bytes(b"\0")


def test_changes_are_listed(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, FILES)
    change(tree)
    listed = {item.path: item for item in tree.list_changes()}
    assert list(listed) == sorted(listed)
    assert listed == {
        item.path: item
        for item in [
            FileChange("app/latin.py", "modified", 5, True, "100644"),
            FileChange("app/models.py", "modified", 34, False, "100644"),
            FileChange("app/old.py", "deleted", 0, False, "100644"),
            FileChange("bin/run", "modified", 10, False, "100644"),
            FileChange("docs/link", "deleted", 0, False, "120000"),
            FileChange("docs/link/in.md", "added", 21, False, "100644"),
            FileChange("empty", "modified", 7, False, "120000"),
            FileChange("new.bin", "added", 256, True, "100644"),
            FileChange("new.sh", "added", 0, False, "100755"),
            FileChange('sp \\xe9cial\n"name"*[x]', "modified", 1, True, "100644"),
        ]
    }


def test_a_patch_makes_the_same_files_of_a_fresh_tree(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, FILES)
    change(tree)
    patch = json.loads(json.dumps(tree.patch()))
    commit = tree.commit("Change", **WHO)
    changed = read_files(tree.path)
    assert patch.encode().decode() == patch and "\0" not in patch
    assert "+    title: str  # é" in patch  # what is text can be read
    again = Tree.open(tree.mirror, tree.base_commit, tree.path)
    assert again.patch() == ""
    for _ in range(2):
        again.apply(patch)
        assert read_files(again.path) == changed
        assert again.patch() == patch
    assert again.commit("Change", **WHO) == commit


def test_files_that_were_only_touched_have_not_changed(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, FILES)
    path = tree.path / "app/models.py"
    os.utime(path, (1, 1))
    (tree.path / "bin/run").chmod(0o700)
    with path.open("r+b") as stream:
        stream.write(b"class")
    assert tree.list_changes() == ()


def test_a_change_is_seen_whatever_its_times_and_size_say(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, {"a/x": b"1", "b/x": b"2", "c": b"3"})
    for path in tree.path.rglob("*"):
        os.utime(path, (1, 1))
    was = (tree.path / "c").stat()
    (tree.path / "c").write_bytes(b"4")
    os.utime(tree.path / "c", ns=(was.st_atime_ns, was.st_mtime_ns))
    (tree.path / "a").rename(tree.path / "swap")
    (tree.path / "b").rename(tree.path / "a")
    (tree.path / "swap").rename(tree.path / "b")
    assert [item.path for item in tree.list_changes()] == ["a/x", "b/x", "c"]


def test_the_commit_is_in_the_mirror_on_top_of_the_base(tmp_path: Path, laying: str) -> None:
    origin, tree = open_tree(tmp_path, laying, FILES)
    change(tree)
    commit = tree.commit("Add titles\n\nBecause.", **WHO)
    mirror = tree.mirror
    tree.close()
    shown = run_git(mirror.path, "show", "-s", "--format=%P|%an <%ae> %at|%cn <%ce> %ct|%B", commit)
    assert shown == (
        f"{tree.base_commit}|Ada Author <ada@example.com> 1714564800|Specwright <bot@example.com> 1714564800|"
        "Add titles\n\nBecause."
    )
    assert mirror.read_file(commit, "docs/link/in.md", 100) == b"no newline at the end"
    run_git(mirror.path, "fsck", "--strict", commit)
    mirror.push(commit, "specwright/1-titles", None, None)
    assert origin.find("specwright/1-titles") == commit


def test_another_parent_can_be_given(tmp_path: Path) -> None:
    _, tree = open_tree(tmp_path, "files", FILES)
    first = tree.commit("one", **WHO)
    second = tree.commit("two", parent=first, **WHO)
    assert tree.mirror.is_ancestor(first, second)


@pytest.mark.parametrize(
    ("name", "when"),
    [("", WHO["when"]), ("a\0b", WHO["when"]), ("Ada", datetime(2024, 5, 1))],
    ids=["no name", "a NUL", "no time zone"],
)
def test_a_commit_says_what_it_lacks(tmp_path: Path, name: str, when: datetime) -> None:
    _, tree = open_tree(tmp_path, "files", FILES)
    with pytest.raises(GitError):
        tree.commit("x", author=Person(name, ""), committer=Person("Bot", "b@example.com"), when=when)


# What is no part of a change.


def test_caches_are_no_change_unless_the_commit_has_them(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, {"a.py": b"", "__pycache__/kept.pyc": b"1", "x/.coverage": b"2"})
    for path in ("__pycache__/kept.pyc", "__pycache__/new.pyc", "x/.coverage", "y/.coverage", "b.egg-info/PKG-INFO"):
        (tree.path / path).parent.mkdir(parents=True, exist_ok=True)
        (tree.path / path).write_bytes(b"9")
    for name in ("__pycache__", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"):
        (tree.path / "pkg" / name).mkdir(parents=True)
        (tree.path / "pkg" / name / "x").write_bytes(b"")
    assert [item.path for item in tree.list_changes()] == ["__pycache__/kept.pyc", "x/.coverage"]


RULES = {
    ".gitignore": b"#\n*.log\n/build/\nnode_modules\n!keep.log\ndoc/**/tmp\n\\!odd\ntrailing\\ \n:colon\n[ab].txt\n",
    "sub/.gitignore": b"!*.log\n*.txt\n/only-here\n",
    "tracked.log": b"tracked\n",
}
CANDIDATES = [
    "a.log", "keep.log", "x/keep.log", "build/x", "x/build/x", "node_modules/y/z.js", "x/node_modules/z", "doc/a/b/tmp",
    "doc/tmp/x", "!odd", "trailing ", ":colon", "a.txt", "c.txt", "sub/a.log", "sub/c.txt", "sub/only-here",
    "sub/x/only-here", "ünï.log", "sub/ünï.log", "-dash.log", "new\nline.log", "plain",
]  # fmt: skip


def test_new_files_are_ignored_as_git_add_ignores_them(tmp_path: Path, laying: str) -> None:
    origin, tree = open_tree(tmp_path, laying, RULES)
    clone = tmp_path / "clone"
    run_git(tmp_path, "clone", "--quiet", str(origin.path), str(clone))
    for root in (tree.path, clone):
        for path in CANDIDATES:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(b"new\n")
        (root / "tracked.log").write_bytes(b"changed\n")
        (root / "late").mkdir()
        (root / "late/.gitignore").write_text("*\n!z\n")  # rules that are new count too
        (root / "late/y").touch()
        (root / "late/z").touch()
    run_git(clone, "add", "-A")
    expected = run_git(clone, "diff", "--cached", "--name-only", "-z").split("\0")
    assert sorted(item.path for item in tree.list_changes()) == sorted(path for path in expected if path)


def test_what_no_commit_may_hold_is_left_out_and_told(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, FILES)
    outside = tmp_path / "outside"
    outside.write_text("secret")
    root = tree.path
    (root / "absolute").symlink_to(outside)
    (root / "climbing").symlink_to("../../outside")
    (root / "docs/detour").symlink_to("link/../../../outside")
    (root / "app/models.py").unlink()
    (root / "app/models.py").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe")
    (root / os.fsdecode(b"\xff")).write_text("")
    (root / ".Git").mkdir()
    (root / ".Git/config").write_text("")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(root / "s"))
    assert tree.list_changes() == ()
    assert tree.patch() == ""
    left_out = {item.path: item.reason for item in tree.list_left_out()}
    link, special = OUTER_LINK, "no file, but a device, pipe or socket"
    assert left_out == {
        "absolute": link,
        "climbing": link,
        "docs/detour": link,
        "app/models.py": link,
        "pipe": special,
        "s": special,
        ".Git": "a name that git keeps for itself",
        "\\xff": "its name is no UTF-8",
    }


def test_ignored_links_are_not_told(tmp_path: Path) -> None:
    _, tree = open_tree(tmp_path, "files", {".gitignore": b".venv\n"})
    (tree.path / ".venv/bin").mkdir(parents=True)
    (tree.path / ".venv/bin/python").symlink_to("/usr/bin/python3")
    assert tree.list_left_out() == ()


def test_a_git_directory_made_by_the_repositorys_code_does_nothing(tmp_path: Path, laying: str) -> None:
    """`git add` and `git diff` would look into it, and start what its config says."""
    _, tree = open_tree(tmp_path, laying, {"a.py": b"1\n", "vendor/b.py": b""})
    mark = tmp_path / "owned"
    for place in (tree.path, tree.path / "vendor", tree.path / "new"):
        place.mkdir(exist_ok=True)
        run_git(place, "init", "--quiet")
        run_git(place, "-c", "core.fsmonitor=false", "commit", "--quiet", "--allow-empty", "-m", "x")
        for key, value in {
            "core.fsmonitor": f"touch {mark}",
            "filter.f.clean": f"touch {mark}",
            "diff.external": f"touch {mark}",
        }.items():
            run_git(place, "config", key, value)
        (place / ".gitattributes").write_text("* filter=f diff=f\n")
    (tree.path / "a.py").write_text("2\n")
    (tree.path / "new/c.py").write_text("3\n")
    paths = [".gitattributes", "a.py", "new/.gitattributes", "new/c.py", "vendor/.gitattributes"]
    assert [item.path for item in tree.list_changes()] == paths
    tree.apply(tree.patch())
    tree.commit("x", **WHO)
    assert not mark.exists()


@pytest.mark.parametrize("kind", ["fifo", "link", "directory", "huge"])
def test_rules_that_are_no_file_are_not_followed(tmp_path: Path, kind: str) -> None:
    _, tree = open_tree(tmp_path, "files", {"a": b""})
    rules = tree.path / "sub/.gitignore"
    rules.parent.mkdir()
    (tmp_path / "all").write_text("*\n")
    if kind == "fifo":
        os.mkfifo(rules)
    elif kind == "link":
        rules.symlink_to(tmp_path / "all")
    elif kind == "directory":
        rules.mkdir()
    else:
        rules.write_bytes(b"#" * (2 << 20) + b"\n*\n")
    (tree.path / "sub/new.py").touch()
    assert "sub/new.py" in [item.path for item in tree.list_changes()]


def test_too_much_for_a_patch_is_said(tmp_path: Path) -> None:
    _, tree = open_tree(tmp_path, "files", {"a": b""})
    with (tree.path / "dump.sql").open("wb") as stream:
        stream.truncate(1 << 40)
    assert [(item.path, item.is_binary) for item in tree.list_changes()] == [("dump.sql", True)]
    for ask in (tree.patch, lambda: tree.commit("x", **WHO)):
        with pytest.raises(PatchTooLarge, match=r"dump\.sql"):
            ask()


def test_one_file_that_is_no_text_does_not_hide_the_others(tmp_path: Path) -> None:
    _, tree = open_tree(tmp_path, "files", FILES)
    change(tree)
    patch = tree.patch()
    sections = {part.split("\n", 1)[0]: part for part in patch.split("diff --git ")[1:]}
    binary = [name for name, part in sections.items() if "GIT binary patch" in part]
    assert len(binary) == 3
    assert "+no newline at the end" in patch


# Dying, resuming, closing.


WORKER = """
import sys, time
from pathlib import Path
from bot.workspace.links import OUTER_LINK
from bot.workspace.mirror import Mirror
from bot.workspace.tree import Tree

tree = Tree.open(Mirror(Path(sys.argv[1]), "acme/bookshop", sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
(tree.path / "README.md").write_text("half done")
(tree.path / "junk").touch()
print("open", flush=True)
time.sleep(60)
"""


def test_a_tree_is_made_anew_where_a_killed_worker_left_one(tmp_path: Path, laying: str) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    commit = origin.commit(FILES)
    mirror = make_mirror(tmp_path, laying, origin)
    path = tmp_path / "run" / "tree"
    command = [sys.executable, "-c", WORKER, str(mirror.root), origin.url, commit, str(path)]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"open\n"
            process.send_signal(signal.SIGKILL)
    assert (path / "junk").exists()
    tree = Tree.open(mirror, commit, path)
    assert tree.list_changes() == ()
    assert (path / "README.md").read_bytes() == b"# Bookshop\r\n"
    assert len(list_mounts(tmp_path)) == (laying == "overlay")
    tree.close()
    assert list_mounts(tmp_path) == []


def test_whatever_stands_in_the_place_goes(tmp_path: Path, laying: str) -> None:
    path = tmp_path / "run" / "tree"
    path.parent.mkdir()
    path.write_text("a file")
    (tmp_path / "run/tree.private/upper").mkdir(parents=True)
    _, tree = open_tree(tmp_path, laying, FILES)
    assert tree.list_changes() == ()


def test_closing_removes_everything(tmp_path: Path, laying: str) -> None:
    _, tree = open_tree(tmp_path, laying, FILES)
    (tree.path / "locked").mkdir()
    (tree.path / "locked/x").touch()
    (tree.path / "locked").chmod(0)
    assert {item.path for item in tree.list_changes()} <= {"locked/x"}  # root can read it
    tree.close()
    tree.close()
    assert list((tmp_path / "run").iterdir()) == []
    assert list_mounts(tmp_path) == []


def test_nothing_is_too_deep_to_be_removed(tmp_path: Path) -> None:
    _, tree = open_tree(tmp_path, "files", FILES)
    deep = os.open(tree.path, os.O_RDONLY)
    for _ in range(1100):  # deeper than a path may be long, and than Python may recurse
        os.mkdir("deep", dir_fd=deep)
        below = os.open("deep", os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = below
    os.close(deep)
    assert tree.list_changes() == ()
    assert len(tree.list_left_out()) == 1
    tree.close()
    assert list((tmp_path / "run").iterdir()) == []


def test_what_one_run_writes_no_other_sees(tmp_path: Path, laying: str) -> None:
    _, first = open_tree(tmp_path, laying, FILES)
    change(first)
    second = Tree.open(first.mirror, first.base_commit, tmp_path / "other" / "tree")
    assert second.list_changes() == ()
    (second.path / "README.md").write_text("other")
    assert "README.md" not in {item.path for item in first.list_changes()}
    first.close()
    assert [item.path for item in second.list_changes()] == ["README.md"]


def test_trees_are_opened_at_once(tmp_path: Path, laying: str) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    commits = [origin.commit({**FILES, "number": b"%d" % number}) for number in range(3)]
    mirror = make_mirror(tmp_path, laying, origin)
    with ThreadPoolExecutor(6) as pool:
        places = [(commit, tmp_path / f"run{number}" / "tree") for number, commit in enumerate(commits * 2)]
        trees = list(pool.map(lambda place: Tree.open(mirror, *place), places))
    assert [(tree.path / "number").read_bytes() for tree in trees] == [b"0", b"1", b"2"] * 2
    assert not any(tree.list_changes() for tree in trees)


def test_base_trees_in_use_stay_and_the_oldest_others_go(tmp_path: Path) -> None:
    if not overlay.is_possible(tmp_path):
        pytest.skip("no overlay can be mounted here")
    origin = Origin.make(tmp_path / "origin.git")
    commits = [origin.commit({"a": b"%d" % number}) for number in range(MAX_BASE_TREES + 3)]
    mirror = make_mirror(tmp_path, "overlay", origin)
    held = Tree.open(mirror, commits[0], tmp_path / "held")
    for commit in commits[1:]:
        Tree.open(mirror, commit, tmp_path / "run").close()
    kept = {path.name.partition("-")[0] for path in mirror.trees.iterdir() if path.is_dir()}
    assert kept == {commits[0], *commits[-MAX_BASE_TREES:]}
    assert (held.path / "a").read_bytes() == b"0"


def test_a_base_tree_that_was_not_finished_is_made_anew(tmp_path: Path) -> None:
    if not overlay.is_possible(tmp_path):
        pytest.skip("no overlay can be mounted here")
    origin = Origin.make(tmp_path / "origin.git")
    commit = origin.commit(FILES)
    mirror = make_mirror(tmp_path, "overlay", origin)
    (mirror.trees / "making-0123" / "files").mkdir(parents=True)
    tree = Tree.open(mirror, commit, tmp_path / "run")
    assert tree.list_changes() == ()
    assert sorted(path.name.partition("-")[0] for path in mirror.trees.iterdir()) == [commit, "lock"]


def test_a_base_tree_of_before_the_last_start_of_the_machine_is_not_used(tmp_path: Path) -> None:
    """What a power cut left of it may be half."""
    if not overlay.is_possible(tmp_path):
        pytest.skip("no overlay can be mounted here")
    _, tree = open_tree(tmp_path, "overlay", FILES)
    tree.close()
    (made,) = tree.mirror.trees.glob(f"{tree.base_commit}-*")
    (made / "files/README.md").write_bytes(b"")
    made.rename(made.with_name(f"{tree.base_commit}-00000000"))
    again = Tree.open(tree.mirror, tree.base_commit, tmp_path / "run" / "tree")
    assert (again.path / "README.md").read_bytes() == b"# Bookshop\r\n"


@pytest.mark.parametrize("commit", ["1" * 40, "main", "-x"])
def test_a_commit_that_is_not_there_is_an_error(tmp_path: Path, laying: str, commit: str) -> None:
    origin = Origin.make(tmp_path / "origin.git")
    origin.commit(FILES)
    mirror = make_mirror(tmp_path, laying, origin)
    with pytest.raises(GitError):
        Tree.open(mirror, commit, tmp_path / "run" / "tree")
    assert not (tmp_path / "run" / "tree").exists()


def test_code_in_the_sandbox_works_in_the_tree(tmp_path: Path, laying: str) -> None:
    try:
        check_sandbox("bubblewrap")
    except SandboxUnavailable as unavailable:
        pytest.skip(str(unavailable))
    _, tree = open_tree(tmp_path, laying, FILES)
    script = (
        "echo >> app/models.py && rm empty && mkdir made && mv app/old.py made/ && mv bin moved && ln -s /etc made/etc"
    )
    done = get_sandbox("bubblewrap").run(["sh", "-c", script], cwd=tree.path, writable=[tree.path])
    assert done.ok, done.stderr
    changed = [(item.kind, item.path) for item in tree.list_changes()]
    assert changed == [
        ("modified", "app/models.py"),
        ("deleted", "app/old.py"),
        ("deleted", "bin/run"),
        ("deleted", "empty"),
        ("added", "made/old.py"),
        ("added", "moved/run"),
    ]
    assert [item.path for item in tree.list_left_out()] == ["made/etc"]


def test_submodules_stay_as_they_are(tmp_path: Path, laying: str) -> None:
    pinned = "1" * 40
    files = {"a": b"", "vendor/lib": (SUBMODULE, pinned.encode()), ".gitmodules": b'[submodule "x"]\n'}
    _, tree = open_tree(tmp_path, laying, files)
    assert [(item.path, item.reason) for item in tree.list_left_out()] == [("vendor/lib", "a submodule")]
    (tree.path / "vendor/lib").mkdir(parents=True)
    (tree.path / "vendor/lib/x.py").touch()
    (tree.path / "vendor/y.py").touch()
    assert [item.path for item in tree.list_changes()] == ["vendor/y.py"]
    commit = tree.commit("x", **WHO)
    assert run_git(tree.mirror.path, "ls-tree", commit, "vendor/lib") == f"160000 commit {pinned}\tvendor/lib"


def test_mirrors_of_one_name_in_other_case_are_one(tmp_path: Path) -> None:
    assert Mirror(tmp_path, "Acme/Shop", "https://x/a").path == Mirror(tmp_path, "acme/shop", "https://x/a").path


def test_what_a_killed_worker_left_mounted_is_let_go(tmp_path: Path, laying: str) -> None:
    mine, other = tmp_path / "data", tmp_path / "data-of-others"
    for directory in (mine, other):
        directory.mkdir()
        open_tree(directory, laying, FILES)
    overlay.unmount_below(mine)
    shutil.rmtree(mine)  # what is mounted could not be removed
    assert bool(list_mounts(other)) is (laying == "overlay")


def test_mounts_are_found_whatever_their_name(tmp_path: Path) -> None:
    if not overlay.is_possible(tmp_path):
        pytest.skip("no overlay can be mounted here")
    lower, upper, work, tree = places = [tmp_path / "data dir" / name for name in ("lower", "upper", "work", "a\ttree")]
    for place in places:
        place.mkdir(parents=True)
    assert overlay.mount(lower, upper, work, tree)
    overlay.unmount_below(tmp_path / "data dir")
    assert not tree.is_mount()
