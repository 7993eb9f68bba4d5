"""Files and commits."""

from __future__ import annotations

from starlette.responses import Response

from bot.playground.bare import EMPTY_TREE, Bare
from bot.playground.commits import count_commits, get_commit, list_commits, list_diff
from bot.playground.errors import not_found
from bot.playground.pages.diff import read_lines
from bot.playground.pages.view import View, page

MAXIMUM_SHOWN_BYTES = 512 * 1024
PAGE_SIZE = 50


@page("GET", "/{owner}/{repo}")
def show_repository(view: View) -> Response:
    """The files of the default branch, and its README."""
    return _show_tree(view, view.get_repository().default_branch, "")


@page("GET", "/{owner}/{repo}/tree/{rest:path}")
def show_tree(view: View) -> Response:
    """A folder."""
    return _show_tree(view, *_split(view))


@page("GET", "/{owner}/{repo}/blob/{rest:path}")
def show_blob(view: View) -> Response:
    """A file."""
    repository = view.get_repository()
    ref, path = _split(view)
    bare = view.work.get_bare(repository)
    commit = bare.find_commit(ref)
    entry = bare.find_entry(commit, path) if commit and path else None
    if entry is None or entry.kind not in ("file", "symlink"):
        raise not_found()
    text = _read_text(bare, entry.sha) if entry.size <= MAXIMUM_SHOWN_BYTES else None
    return view.render("blob.html", repository=repository, ref=ref, path=path, entry=entry, text=text)


@page("GET", "/{owner}/{repo}/raw/{rest:path}")
def show_raw(view: View) -> Response:
    """A file as it is, never as anything that a browser runs."""
    ref, path = _split(view)
    bare = view.work.get_bare(view.get_repository())
    commit = bare.find_commit(ref)
    entry = bare.find_entry(commit, path) if commit and path else None
    if entry is None or entry.kind != "file":
        raise not_found()
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(bare.read_blob(entry.sha), media_type="text/plain; charset=utf-8", headers=headers)


@page("GET", "/{owner}/{repo}/commits/{ref:path}")
def show_commits(view: View) -> Response:
    """The commits of a branch."""
    repository, ref = view.get_repository(), view.path["ref"]
    bare = view.work.get_bare(repository)
    commit = bare.find_commit(ref)
    if commit is None:
        raise not_found()
    found = list_commits(bare, commit, PAGE_SIZE)
    return view.render("commits.html", repository=repository, ref=ref, commits=found, total=count_commits(bare, commit))


@page("GET", "/{owner}/{repo}/commit/{sha}")
def show_commit(view: View) -> Response:
    """A commit and what it changed."""
    repository = view.get_repository()
    bare = view.work.get_bare(repository)
    sha = bare.find_commit(view.path["sha"])
    if sha is None:
        raise not_found()
    commit = get_commit(bare, sha)
    files = list_diff(bare, commit.parents[0] if commit.parents else EMPTY_TREE, sha)
    return view.render("commit.html", repository=repository, commit=commit, files=files, read_lines=read_lines)


def _show_tree(view: View, ref: str, path: str) -> Response:
    repository = view.get_repository()
    bare = view.work.get_bare(repository)
    sha = bare.find_commit(ref)
    if sha is None:
        if bare.list_refs():
            raise not_found()
        return view.render("empty.html", repository=repository)
    entries = bare.list_tree(sha, path)
    if path and not entries:
        raise not_found()
    readme = next((entry for entry in entries if entry.path.rsplit("/", 1)[-1].lower() == "readme.md"), None)
    return view.render(
        "code.html",
        repository=repository,
        ref=ref,
        path=path,
        entries=entries,
        readme=None if readme is None else _read_text(bare, readme.sha),
        latest=get_commit(bare, sha),
        total=count_commits(bare, sha),
        branches=sorted(bare.list_branches()),
    )


def _read_text(bare: Bare, sha: str) -> str | None:
    """A file's text; None when it is none."""
    content = bare.read_blob(sha)
    return None if b"\0" in content else content.decode(errors="replace")


def _split(view: View) -> tuple[str, str]:
    """Ref and path. A branch may have slashes in its name, so the longest branch that fits is meant."""
    segments = view.path["rest"].strip("/").split("/")
    branches = view.work.get_bare(view.get_repository()).list_branches()
    for length in range(len(segments), 0, -1):
        if "/".join(segments[:length]) in branches:
            return "/".join(segments[:length]), "/".join(segments[length:])
    return segments[0], "/".join(segments[1:])
