"""/explain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.command_registry import CannotDo, command
from handlers.command_request import Answer, CommandRequest

MAX_STATEMENTS = 40
MAX_FINDINGS = 20
MINIMUM_ID_CHARACTERS = 4


@command("bot's pull request", arguments="<path or revision>")
def run(request: CommandRequest) -> Answer:
    """Says what a file of this pull request, or a revision, is for, and what was seen of it."""
    from bot.words.loader import render

    name = request.take_one("a path or a revision").removeprefix("./")
    _, outputs = request.get_delivered()
    revision = _find_revision(outputs, name)
    if revision is not None:
        return Answer(render("commands/explain_revision.md", **_read_revision(outputs, revision)))
    changeset = outputs["logic"]["changeset"]
    if name not in changeset["files"]:
        raise CannotDo(f"`{name}` is no file or revision of this pull request.")
    return Answer(render("commands/explain_file.md", **_read_file(changeset, name)))


def _find_revision(outputs: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    revisions = outputs["schema"]["revisions"]
    named = [item for item in revisions if name in (item["path"], item["revision"])]
    if not named and len(name) >= MINIMUM_ID_CHARACTERS:
        named = [item for item in revisions if item["revision"].startswith(name)]
    return named[0] if len(named) == 1 else None


def _read_revision(outputs: Mapping[str, Any], revision: Mapping[str, Any]) -> dict[str, object]:
    from bot.migration import deploy_order, lint_result, proof_codec

    gates = outputs["gates"]
    proof = None if gates["proof"] is None else proof_codec.from_json(gates["proof"])
    lint = None if gates["lint"] is None else lint_result.from_json(gates["lint"])
    ran = () if proof is None else proof.upgrade.statements
    statements = [item for item in ran if item.revision == revision["revision"]]
    findings = () if lint is None else [item for item in lint.findings if item.path == revision["path"]]
    return {
        "revision": deploy_order.from_json(revision),
        "statements": tuple(statements[:MAX_STATEMENTS]),
        "left_out": max(0, len(statements) - MAX_STATEMENTS),
        "is_proved": proof is not None and proof.ok,
        "findings": tuple(findings[:MAX_FINDINGS]),
    }


def _read_file(changeset: Mapping[str, Any], path: str) -> dict[str, object]:
    criteria = [
        (item["criterion_id"], [test for test in item["tests"] if test.partition("::")[0] == path])
        for item in changeset["criteria"]
    ]
    return {
        "path": path,
        "done": tuple(line for line in changeset["done"] if path in line),
        "criteria": tuple((name, tuple(tests)) for name, tests in criteria if tests),
        "others": tuple(file for file in changeset["files"] if file != path),
    }
