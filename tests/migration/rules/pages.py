"""The pages of `docs/rules`, read: what they say, and their examples."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from tests.migration.rules.examples import Example

FOLDER = Path(__file__).parents[3] / "docs" / "rules"
_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Page:
    """`text` is the whole page."""

    title: str
    summary: str
    severity: str
    bad: Example
    good: Example
    text: str


def list_names() -> list[str]:
    """The names of the pages, without the index."""
    return sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")


def read_page(name: str) -> Page:
    """The page of that rule. Raises when a part is missing."""
    text = (FOLDER / f"{name}.md").read_text()
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    title, summary, severity = [line for line in parts[0].splitlines() if line]
    code = sections.get("Code", "")
    return Page(
        title=title.removeprefix("# "),
        summary=summary,
        severity=severity.removeprefix("Severity: "),
        bad=read_example(code + sections["Bad"]),
        good=read_example(code + sections["Good"]),
        text=text,
    )


def read_example(text: str) -> Example:
    """The fences: a new revision, a file of the base as it was (`base PATH`) and is (`now PATH`), code."""
    example = Example(naming_convention=MappingProxyType({}))
    for match in _FENCE.finditer(text):
        kind, path = [*match["info"].split(), "", ""][1:3]
        if kind == "revision":
            example = replace(example, revisions=(*example.revisions, match["text"]))
        elif kind == "base":
            example = replace(example, old={**example.old, path: match["text"]})
        elif kind == "now":
            example = replace(example, now={**example.now, path: match["text"]})
        elif kind == "code":
            example = replace(example, code={**example.code, path: match["text"]})
    return example
