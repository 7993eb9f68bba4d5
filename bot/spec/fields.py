"""A YAML mapping read key by key: each of the kind that it should be, and none that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.spec.errors import Problems
from bot.spec.names import find_nearest
from bot.spec.yaml_text import MappingNode, Node, Scalar, SequenceNode

_DATE_LIKE = "a date"


class Fields:
    """`synonyms` maps other spellings to the key. Unknown keys are reported at once, with the nearest known one."""

    def __init__(
        self,
        mapping: MappingNode,
        keys: Iterable[str],
        problems: Problems,
        *,
        what: str,
        synonyms: Mapping[str, str] | None = None,
    ) -> None:
        self.problems, self.line = problems, mapping.line
        self.nodes: dict[str, Node] = {}
        self.lines: dict[str, int] = {}
        known, other = list(keys), synonyms or {}
        for entry in mapping.entries:
            key = other.get(entry.key, entry.key)
            if key in self.nodes:
                problems.report(entry.line, f"`{entry.key}` says again what stands above", f"`{key}` once")
            elif key in known:
                self.nodes[key], self.lines[key] = entry.value, entry.line
            else:
                nearest = find_nearest(entry.key, [*known, *other])
                expected = f"`{nearest}`?" if nearest else f"one of {', '.join(known)}"
                problems.report(entry.line, f"{what} has no key `{entry.key}`", expected)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        node = self.nodes.get(key)
        return node is not None and not (isinstance(node, Scalar) and node.value is None)

    def text(self, key: str) -> str | None:
        """The scalar as written; None when it is missing or null."""
        if not self.has(key):
            return None
        node = self.nodes[key]
        if isinstance(node, Scalar):
            return node.text.strip()
        self.problems.report(self.lines[key], f"`{key}` is a list or a mapping", "a text")
        return None

    def expression(self, key: str) -> str | None:
        """SQL; unquoted true, false and numbers are what they are in SQL too."""
        return self.text(key)

    def flag(self, key: str) -> bool | None:
        """True or false; `yes` and `no` too, since people write them."""
        text = self.text(key)
        if text is None:
            return None
        value = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}.get(text.lower())
        if value is None:
            self.problems.report(self.lines[key], f"`{key}` is `{text}`", "true or false")
        return value

    def names(self, key: str) -> tuple[Scalar, ...]:
        """A list of words, or a single one."""
        if not self.has(key):
            return ()
        return read_words(self.nodes[key], f"`{key}`", self.lines[key], self.problems)


def read_words(node: Node, what: str, line: int, problems: Problems) -> tuple[Scalar, ...]:
    """The scalars of a list; a scalar alone is a list of one."""
    items = node.items if isinstance(node, SequenceNode) else (node,)
    words = tuple(item for item in items if isinstance(item, Scalar))
    if len(words) < len(items):
        problems.report(line, f"{what} is not a list of words", "such as `[first, second]`")
    return words
