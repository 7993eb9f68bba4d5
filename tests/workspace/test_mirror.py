"""Mirrors of real repositories, over real HTTP where a token matters."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.workspace.git_errors import (
    GitError,
    GitTimeout,
    PushDeclined,
    PushRejected,
    RemoteRefused,
    RemoteUnavailable,
)
from bot.workspace.mirror import Mirror
from bot.workspace.pins import pin
from tests.workspace.git_server import TOKEN, GitServer, serve
from tests.workspace.repositories import EXECUTABLE, LINK, SUBMODULE, Origin, run_git

NAME = "acme/bookshop"


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin.make(tmp_path / "served" / f"{NAME}.git")


@pytest.fixture
def mirror(tmp_path: Path, origin: Origin) -> Mirror:
    return Mirror(tmp_path / "mirrors", NAME, origin.url)


@pytest.fixture
def server(tmp_path: Path, origin: Origin) -> Iterator[GitServer]:
    with serve(tmp_path / "served") as served:
        yield served


@pytest.fixture
def remote(tmp_path: Path, server: GitServer) -> Mirror:
    """The mirror of the same repository, over HTTP."""
    return Mirror(tmp_path / "mirrors", NAME, server.clone_url(NAME))


def test_it_reads_what_the_branches_hold(origin: Origin, mirror: Mirror) -> None:
    first = origin.commit({"README.md": b"one\n"})
    files = {
        "README.md": b"two\n",
        "src/a.py": b"x = 1\n",
        "src/deep/b.py": b"",
        "srcs/c.py": b"",
        "run": (EXECUTABLE, b"#!"),
    }
    second = origin.commit(files)
    mirror.fetch(None)
    assert mirror.find_commit("main") == second
    assert mirror.find_commit(first) == first
    assert mirror.find_commit("no-such-branch") is None
    assert mirror.find_commit("0" * 40) is None
    assert mirror.read_file(first, "README.md", 100) == b"one\n"
    assert mirror.read_file(second, "README.md", 2) == b"tw"
    assert mirror.list_files(second) == ("README.md", "run", "src/a.py", "src/deep/b.py", "srcs/c.py")
    assert mirror.list_files(second, "src") == ("src/a.py", "src/deep/b.py")
    assert mirror.is_ancestor(first, second)
    assert mirror.is_ancestor(first, first)
    assert not mirror.is_ancestor(second, first)


def test_it_reads_regular_files_only(origin: Origin, mirror: Mirror) -> None:
    some = "1" * 40
    commit = origin.commit({"a/empty": b"", "link": (LINK, b"a/empty"), "module": (SUBMODULE, some.encode())})
    mirror.fetch(None)
    assert mirror.read_file(commit, "a/empty", 10) == b""
    for path in (
        "link",
        "module",
        "a",
        "a/",
        "A/empty",
        "b",
        "",
        ".",
        "/etc/passwd",
        "../x",
        "a/../a/empty",
        "a\0",
        "-h",
        "*",
    ):
        assert mirror.read_file(commit, path, 10) is None, path
    assert mirror.list_files(commit) == ("a/empty",)
    assert mirror.list_files(commit, "../..") == ()


@pytest.mark.parametrize("commit", ["main", "HEAD", "-h", "--output=/tmp/x", "0" * 39, "A" * 40, "", "0" * 40])
def test_what_is_no_commit_here_is_an_error(origin: Origin, mirror: Mirror, commit: str) -> None:
    origin.commit({"a": b""})
    mirror.fetch(None)
    for ask in (
        lambda: mirror.read_file(commit, "a", 1),
        lambda: mirror.list_files(commit),
        lambda: mirror.pin(commit),
    ):
        with pytest.raises(GitError):
            ask()


@pytest.mark.parametrize("repository", ["bookshop", "../x", "acme/..", "acme/bookshop/more", "-x/y z", "", "a/b\n"])
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, repository: str) -> None:
    with pytest.raises(GitError):
        Mirror(tmp_path, repository, "https://github.com/acme/bookshop.git")


@pytest.mark.parametrize(
    "url",
    [
        "ssh://git@github.com/acme/bookshop.git",
        "git@github.com:acme/bookshop.git",
        "ext::sh -c touch% /tmp/owned",
        "--upload-pack=/tmp/owned",
        "https://x-access-token:secret@github.com/acme/bookshop.git",
        "https://github.com/acme/bookshop.git\n",
        "/srv/git/bookshop.git",
    ],
)
def test_urls_of_other_kinds_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(GitError) as caught:
        Mirror(tmp_path, NAME, url)
    assert "secret" not in str(caught.value)


def test_a_fetch_follows_what_happened_to_the_branches(origin: Origin, mirror: Mirror) -> None:
    first = origin.commit({"a": b"1"})
    gone = origin.commit({"a": b"2"})
    origin.commit({"b": b""}, branch="topic")
    mirror.fetch(None)
    mirror.pin(gone)
    other = origin.commit({"a": b"3"}, parents=[first])  # force-pushed
    run_git(origin.path, "update-ref", "-d", "refs/heads/topic")
    nested = origin.commit({"b": b""}, branch="topic/nested")
    mirror.fetch(None)
    assert mirror.find_commit("main") == other
    assert mirror.find_commit("topic") is None
    assert mirror.find_commit("topic/nested") == nested
    assert not mirror.is_ancestor(gone, other)
    run_git(mirror.path, "reflog", "expire", "--all", "--expire=now")
    run_git(mirror.path, "gc", "--quiet", "--prune=now")
    assert mirror.read_file(gone, "a", 1) == b"2"


def test_pins_that_nobody_needs_any_more_go(origin: Origin, mirror: Mirror) -> None:
    first, second = origin.commit({"a": b"1"}), origin.commit({"a": b"2"})
    mirror.fetch(None)
    pin(mirror.git, first, datetime(2020, 1, 31, tzinfo=UTC))
    pin(mirror.git, second, datetime(2020, 1, 31, tzinfo=UTC))
    mirror.pin(second)
    mirror.fetch(None)
    pinned = run_git(mirror.path, "for-each-ref", "--format=%(objectname)", "refs/specwright")
    assert pinned == second


def test_a_commit_that_no_branch_has_any_more_is_fetched_by_its_id(origin: Origin, remote: Mirror) -> None:
    first = origin.commit({"a": b"1"})
    gone = origin.commit({"a": b"2"})
    origin.commit({"a": b"3"}, parents=[first])
    remote.fetch(TOKEN)
    assert not remote.has_commit(gone)
    assert remote.ensure_commit(gone, TOKEN)
    assert remote.has_commit(gone)
    assert not remote.ensure_commit("1" * 40, TOKEN)


def test_an_empty_repository_has_no_commit(mirror: Mirror) -> None:
    mirror.fetch(None)
    mirror.fetch(None)
    assert mirror.find_commit("main") is None


def test_half_a_listing_is_an_error(origin: Origin, mirror: Mirror) -> None:
    commit = origin.commit({"a": b"1", "b/c": b"2", "d": b"3"})
    mirror.fetch(None)
    lost = run_git(mirror.path, "rev-parse", f"{commit}:b")
    (mirror.path / "objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(GitError):
        mirror.list_files(commit)


def test_before_the_first_fetch_nothing_is_there(mirror: Mirror) -> None:
    assert mirror.find_commit("main") is None
    with pytest.raises(GitError):
        mirror.list_files("0" * 40)


# What a killed process or a full disk can leave behind.


def _lose_objects(path: Path) -> None:
    for file in [*path.glob("objects/??/*"), *path.glob("objects/pack/*")]:
        file.unlink()


def _truncate_a_ref(path: Path) -> None:
    (path / "refs/heads/main").write_bytes(b"")


def _lose_head(path: Path) -> None:
    (path / "HEAD").unlink()


def _leave_only_a_directory(path: Path) -> None:
    subprocess.run(["rm", "-rf", str(path)], check=True)
    path.mkdir()


def _leave_locks(path: Path) -> None:
    for name in ("packed-refs.lock", "refs/heads/main.lock", "config.lock", "shallow.lock"):
        (path / name).write_bytes(b"")


def _truncate_objects(path: Path) -> None:
    for file in path.glob("objects/??/*"):
        file.chmod(0o644)
        file.write_bytes(b"")


BREAKAGES = [_lose_objects, _truncate_a_ref, _lose_head, _leave_only_a_directory, _leave_locks, _truncate_objects]


@pytest.mark.parametrize("damage", BREAKAGES, ids=lambda damage: damage.__name__.strip("_"))
def test_a_broken_mirror_is_made_anew(origin: Origin, mirror: Mirror, damage) -> None:
    origin.commit({"a": b"1"})
    mirror.fetch(None)
    damage(mirror.path)
    newer = origin.commit({"a": b"2"})
    mirror.fetch(None)
    assert mirror.find_commit("main") == newer
    assert mirror.read_file(newer, "a", 10) == b"2"
    assert sorted(path.name for path in mirror.path.parent.iterdir()) == ["bookshop.git", "bookshop.lock"]


def test_workers_that_fetch_at_once_wait_for_each_other(origin: Origin, mirror: Mirror) -> None:
    commits = [origin.commit({"a": b"%d" % number}, branch=f"b{number}", parents=[]) for number in range(20)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: mirror.fetch(None), range(8)))
    assert [mirror.find_commit(f"b{number}") for number in range(20)] == commits


def test_a_fetch_that_takes_too_long_is_ended(origin: Origin, mirror: Mirror) -> None:
    origin.commit({"a": b"1"})
    with pytest.raises(GitTimeout, match="not done after"):
        mirror.fetch(None, timeout_seconds=0)
    mirror.fetch(None)
    assert mirror.find_commit("main") == origin.find("main")


# The token.


def test_the_token_is_shown_to_the_remote_and_kept_nowhere(origin: Origin, remote: Mirror, tmp_path: Path) -> None:
    commit = origin.commit({"a": b"1"})
    remote.fetch(TOKEN)
    assert remote.find_commit("main") == commit
    secret = (TOKEN.encode(), _encode(TOKEN).encode())
    for file in (path for path in (tmp_path / "mirrors").rglob("*") if path.is_file()):
        assert not any(part in file.read_bytes() for part in secret), file


def test_the_token_is_in_no_command_line(
    origin: Origin, remote: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git in front of git notes how it was called."""
    real = subprocess.run(["which", "git"], check=True, capture_output=True, text=True).stdout.strip()
    notes = tmp_path / "notes"
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$@" >> {notes}\nexec {real} "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")
    commit = origin.commit({"a": b"1"})
    remote.fetch(TOKEN)
    remote.push(commit, "topic", TOKEN, None)
    called = notes.read_text()
    assert "fetch" in called and "push" in called
    assert TOKEN not in called and _encode(TOKEN) not in called


