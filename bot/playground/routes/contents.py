"""Files: https://docs.github.com/en/rest/repos/contents."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from bot.playground.api import Call, route
from bot.playground.bare import Bare, Entry
from bot.playground.errors import Refused, not_found
from bot.playground.shapes.repository import get_api_url, get_page_url
from bot.playground.tables import Repository

MAXIMUM_INLINE_BYTES = 1024 * 1024
MAXIMUM_BYTES = 100 * 1024 * 1024
LINE = 60  # characters of base64 a line, as GitHub sends it


@route("GET", "/repos/{owner}/{repo}/contents")
@route("GET", "/repos/{owner}/{repo}/contents/{path:path}")
def get_contents(call: Call) -> Any:
    """A file with its content, or what a folder holds."""
    repository = call.get_repository("contents", "read")
    bare, path = call.work.get_bare(repository), call.path.get("path", "").strip("/")
    ref = call.query.get("ref") or repository.default_branch
    commit = bare.find_commit(ref)
    if commit is None:
        raise Refused(404, f"No commit found for the ref {ref}" if bare.list_refs() else "This repository is empty.")
    entry = bare.find_entry(commit, path) if path else Entry("", "dir", "040000", "", 0)
    if entry is None:
        raise not_found()
    if entry.kind == "dir":
        return [_render(call, repository, ref, found) for found in bare.list_tree(commit, path)]
    return {**_render(call, repository, ref, entry), **_read(bare, entry)}


def _read(bare: Bare, entry: Entry) -> dict[str, str | None]:
    if entry.kind == "submodule":
        return {"submodule_git_url": None}
    if entry.kind == "symlink":
        return {"target": bare.read_blob(entry.sha).decode(errors="replace")}
    if entry.size > MAXIMUM_BYTES:
        message = "This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API"
        raise Refused(403, message)
    if entry.size > MAXIMUM_INLINE_BYTES:
        return {"encoding": "none", "content": ""}
    text = base64.b64encode(bare.read_blob(entry.sha)).decode()
    lines = [text[start : start + LINE] for start in range(0, len(text), LINE)]
    return {"encoding": "base64", "content": "".join(f"{line}\n" for line in lines)}


def _render(call: Call, repository: Repository, ref: str, entry: Entry) -> dict[str, Any]:
    api, page, path = get_api_url(call.work, repository), get_page_url(call.work, repository), quote(entry.path)
    kind = "tree" if entry.kind == "dir" else "blob"
    url, git_url = f"{api}/contents/{path}?ref={quote(ref)}", f"{api}/git/{kind}s/{entry.sha}"
    html_url = f"{page}/{kind}/{quote(ref)}/{path}"
    return {
        "name": entry.path.rsplit("/", 1)[-1],
        "path": entry.path,
        "sha": entry.sha,
        "size": entry.size,
        "url": url,
        "html_url": html_url,
        "git_url": git_url,
        "download_url": f"{page}/raw/{quote(ref)}/{path}" if entry.kind == "file" else None,
        "type": entry.kind,
        "_links": {"self": url, "git": git_url, "html": html_url},
    }
