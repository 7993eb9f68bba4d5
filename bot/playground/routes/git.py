"""Refs, branches and commits: https://docs.github.com/en/rest/git/refs."""

from __future__ import annotations

from typing import Any

from bot.playground.actions.pushes import follow_push
from bot.playground.api import Answer, Call, paginate, route
from bot.playground.bare import EMPTY_TREE
from bot.playground.commits import Commit, get_commit, list_commits, list_diff
from bot.playground.errors import Refused, not_found, wrong_request
from bot.playground.git import GitFailed
from bot.playground.shapes.commit import render_commit, render_file, render_ref
from bot.playground.shapes.repository import get_api_url, get_page_url
from bot.playground.tables import Repository

EMPTY = "Git Repository is empty."


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref:path}")
def get_ref(call: Call) -> Any:
    """One ref; 409 in a repository without any commit."""
    repository = call.get_repository("contents", "read")
    refs = call.work.get_bare(repository).list_refs()
    if not refs:
        raise Refused(409, EMPTY)
    name = f"refs/{call.path['ref']}"
    if name not in refs:
        raise not_found()
    return render_ref(call.work, repository, name, refs[name])


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref:path}")
def list_refs(call: Call) -> Any:
    """The refs whose names begin so."""
    repository = call.get_repository("contents", "read")
    refs = call.work.get_bare(repository).list_refs()
    found = [(name, sha) for name, sha in refs.items() if name.startswith(f"refs/{call.path['ref']}")]
    return paginate(call, found, lambda work, ref: render_ref(work, repository, *ref))


@route("POST", "/repos/{owner}/{repo}/git/refs")
def create_ref(call: Call) -> Any:
    """A new ref at a commit that is there."""
    repository = call.get_repository("contents", "write")
    bare, name, sha = call.work.get_bare(repository), call.get_text("ref"), call.get_text("sha")
    before = bare.list_refs()
    if not before:
        raise Refused(409, EMPTY)
    if not name.startswith(("refs/heads/", "refs/tags/")):
        raise wrong_request("Reference name must start with 'refs/'.")
    if name in before:
        raise Refused(422, "Reference already exists")
    if bare.find_commit(sha) != sha:
        raise Refused(422, "Object does not exist")
    _set(call, repository, name, sha, before)
    return Answer(render_ref(call.work, repository, name, sha), 201)


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref:path}")
def update_ref(call: Call) -> Any:
    """Moves a ref forward, or anywhere with `force`."""
    repository = call.get_repository("contents", "write")
    bare, name, sha = call.work.get_bare(repository), f"refs/{call.path['ref']}", call.get_text("sha")
    before = bare.list_refs()
    if name not in before:
        raise Refused(422, "Reference does not exist")
    if bare.find_commit(sha) != sha:
        raise Refused(422, "Object does not exist")
    if not call.find_flag("force") and not bare.is_ancestor(before[name], sha):
        raise Refused(422, "Update is not a fast forward")
    _set(call, repository, name, sha, before)
    return render_ref(call.work, repository, name, sha)


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref:path}")
def delete_ref(call: Call) -> Any:
    """Deletes a ref; pull requests from that branch close."""
    repository = call.get_repository("contents", "write")
    bare, name = call.work.get_bare(repository), f"refs/{call.path['ref']}"
    before = bare.list_refs()
    if name not in before:
        raise Refused(422, "Reference does not exist")
    if name == f"refs/heads/{repository.default_branch}":
        raise Refused(422, "Cannot delete the default branch")
    bare.delete_ref(name)
    follow_push(call.work, repository, call.get_actor(), before, bare.list_refs())
    return Answer(status=204)


@route("GET", "/repos/{owner}/{repo}/branches")
def list_branches(call: Call) -> Any:
    """The branches."""
    repository = call.get_repository("contents", "read")
    api = get_api_url(call.work, repository)
    found = list(call.work.get_bare(repository).list_branches().items())
    return paginate(
        call,
        found,
        lambda _, branch: {
            "name": branch[0],
            "commit": {"sha": branch[1], "url": f"{api}/commits/{branch[1]}"},
            "protected": False,
        },
    )


@route("GET", "/repos/{owner}/{repo}/branches/{branch:path}")
def get_branch(call: Call) -> Any:
    """One branch with its commit."""
    repository = call.get_repository("contents", "read")
    name, bare = call.path["branch"], call.work.get_bare(repository)
    sha = bare.find_branch(name)
    if sha is None:
        raise Refused(404, "Branch not found")
    api, page = get_api_url(call.work, repository), get_page_url(call.work, repository)
    return {
        "name": name,
        "commit": render_commit(call.work, repository, get_commit(bare, sha)),
        "_links": {"self": f"{api}/branches/{name}", "html": f"{page}/tree/{name}"},
        "protected": False,
        "protection": {
            "enabled": False,
            "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []},
        },
        "protection_url": f"{api}/branches/{name}/protection",
    }


@route("GET", "/repos/{owner}/{repo}/commits")
def list_all_commits(call: Call) -> Any:
    """The commits of a branch, newest first."""
    repository = call.get_repository("contents", "read")
    bare = call.work.get_bare(repository)
    if not bare.list_refs():
        raise Refused(409, EMPTY)
    commit = bare.find_commit(call.query.get("sha") or repository.default_branch)
    if commit is None:
        raise not_found()
    found = list_commits(bare, commit, 1000)
    return paginate(call, found, lambda work, item: render_commit(work, repository, item))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}")
def get_one_commit(call: Call) -> Any:
    """One commit with the files that it changed."""
    repository = call.get_repository("contents", "read")
    commit = find_commit(call, repository, call.path["ref"])
    parent = commit.parents[0] if commit.parents else EMPTY_TREE
    files = list_diff(call.work.get_bare(repository), parent, commit.sha)
    additions, deletions = sum(file.additions for file in files), sum(file.deletions for file in files)
    return {
        **render_commit(call.work, repository, commit),
        "stats": {"additions": additions, "deletions": deletions, "total": additions + deletions},
        "files": [render_file(call.work, repository, commit.sha, file) for file in files],
    }


def find_commit(call: Call, repository: Repository, ref: str) -> Commit:
    """The commit that a branch, a tag or a name stands for; 422 when there is none."""
    bare = call.work.get_bare(repository)
    sha = bare.find_commit(ref)
    if sha is None:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return get_commit(bare, sha)


def _set(call: Call, repository: Repository, name: str, sha: str, before: dict[str, str]) -> None:
    bare = call.work.get_bare(repository)
    try:
        bare.set_ref(name, sha)
    except GitFailed as error:  # not the name of a ref, or one that begins with the name of another
        raise Refused(422, "Reference cannot be updated") from error
    follow_push(call.work, repository, call.get_actor(), before, bare.list_refs())
