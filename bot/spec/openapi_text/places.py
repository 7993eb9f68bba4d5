"""Where in the issue an error of an OpenAPI document is. Errors of a schema tell the way from that schema only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bot.spec.openapi_text.check import Mistake
from bot.spec.yaml_text.nodes import MappingNode, Node, Scalar, SequenceNode


def find_line(root: MappingNode, mistake: Mistake) -> int:
    """The line of what the path leads to from the root, else from the first node where it leads to that value.

    A mistake without a path is found by the URL that its message mentions.
    """
    if not mistake.path:
        paths = root.find("paths")
        entries = paths.entries if isinstance(paths, MappingNode) else ()
        return next((entry.line for entry in entries if f"'{entry.key}'" in mistake.message), root.line)
    for start in _walk(root):
        found = _follow(start, mistake.path)
        if found is not None and (start is root or _is(found[0], mistake.value)):
            return found[1]
    return root.line


def _walk(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, MappingNode):
            waiting += [entry.value for entry in reversed(node.entries)]
        elif isinstance(node, SequenceNode):
            waiting += reversed(node.items)


def _follow(node: Node, path: Sequence[str]) -> tuple[Node, int] | None:
    """What the path leads to, with the line of the last key."""
    line = node.line
    for key in path:
        if isinstance(node, MappingNode):
            entry = next((entry for entry in node.entries if entry.key == key), None)
            if entry is None:
                return None
            node, line = entry.value, entry.line
        elif isinstance(node, SequenceNode) and key.isdecimal() and int(key) < len(node.items):
            node = node.items[int(key)]
            line = node.line
        else:
            return None
    return node, line


def _is(node: Node, instance: Any) -> bool:
    if isinstance(node, Scalar):
        return bool(node.value == instance)
    return isinstance(instance, dict if isinstance(node, MappingNode) else list) and len(instance) == len(
        node.entries if isinstance(node, MappingNode) else node.items
    )
