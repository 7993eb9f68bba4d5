"""Acceptance criteria, each with an id of its own: `AC-1: …`, lists of any kind, and scenarios kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.spec.errors import Problems
from bot.spec.markdown.document import Block, Fence, Heading, Item, Paragraph, Table
from bot.spec.markdown.sections import Part
from bot.spec.model import Criterion

_ID = re.compile(r"[\[(*]{0,3}AC[-_ ]?(\d{1,6}(?:\.\d{1,6}){0,3})\b[\])*]{0,3}\s*(?:[:.)\-–—]+\s*)?", re.IGNORECASE)
_STORY = re.compile(
    r"as an? .{1,200}?\bi (?:want|would like|need|can|should|must)\b|as the .{1,200}?\bi want\b", re.IGNORECASE
)
_STEP = re.compile(r"[*_`]*(given|when|then|and|but)\b", re.IGNORECASE)
_STEPS = re.compile(r"^[^\w\n]*(given|when|then)\b", re.IGNORECASE | re.MULTILINE)
_FIRST_STEP = re.compile(r"[*_`]*(?:given|when)\b", re.IGNORECASE)
_WHOLE = re.compile(r"given\b[^\n]{0,300}?\bwhen\b[^\n]{0,300}?\bthen\b", re.IGNORECASE)
_SCENARIO = re.compile(r"(?:scenario(?: outline)?|example)(?:\s+\d+)?\s*:\s*(.*)", re.IGNORECASE)
_CHECKBOX = re.compile(r"\[[ xX]\]\s+")
_TEXT_HEADERS = frozenset(
    {"criterion", "criteria", "acceptance criterion", "acceptance criteria", "description", "text"}
)


@dataclass
class _Draft:
    """A criterion while it is read. `number` is the one it states, `depth` that of its item: 0 for running text.

    `steps` are the words Given, When and Then that its lines begin with. Below a heading all belongs to it.
    """

    line: int
    depth: int
    number: str | None = None
    is_heading: bool = False
    texts: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def add(self, text: str) -> None:
        """Text that belongs to it."""
        self.texts.append(text)
        self.steps += [word.lower() for word in _STEPS.findall(text)]
        if _WHOLE.match(text):
            self.steps += ["when", "then"]

    def add_part(self, text: str) -> None:
        """An item below it, told apart from what stands before."""
        if self.texts[-1][-1:].isalnum() or self.texts[-1][-1:] in ("`", ")"):
            self.texts[-1] += ";"
        self.add(text)

    def goes_on(self, text: str) -> bool:
        """Whether a line is a further step: only one more Given or When begins another scenario."""
        match = _STEP.match(text)
        step = match[1].lower() if match else ""
        if not self.steps:
            return bool(step) and self.depth == 0
        done = {"given": {"when", "then"}, "when": {"when", "then"}}.get(step, set())
        return bool(step) and not done & set(self.steps)


def read_criteria(parts: Sequence[Part], problems: Problems) -> tuple[Criterion, ...]:
    """In order of appearance. An id that is stated is kept; the others get the numbers that are free."""
    drafts: list[_Draft] = []
    for key in ("acceptance criteria", "requirements", "user stories"):
        own = [part for part in parts if part.key == key]
        drafts = [draft for part in own for draft in _Reader().read(part.blocks)]
        if not drafts and key == "acceptance criteria":
            drafts = [draft for part in own for draft in _read_prose(part.blocks)]
        if drafts:
            break
    return _number([draft for draft in drafts if any(draft.texts)], problems)


def _read_prose(blocks: Sequence[Block]) -> Iterator[_Draft]:
    """Each paragraph that is no story, of a section in which nothing is listed."""
    for block in blocks:
        if isinstance(block, Paragraph) and not _STORY.match(block.text):
            yield _Draft(block.line, 0, texts=[block.text])


def _number(drafts: Sequence[_Draft], problems: Problems) -> tuple[Criterion, ...]:
    lines: dict[str, int] = {}
    for draft in drafts:
        if draft.number is None:
            continue
        if draft.number in lines:
            message = f"AC-{draft.number} stands here twice (first in line {lines[draft.number]})"
            problems.report(draft.line, message, "a number of its own for each criterion")
        lines.setdefault(draft.number, draft.line)
    free = (str(number) for number in range(1, len(drafts) + len(lines) + 1) if str(number) not in lines)
    return tuple(
        Criterion(f"AC-{draft.number or next(free)}", " ".join(" ".join(draft.texts).split()), draft.line)
        for draft in drafts
    )


class _Reader:
    """Goes through the blocks of a section. `open` is the criterion that deeper items and further steps belong to."""

    def __init__(self) -> None:
        self.drafts: list[_Draft] = []
        self.open: _Draft | None = None

    def read(self, blocks: Sequence[Block]) -> list[_Draft]:
        for block in blocks:
            match block:
                case Heading():
                    self._read_heading(block)
                case Item():
                    self._read_item(block)
                case Paragraph():
                    self._read_paragraph(block)
                case Table():
                    self._read_table(block)
                case Fence():
                    self._read_fence(block)
        return self.drafts

    def _begin(self, line: int, text: str, depth: int, *, is_heading: bool = False) -> None:
        match = _ID.match(text)
        number = _normalise_number(match[1]) if match else None
        self.open = _Draft(line, depth, number, is_heading)
        self.open.add(text[match.end() :].lstrip("*_ ") if match else text)
        self.drafts.append(self.open)

    def _read_heading(self, heading: Heading) -> None:
        self.open = None
        scenario = _SCENARIO.fullmatch(heading.title)
        if scenario or _ID.match(heading.title):
            self._begin(heading.line, scenario[1] if scenario else heading.title, 0, is_heading=True)

    def _read_item(self, item: Item) -> None:
        text = _CHECKBOX.sub("", item.text, count=1) if _CHECKBOX.match(item.text) else item.text
        has_id = _ID.match(text) is not None
        if self.open is not None and not has_id and self.open.goes_on(text):
            self.open.add(text)
        elif self.open is not None and not has_id and item.depth > self.open.depth:
            self.open.add_part(text)
        elif _STORY.match(text) and not has_id:
            self.open = None
        else:
            self._begin(item.line, text, item.depth)

    def _read_paragraph(self, paragraph: Paragraph) -> None:
        for number, text in enumerate(paragraph.text.split("\n"), paragraph.line):
            scenario = _SCENARIO.fullmatch(text.strip())
            if scenario or _ID.match(text):
                self._begin(number, scenario[1] if scenario else text, 0)
            elif self.open is not None and self._belongs(text, is_first=number == paragraph.line):
                self.open.add(text)
            else:
                self.open = None
                if _FIRST_STEP.match(text):
                    self._begin(number, text, 0)

    def _belongs(self, text: str, *, is_first: bool) -> bool:
        """Whether a line of running text belongs to the criterion that is open."""
        assert self.open is not None  # noqa: S101 (asked for by the caller)
        return self.open.is_heading or self.open.goes_on(text) or (not is_first and self.open.depth == 0)

    def _read_table(self, table: Table) -> None:
        names = [cell.lower().strip("*` ") for cell in table.header.cells]
        place = next((names.index(name) for name in names if name in _TEXT_HEADERS), None)
        if place is None:
            return
        for row in table.rows:
            ids = [cell for cell in row.cells[:place] if _ID.fullmatch(cell)]
            if row.cells[place]:
                self._begin(row.line, f"{ids[0]}: {row.cells[place]}" if ids else row.cells[place], 0)
        self.open = None

    def _read_fence(self, fence: Fence) -> None:
        if fence.language not in ("gherkin", "feature", "cucumber"):
            return
        self.open = None
        for number, line in enumerate(fence.text.split("\n"), fence.line + 1):
            scenario = _SCENARIO.fullmatch(line.strip())
            if scenario:
                self._begin(number, scenario[1], 0)
            elif self.open is not None and line.strip() and not line.strip().startswith(("#", "@")):
                self.open.add(line.strip())
        self.open = None


def _normalise_number(text: str) -> str:
    return ".".join(str(int(part)) for part in text.split("."))
