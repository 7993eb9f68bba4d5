"""Python expressions laid out as Black does: on one line, else the arguments on one line, else one a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

INDENT = "    "


@dataclass(frozen=True, slots=True)
class Item:
    """An element of a group; `prefix` is written before it (`name=` or `"key": `)."""

    node: Node
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A call, a tuple, a list or a dictionary: whatever stands between two brackets."""

    opening: str
    items: tuple[Item, ...]
    closing: str = ")"
    is_tuple: bool = False


Node = str | Group


def call(function: str, *positional: Node, **named: Node | None) -> Group:
    """A call; named arguments that are None are left out."""
    items = [Item(node) for node in positional]
    items += [Item(node, f"{name}=") for name, node in named.items() if node is not None]
    return Group(f"{function}(", tuple(items))


def tuple_of(nodes: Sequence[Node]) -> Group:
    """A tuple display."""
    return Group("(", tuple(Item(node) for node in nodes), is_tuple=True)


def docstring(text: str) -> str:
    """A docstring of one line; nothing in a stranger's text can end it."""
    line = " ".join(text.split()).replace("\\", "/").replace('"""', "'''")
    line = "".join(character for character in line if character.isprintable())
    return f'"""{line} """' if line.endswith('"') else f'"""{line}"""'


def flat(node: Node) -> str:
    """The node on one line."""
    if isinstance(node, str):
        return node
    inner = ", ".join(item.prefix + flat(item.node) for item in node.items)
    comma = "," if node.is_tuple and len(node.items) == 1 else ""
    return f"{node.opening}{inner}{comma}{node.closing}"


def lay_out(prefix: str, node: Node, width: int, suffix: str = "") -> str:
    """`prefix`, the node and `suffix` in lines of at most `width` characters where that can be had."""
    line = prefix + flat(node) + suffix
    if isinstance(node, str) or not node.items or len(line) <= width:
        return line
    inner = ", ".join(item.prefix + flat(item.node) for item in node.items)
    comma = "," if node.is_tuple and len(node.items) == 1 else ""
    if len(INDENT + inner + comma) <= width and not (node.is_tuple and len(node.items) > 1):
        return f"{prefix}{node.opening}\n{INDENT}{inner}{comma}\n{node.closing}{suffix}"
    lines = [_indent(lay_out(item.prefix, item.node, width - len(INDENT), ",")) for item in node.items]
    return "\n".join([prefix + node.opening, *lines, node.closing + suffix])


def _indent(text: str) -> str:
    return "\n".join(INDENT + line if line else line for line in text.split("\n"))
