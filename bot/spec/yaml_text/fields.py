"""A YAML mapping read key by key: each of the kind that it should be, and none that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.spec.errors import Problems
from bot.spec.names import find_nearest, read_name
from bot.spec.yaml_text.nodes import Entry, MappingNode, Node, Scalar, SequenceNode

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


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
        self.problems = problems
        self.nodes: dict[str, Node] = {}
        self.lines: dict[str, int] = {}
        known, other = list(keys), synonyms or {}
        for entry in mapping.entries:
            key = other.get(entry.key, entry.key)
            if key in self.nodes:
                problems.report(entry.line, f"`{entry.key}` says again what stands above", f"`{key}` once")
            elif key in known:
                self.nodes[key], self.lines[key] = entry.value, entry.line
            elif not problems.is_full:
                nearest = find_nearest(entry.key, [*known, *other])
                expected = f"`{nearest}`?" if nearest else f"one of {', '.join(known)}"
                problems.report(entry.line, f"{what} has no key `{entry.key}`", expected)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value."""
        node = self.nodes.get(key)
        return node is not None and not (isinstance(node, Scalar) and node.value is None)

    def text(self, key: str) -> str | None:
        """The scalar as written, which SQL reads alike (`true`, `0`); None when it is missing or null."""
        if not self.has(key):
            return None
        node = self.nodes[key]
        if isinstance(node, Scalar):
            return node.text.strip()
        self.problems.report(self.lines[key], f"`{key}` is a list or a mapping", "a text")
        return None

    def flag(self, key: str) -> bool | None:
        """True or false; `yes` and `no` too, since people write them."""
        text = self.text(key)
        if text is None:
            return None
        if text.lower() not in _FLAGS:
            self.problems.report(self.lines[key], f"`{key}` is `{text}`", "true or false")
        return _FLAGS.get(text.lower())

    def name(self, key: str, what: str, *, qualified: bool = False) -> str | None:
        """A name; None when it is missing, or none, which is reported."""
        text = self.text(key)
        return read_name(text, self.lines[key], self.problems, what, qualified=qualified) if text is not None else None

    def words(self, key: str) -> tuple[Scalar, ...]:
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


def list_named(node: Node, line: int, what: str, problems: Problems) -> Iterator[Entry]:
    """`{name: …}`, `[{name: …, …}]` and `[{name: short}]` alike."""
    if isinstance(node, MappingNode):
        yield from node.entries
    elif isinstance(node, Scalar):
        problems.report(line, f"`{what}` is a single word", "a mapping of names")
    else:
        for item in node.items:
            entry = _find_entry(item)
            if entry is not None:
                yield entry
            else:
                problems.report(item.line, f"an element of `{what}` has no name", "a mapping of names")


def _find_entry(item: Node) -> Entry | None:
    if not isinstance(item, MappingNode):
        return None
    name = item.find("name")
    if isinstance(name, Scalar):
        rest = tuple(entry for entry in item.entries if entry.key != "name")
        return Entry(name.text, MappingNode(rest, name.line), name.line)
    return item.entries[0] if len(item.entries) == 1 else None
