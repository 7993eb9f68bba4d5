"""YAML (and so JSON) from strangers: values with their lines, and nothing that costs more than the text is long.

Names are taken as meant: `on`, `yes` and `no` are words, as in YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103),
not booleans. Duplicate keys, merge keys and tags are refused; aliases and depth are limited.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from typing import Any

import yaml

from bot.spec.errors import Problems

MAX_DEPTH = 40
MAX_NODES = 50_000
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "timestamp", "str", "seq", "map", "value")
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


@dataclass(frozen=True, slots=True)
class Scalar:
    """`text` as written, `quoted` when it is a string whatever it looks like."""

    text: str
    line: int
    quoted: bool = False

    @property
    def value(self) -> str | int | float | bool | None:
        """The scalar as YAML 1.2's core schema reads it."""
        if self.quoted:
            return self.text
        if self.text in _NULLS:
            return None
        if self.text in _BOOLEANS:
            return _BOOLEANS[self.text]
        if _INTEGER.fullmatch(self.text) and len(self.text) <= 40:
            return int(self.text)
        return float(self.text) if _FLOAT.fullmatch(self.text) and isfinite(float(self.text)) else self.text


@dataclass(frozen=True, slots=True)
class Entry:
    """One pair of a mapping; `line` is that of the key."""

    key: str
    value: Node
    line: int


@dataclass(frozen=True, slots=True)
class MappingNode:
    """A mapping in its order."""

    entries: tuple[Entry, ...]
    line: int

    def find(self, key: str) -> Node | None:
        """The value of that key."""
        return next((entry.value for entry in self.entries if entry.key == key), None)


@dataclass(frozen=True, slots=True)
class SequenceNode:
    """A list."""

    items: tuple[Node, ...]
    line: int


Node = Scalar | MappingNode | SequenceNode


def read_yaml(text: str, first_line: int, problems: Problems) -> Node | None:
    """The document, its first line being `first_line` of the issue; None when it cannot be read, or is empty."""
    last = text.rstrip().count("\n")
    try:
        node = _Loader(text).get_single_node()
        return None if node is None else _Converter(first_line, problems).convert(node)
    except _Refused as error:
        problems.report(first_line + error.line, error.message, "plain YAML without it")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + min(mark.line if mark else 0, last)
        problems.report(line, f"this is not valid YAML: {error.problem or error.context}", "valid YAML")
    except (
        yaml.YAMLError,
        ValueError,
        OverflowError,
    ) as error:  # a character that YAML has not, a number of none in an escape
        line = first_line + text.count("\n", 0, getattr(error, "position", 0))
        problems.report(line, f"this is not valid YAML: {str(error).splitlines()[0]}", "valid YAML")
    return None


def to_plain(node: Node) -> Any:
    """The document as plain values, with keys that are strings, as JSON has them."""
    if isinstance(node, MappingNode):
        return {entry.key: to_plain(entry.value) for entry in node.entries}
    if isinstance(node, SequenceNode):
        return [to_plain(item) for item in node.items]
    return node.value


class _Refused(Exception):
    def __init__(self, line: int, message: str) -> None:
        self.line, self.message = line, message


class _Loader(yaml.SafeLoader):
    """Composes nodes only; the depth is limited while they are made, since nodes in nodes are calls in calls."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Refused(self.get_mark().line, f"values are nested more than {MAX_DEPTH} deep")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def _join_surrogates(node: yaml.ScalarNode) -> str:
    """The text with what JSON writes as two escapes joined; halves and NUL, which no text holds, are refused."""
    text = str(node.value)
    try:
        joined = text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError as error:
        raise _Refused(node.start_mark.line, "here is a character that no text holds") from error
    if "\0" in joined:
        raise _Refused(node.start_mark.line, "here is a character that no text holds")
    return joined


class _Converter:
    """Turns nodes into values; what an alias repeats is counted each time, so that aliases cannot multiply."""

    def __init__(self, first_line: int, problems: Problems) -> None:
        self.first_line, self.problems = first_line, problems
        self.count = self.depth = 0

    def convert(self, node: yaml.Node) -> Node:
        self.count += 1
        self.depth += 1
        if self.count > MAX_NODES or self.depth > MAX_DEPTH:
            raise _Refused(node.start_mark.line, "aliases make this document far larger than it looks")
        try:
            return self._convert(node)
        finally:
            self.depth -= 1

    def _convert(self, node: yaml.Node) -> Node:
        if node.tag not in _TAGS:
            raise _Refused(node.start_mark.line, f"tags (`{node.tag}`) are not read")
        line = self.first_line + node.start_mark.line
        if isinstance(node, yaml.ScalarNode):
            return Scalar(_join_surrogates(node), line, node.style is not None)
        if isinstance(node, yaml.SequenceNode):
            return SequenceNode(tuple(self.convert(item) for item in node.value), line)
        return MappingNode(tuple(self._convert_pairs(node)), line)

    def _convert_pairs(self, node: yaml.Node) -> Iterator[Entry]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            line = self.first_line + key.start_mark.line
            if not isinstance(key, yaml.ScalarNode):
                self.problems.report(line, "a key is a list or a mapping", "a key that is a word")
            elif key.value == "<<" and key.style is None:
                raise _Refused(key.start_mark.line, "merge keys (`<<`) are not read")
            elif key.value in seen:
                self.problems.report(
                    line, f"`{key.value}` stands here twice (first in line {seen[key.value]})", "each key once"
                )
            else:
                seen[key.value] = line
                yield Entry(key.value, self.convert(value), line)
