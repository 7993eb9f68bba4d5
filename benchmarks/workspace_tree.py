"""How long a run waits for its files: a tree of a commit with 20,000 files, beside what git itself offers.

The best of three rounds, the mirror being there already and the caches warm. Copies are what a tree could be made by
instead; hard links are there for the figure only, since what one run writes would show in all.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from bot.workspace import overlay
from bot.workspace.mirror import Mirror
from bot.workspace.tree import Tree

FILES, FILES_A_DIRECTORY, ROUNDS = 20_000, 100, 3
COPIES = {"copy of a tree (cp -a --reflink=auto)": "--reflink=auto", "hard links to a tree (cp -al)": "-l"}

Contender = tuple[Callable[[], object], Callable[[], object]]  # what is measured, and what takes it back


def run() -> str:
    """The table, in seconds and as a ratio to `git clone`."""
    with tempfile.TemporaryDirectory() as directory:
        return _measure(Path(directory))


def _measure(root: Path) -> str:
    mirror, commit = _make_mirror(root, "mirrors")
    plain, _ = _make_mirror(root, "mirrors,")  # a comma keeps mount(8) from it: as where overlays are not allowed
    opened = [Tree.open(plain, commit, root / name / "tree") for name in ("source", "changed")]
    with closing(opened[0]) as source, closing(opened[1]) as changed:
        (changed.path / "d0" / "f0.py").write_text("changed\n")
        contenders = _list_git(mirror, commit, root / "peer") | _list_trees(
            mirror, plain, commit, root / "run" / "tree"
        )
        for name, option in COPIES.items():
            copy = functools.partial(_copy, source.path, root / "peer", option)
            contenders[name] = (copy, functools.partial(_remove, root / "peer"))
        contenders["Tree.patch, one file changed"] = (changed.patch, lambda: None)
        times = dict.fromkeys(contenders, float("inf"))
        for _ in range(ROUNDS):  # in turns, so that whatever else the machine does strikes all alike
            for name, (do, undo) in contenders.items():
                times[name] = min(times[name], _time(do))
                undo()
    return _render(times)


def _list_git(mirror: Mirror, commit: str, peer: Path) -> dict[str, Contender]:
    bare, work_tree = str(mirror.path), str(peer)
    clone = ("clone", "--quiet", bare, work_tree)
    add = ("-C", bare, "worktree", "add", "--quiet", "--detach", work_tree, commit)
    remove = ("-C", bare, "worktree", "remove", "--force", work_tree)
    return {
        "git clone": (lambda: _git(*clone), lambda: _remove(peer)),
        "git worktree add": (lambda: _git(*add), lambda: _git(*remove)),
    }


def _list_trees(mirror: Mirror, plain: Mirror, commit: str, place: Path) -> dict[str, Contender]:
    opened: list[Tree] = []

    def open_tree(of: Mirror) -> None:
        opened.append(Tree.open(of, commit, place))

    def close_tree() -> None:
        opened.pop().close()

    contenders: dict[str, Contender] = {"Tree.open, without overlays": (lambda: open_tree(plain), close_tree)}
    if overlay.is_possible(mirror.root):
        forget = functools.partial(_remove, mirror.trees)
        contenders["Tree.open, any but the first of a commit"] = (lambda: open_tree(mirror), close_tree)
        contenders["Tree.open, the first of a commit"] = (lambda: (forget(), open_tree(mirror)), close_tree)
        Tree.open(mirror, commit, place).close()
    return contenders


def _make_mirror(root: Path, name: str) -> tuple[Mirror, str]:
    origin = root / "origin.git"
    if not origin.exists():
        _git("init", "--quiet", "--bare", "--initial-branch=main", str(origin))
        lines = ["commit refs/heads/main", "committer A <a@example.com> 1700000000 +0000", "data 0", ""]
        for number in range(FILES):
            content = f"# {number}\n" * (number % 150 + 10)
            path = f"d{number // FILES_A_DIRECTORY}/f{number % FILES_A_DIRECTORY}.py"
            lines += [f"M 100644 inline {path}", f"data {len(content)}", content]
        _git("-C", str(origin), "fast-import", "--quiet", data="\n".join(lines).encode())
    mirror = Mirror(root / name, "benchmark/repository", f"file://{origin}")
    mirror.fetch(None)
    commit = mirror.find_commit("main")
    assert commit is not None
    return mirror, commit


def _time(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _copy(source: Path, target: Path, option: str) -> None:
    subprocess.run(["cp", "-a", option, str(source), str(target)], check=True, capture_output=True)


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)


def _git(*arguments: str, data: bytes = b"") -> None:
    subprocess.run(["git", *arguments], input=data, check=True, capture_output=True)


def _render(times: dict[str, float]) -> str:
    peer = times["git clone"]
    lines = ["| | seconds | of git clone |", "|---|---:|---:|"]
    return "\n".join(
        [*lines, *(f"| {name} | {seconds:.3f} | {seconds / peer:.3f} |" for name, seconds in times.items())]
    )
