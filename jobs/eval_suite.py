"""A suite of evaluation tasks: specs with tests that whoever implements them never sees.

A task is a folder with `spec.md` (`# Title`, then the spec), `hidden/` (acceptance tests) and `probes/` (tests of what
an attacker would try). The suite's `suite.yml` names the repository that the specs are written for. The tests may use
what the spec names and the fixtures of that repository, nothing else; each is one plain function.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.spec.reader import SpecError, read_spec

KINDS = ("hidden", "probes")
FOLDER = "tests/specwright_{}"  # where they are put, beside the repository's own tests and within reach of its fixtures


class BadSuite(Exception):
    """A folder is no suite; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Task:
    """`tests` are the ids of the tests by their kind, `files` what is laid into the tree to run them.

    `criteria` is how many acceptance criteria the spec has.
    """

    name: str
    title: str
    body: str
    base: Path
    tests: Mapping[str, Sequence[str]]
    files: Mapping[str, str]
    criteria: int


def read_suite(folder: Path) -> tuple[Task, ...]:
    """The tasks, by their names. Raises `BadSuite`."""
    try:
        base = folder / str(yaml.safe_load((folder / "suite.yml").read_text())["base"])
    except (OSError, yaml.YAMLError, TypeError, KeyError) as error:
        raise BadSuite(f"{folder}/suite.yml must say `base: path/to/a/repository`") from error
    if not base.is_dir():
        raise BadSuite(f"{folder}/suite.yml: {base} is no folder")
    found = sorted(path.parent for path in folder.glob("*/spec.md"))
    if not found:
        raise BadSuite(f"{folder} holds no task: a folder with spec.md, hidden/ and probes/")
    return tuple(_read_task(path, base.resolve()) for path in found)


def _read_task(folder: Path, base: Path) -> Task:
    title, _, body = (folder / "spec.md").read_text(encoding="utf-8").partition("\n")
    if not title.startswith("# "):
        raise BadSuite(f"{folder}/spec.md must begin with a heading: # Title")
    title, body = title.removeprefix("# ").strip(), body.strip("\n")
    try:
        criteria = len(read_spec(title, body).criteria)
    except SpecError as error:
        raise BadSuite(f"{folder}/spec.md: {error}") from error
    tests, files = _read_tests(folder)
    return Task(folder.name, title, body, base, tests, files, criteria)


def _read_tests(folder: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    tests: dict[str, list[str]] = {kind: [] for kind in KINDS}
    files: dict[str, str] = {}
    for kind in KINDS:
        place = FOLDER.format(kind)
        files[f"{place}/__init__.py"] = ""
        for path in sorted((folder / kind).glob("*.py")):
            text = path.read_text(encoding="utf-8")
            files[f"{place}/{path.name}"] = text
            tests[kind] += [f"{place}/{path.name}::{name}" for name in _list_tests(text)]
        if not tests[kind]:
            raise BadSuite(f"{folder}/{kind} holds no test")
    return tests, files


def _list_tests(source: str) -> list[str]:
    """The functions that pytest would collect, in their order."""
    functions = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return [node.name for node in functions if node.name.startswith("test_")]
