"""pytest's JUnit XML → test cases. The file comes from the repository's own process: it may hold anything.

The family is xunit1, because only there a test case names its file (`_pytest/junitxml.py`, `families`); the test's
node id is put together again from file, class name and name.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from xml.etree import ElementTree

Outcome = Literal["passed", "failed", "skipped", "error"]
MAX_FILE_BYTES = 64 * 2**20
MAX_ELEMENTS = 200_000
MAX_ID_CHARACTERS = 1000
MAX_MESSAGE_CHARACTERS = 2000
MAX_SCHEMAS = 8
MAX_SCHEMA_CHARACTERS = 64
SCHEMA_PROPERTY = "specwright_schema"
# A test that failed and whose teardown failed too is written twice: the first of these that occurs is its outcome.
WORST_FIRST: tuple[Outcome, ...] = ("error", "failed", "skipped", "passed")
_TAGS: dict[str, Outcome] = {"error": "error", "failure": "failed", "skipped": "skipped"}


class BadReport(Exception):
    """It is no report that pytest would write."""


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test; `id` is pytest's node id, of an error while collecting the file's path.

    `schemas` are digests of the schemas that it met, where a plugin of the bot's asked for them.
    """

    __test__ = False  # pytest would collect a class of this name

    id: str
    outcome: Outcome
    duration_seconds: float
    message: str = ""
    schemas: tuple[str, ...] = ()


class _BoundedBuilder(ElementTree.TreeBuilder):
    """Each element takes a hundred times the memory of the `<a/>` that it may be in the file."""

    count = 0

    def start(self, tag: Any, attrs: dict[Any, Any], /) -> ElementTree.Element:
        """Called by the parser for every element."""
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise BadReport(f"it holds more than {MAX_ELEMENTS} elements")
        return super().start(tag, attrs)


def read_junit(path: Path, tree: Path) -> tuple[TestCase, ...] | None:
    """The test cases in the order they ran, None when there is no such file. Raises `BadReport`."""
    content = _read(path)
    if content is None:
        return None
    root = _parse(content)
    cases: dict[str, TestCase] = {}
    for case in _read_cases(root, tree):
        known = cases.get(case.id)
        cases[case.id] = case if known is None else min(known, case, key=lambda each: WORST_FIRST.index(each.outcome))
    return tuple(cases.values())


def _read(path: Path) -> bytes | None:
    """The file's content; it must be a regular file, since a link or a pipe may have been put there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadReport(f"it cannot be opened: {error.strerror}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadReport("it is no file")
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise BadReport(f"it is larger than {MAX_FILE_BYTES // 2**20} MiB")
    return content


def _parse(content: bytes) -> ElementTree.Element:
    """The root element. Entities, which can grow without bound, are refused, and so is a crowd of elements."""
    try:
        text = content.decode("utf-8")  # as pytest writes it; in another encoding a declaration could hide
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BadReport("it declares a document type")
        return ElementTree.fromstring(text, ElementTree.XMLParser(target=_BoundedBuilder()))  # noqa: S314
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise BadReport(str(error)) from error


def _read_cases(root: ElementTree.Element, tree: Path) -> Iterator[TestCase]:
    for element in root.iter("testcase"):
        outcomes = [(_TAGS[child.tag], _read_message(child)) for child in element if child.tag in _TAGS]
        worst = min(outcomes, key=lambda item: WORST_FIRST.index(item[0]), default=("passed", ""))
        name = _read_id(element, tree)[:MAX_ID_CHARACTERS]
        yield TestCase(name, worst[0], _read_seconds(element), worst[1], _read_schemas(element))


def _read_schemas(element: ElementTree.Element) -> tuple[str, ...]:
    found = [each for each in element.iterfind("properties/property") if each.get("name") == SCHEMA_PROPERTY]
    return tuple(each.get("value", "")[:MAX_SCHEMA_CHARACTERS] for each in found[:MAX_SCHEMAS])


def _read_message(element: ElementTree.Element) -> str:
    message, text = element.get("message", ""), element.text or ""
    # pytest writes only "collection failure" there; the reason is the end of the text.
    whole = message if message and message != "collection failure" else text.strip()
    return whole[-MAX_MESSAGE_CHARACTERS:]


def _read_seconds(element: ElementTree.Element) -> float:
    try:
        seconds = float(element.get("time", "0"))
    except ValueError:
        return 0.0
    return seconds if 0 <= seconds < float("inf") else 0.0


def _read_id(element: ElementTree.Element, tree: Path) -> str:
    """The node id: pytest wrote the path with dots for slashes and the classes behind it as `classname`."""
    file, classname, name = element.get("file", ""), element.get("classname", ""), element.get("name", "")
    if not classname:
        return file or name  # an error while collecting: the node is the file itself
    dotted = _dot(file)
    if file and (classname == dotted or classname.startswith(dotted + ".")):
        return "::".join([file, *_split(classname[len(dotted) + 1 :]), name])
    # The file is where the function is defined: for an inherited test it is another than the node's.
    parts = classname.split(".")
    for count in range(len(parts), 0, -1):
        path = "/".join(parts[:count]) + ".py"
        if (tree / path).is_file():
            return "::".join([path, *parts[count:], name])
    count = len(parts) - len(list(_take_classes(reversed(parts))))
    return "::".join(["/".join(parts[:count]) + ".py", *parts[count:], name])


def _take_classes(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        if not part[:1].isupper():
            return
        yield part


def _dot(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def _split(classes: str) -> list[str]:
    return classes.split(".") if classes else []
