"""Step 2: the issue and the files it links to become a `Spec`."""

from __future__ import annotations

from typing import Any

from bot.spec.model import Link, Problem, Spec
from bot.spec.reader import SpecError, read_spec
from jobs.context import RunContext
from jobs.endings import Unreadable

MAX_LINKED_BYTES = 256 * 1024


def run(context: RunContext) -> dict[str, Any]:
    """Output: how many criteria, endpoints and tables were read, and the linked files with their sizes in bytes."""
    try:
        spec = read_spec(context.run.title, context.run.body)
    except SpecError as error:
        raise Unreadable(error.problems) from error
    return {
        "criteria": len(spec.criteria),
        "endpoints": len(spec.endpoints),
        "tables": [table.name for table in spec.data_model.tables],
        "files": _read_links(context, spec),
    }


def _read_links(context: RunContext, spec: Spec) -> dict[str, int]:
    sizes: dict[str, int] = {}
    problems: list[Problem] = []
    for link in spec.links:
        content = context.mirror.read_file(context.base_commit, link.path, MAX_LINKED_BYTES + 1)
        if content is None:
            problems.append(_explain(spec, link, "is not in the repository at the base commit", "the path of a file"))
        elif len(content) > MAX_LINKED_BYTES:
            problems.append(
                _explain(spec, link, "is too large to be part of a spec", f"at most {MAX_LINKED_BYTES // 1024} KiB")
            )
        else:
            sizes[link.path] = len(content)
    if problems:
        raise Unreadable(problems)
    return sizes


def _explain(spec: Spec, link: Link, what: str, expected: str) -> Problem:
    lines = spec.body.splitlines()
    quote = lines[link.line - 1] if 0 < link.line <= len(lines) else ""
    return Problem("error", f"the linked file `{link.path}` {what}", expected, link.line, quote)