def test_the_environment_of_the_bot_does_not_reach_git(
    origin: Origin, remote: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "trace"
    config = tmp_path / "gitconfig"
    config.write_text(f'[url "file:///nowhere/"]\n\tinsteadOf = {remote.clone_url}\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_TRACE_CURL", str(trace))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    commit = origin.commit({"a": b"1"})
    remote.fetch(TOKEN)
    assert remote.find_commit("main") == commit
    assert not trace.exists()


@pytest.mark.parametrize("token", [None, "ghs_wrong_token"])
def test_without_the_right_token_the_remote_refuses(origin: Origin, remote: Mirror, token: str | None) -> None:
    origin.commit({"a": b"1"})
    with pytest.raises(RemoteRefused) as caught:
        remote.fetch(token)
    assert "wrong_token" not in str(caught.value) and _encode("ghs_wrong_token") not in str(caught.value)
    with pytest.raises(RemoteRefused):
        remote.find_remote_commit("main", token)


@pytest.mark.parametrize(
    ("status", "error"), [(404, RemoteRefused), (502, RemoteUnavailable), (429, RemoteUnavailable)]
)
def test_how_the_remote_fails_is_told_apart(
    origin: Origin, remote: Mirror, server: GitServer, status: int, error: type[GitError]
) -> None:
    commit = origin.commit({"a": b"1"})
    remote.fetch(TOKEN)
    server.status = status
    for ask in (
        lambda: remote.fetch(TOKEN),
        lambda: remote.find_remote_commit("main", TOKEN),
        lambda: remote.push(commit, "topic", TOKEN, None),
    ):
        with pytest.raises(error):
            ask()
    assert remote.find_commit("main") == commit  # a remote that fails breaks no mirror


def test_nobody_at_home_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(RemoteUnavailable):
        Mirror(tmp_path, NAME, "http://127.0.0.1:1/acme/bookshop.git").fetch(TOKEN)


def test_a_redirect_gets_no_token(origin: Origin, remote: Mirror, server: GitServer, tmp_path: Path) -> None:
    origin.commit({"a": b"1"})
    with serve(tmp_path / "served") as elsewhere:
        server.location = elsewhere.url
        with pytest.raises(GitError):
            remote.fetch(TOKEN)
        assert server.requests and not elsewhere.requests


# Pushing.


@pytest.fixture
def fetched(origin: Origin, remote: Mirror) -> tuple[str, str]:
    """A commit of the remote, and one on top of it that only the mirror has."""
    base = origin.commit({"a": b"1"})
    remote.fetch(TOKEN)
    tree = run_git(remote.path, "rev-parse", f"{base}^{{tree}}")
    return base, run_git(remote.path, "commit-tree", tree, "-p", base, "-m", "ours")


def test_a_new_branch_is_pushed_once(origin: Origin, remote: Mirror, fetched: tuple[str, str]) -> None:
    _, ours = fetched
    assert remote.find_remote_commit("specwright/1-x", TOKEN) is None
    for _ in range(2):
        remote.push(ours, "specwright/1-x", TOKEN, None)
        assert origin.find("specwright/1-x") == ours
        assert remote.find_remote_commit("specwright/1-x", TOKEN) == ours


def test_a_push_replaces_what_was_expected(origin: Origin, remote: Mirror, fetched: tuple[str, str]) -> None:
    base, ours = fetched
    remote.push(ours, "topic", TOKEN, None)
    remote.push(base, "topic", TOKEN, ours)  # back in history: still what we meant
    assert origin.find("topic") == base
    remote.push(base, "topic", TOKEN, ours)  # done already
    assert origin.find("topic") == base


@pytest.mark.parametrize("expectation", ["nothing", "another"])
def test_a_push_over_the_commits_of_others_is_rejected(
    origin: Origin, remote: Mirror, fetched: tuple[str, str], expectation: str
) -> None:
    base, ours = fetched
    theirs = origin.commit({"theirs": b""}, branch="topic", parents=[base])
    with pytest.raises(PushRejected, match=theirs):
        remote.push(ours, "topic", TOKEN, None if expectation == "nothing" else base)
    assert origin.find("topic") == theirs


def test_a_branch_that_is_gone_is_not_pushed_over(origin: Origin, remote: Mirror, fetched: tuple[str, str]) -> None:
    base, ours = fetched
    with pytest.raises(PushRejected, match="does not exist"):
        remote.push(ours, "topic", TOKEN, base)
    assert origin.find("topic") is None


def test_a_rule_of_the_remote_is_told(origin: Origin, remote: Mirror, fetched: tuple[str, str]) -> None:
    hook = origin.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'GH013: Repository rule violations found' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PushDeclined, match="GH013"):
        remote.push(fetched[1], "topic", TOKEN, None)


@pytest.mark.parametrize(
    "branch", ["", "-d", "--mirror", "a..b", "a b", "refs/heads/../x", "a:b", "+a", "a.lock", "@{-1}", "HEAD"]
)
def test_names_that_are_no_branches_reach_no_remote(
    remote: Mirror, server: GitServer, fetched: tuple[str, str], branch: str
) -> None:
    if branch == "+a":  # git takes it, and so it may be pushed
        remote.push(fetched[1], branch, TOKEN, None)
        assert remote.find_remote_commit(branch, TOKEN) == fetched[1]
        return
    server.requests.clear()
    for ask in (
        lambda: remote.push(fetched[1], branch, TOKEN, None),
        lambda: remote.find_remote_commit(branch, TOKEN),
    ):
        with pytest.raises(GitError):
            ask()
    assert remote.find_commit(branch) is None
    assert not server.requests


def test_a_branch_is_not_taken_for_another_that_ends_like_it(origin: Origin, remote: Mirror) -> None:
    origin.commit({"a": b"1"}, branch="x/refs/heads/topic")
    remote.fetch(TOKEN)
    assert remote.find_remote_commit("topic", TOKEN) is None


def _encode(token: str) -> str:
    return subprocess.run(
        ["base64", "-w0"], input=f"x-access-token:{token}".encode(), capture_output=True, check=True
    ).stdout.decode()
