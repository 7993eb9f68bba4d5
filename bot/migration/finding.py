"""One result of the lint: what is wrong where, what it does in production, and how to do it instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import TypeAdapter

Severity = Literal["error", "warning", "info"]
Linter = Literal["specwright", "squawk"]
NOT_ASKED = "squawk"  # the code of the finding that squawk itself is missing or broken


@dataclass(frozen=True, slots=True)
class Place:
    """A line (from 1) of a file; `path` is relative to the tree."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is the rule's name, by which it is configured and ignored.

    `title` is one line, `consequence` says what happens in production, `remedy` how to do it instead, `example` is code
    to paste (Python of a revision; empty when there is none). All four may quote names of the repository, so they are
    as hostile as it is.
    """

    code: str
    severity: Severity
    path: str
    line: int
    title: str
    consequence: str
    remedy: str
    example: str = ""
    linter: Linter = "specwright"

    @property
    def place(self) -> str:
        """File and line, as editors and people write them."""
        return f"{self.path}:{self.line}"

    @property
    def docs(self) -> str:
        """Where the rule is explained: a path in Specwright's own repository, or squawk's page."""
        if self.linter == "specwright":
            return f"docs/rules/{self.code}.md"
        return f"https://squawkhq.com/docs/{'rules' if self.code == NOT_ASKED else self.code}"


def flatten(text: str) -> str:
    """The text on one line. A name of the repository's may hold line breaks, and so leave the comment it is put in."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def to_json(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The findings as what `json.dumps` takes; `docs` is written too, for other readers."""
    return [{**asdict(finding), "docs": finding.docs} for finding in findings]


def from_json(content: Sequence[dict[str, Any]]) -> tuple[Finding, ...]:
    """The findings again. Raises `pydantic.ValidationError` for anything else."""
    return TypeAdapter(tuple[Finding, ...]).validate_python(content)
