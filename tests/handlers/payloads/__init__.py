"""Real payloads, changed where a test wants it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

LOGIN = "Codertocat"
REPOSITORY = "Codertocat/Hello-World"
ISSUE = 1


def read_payload(name: str) -> dict[str, Any]:
    """The payload of that file."""
    payload: dict[str, Any] = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    return payload


def list_examples() -> list[tuple[str, dict[str, Any]]]:
    """Every example of GitHub's, by the name of its file: EVENT.ACTION.N.json."""
    text = gzip.decompress((Path(__file__).parent / "examples.jsonl.gz").read_bytes()).decode()
    read = [json.loads(line) for line in text.splitlines()]
    return [(item["file"], item["payload"]) for item in read]


def make_issue_payload(
    action: str,
    *,
    label: str | None = None,
    sender: str = LOGIN,
    body: str | None = "the spec",
    title: str = "Loyalty",
    kind: str = "User",
    state: str = "open",
    changes: tuple[str, ...] = (),
) -> bytes:
    """An `issues` event of that action."""
    payload = read_payload("issues.labeled") | {"action": action, "installation": {"id": 7, "node_id": "x"}}
    payload["label"] = {**payload["label"], "name": label}
    if label is None:
        del payload["label"]
    payload["issue"] |= {"title": title, "body": body, "state": state}
    payload["sender"] |= {"login": sender, "type": kind}
    payload["changes"] = {name: {"from": "before"} for name in changes}
    return json.dumps(payload).encode()
