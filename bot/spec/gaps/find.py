"""What nobody may invent: each gap is a question to the author, with an example of its answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.spec.errors import Problems
from bot.spec.gaps.known import KnownSchema
from bot.spec.gaps.statements import find_statement_gaps
from bot.spec.gaps.tables import find_table_gaps
from bot.spec.gaps.world import World, build_world, normalise
from bot.spec.markdown.sections import NO_RESPONSE
from bot.spec.model import EnumSpec, Problem, Section, Spec
from bot.spec.open_words import is_open, mentions_open

_NOTHING = re.compile(
    r"(?:(?:there (?:are|is) )?(?:none|no|nothing|n/?a|keine|not applicable|unchanged|as (?:it )?is)\b[\w\s]*)?",
    re.IGNORECASE,
)
MAX_NOTHING = 80  # characters in which people say that there is nothing


def find_gaps(spec: Spec, base: KnownSchema | None) -> tuple[Problem, ...]:
    """Essential questions, in the order of the text. Without `base` only those that the spec raises by itself."""
    problems = Problems(spec.body.split("\n"))
    if spec.data_model.is_empty and not spec.criteria and not spec.endpoints:
        expected = "acceptance criteria, a data model or endpoints under headings of these names"
        problems.report(None, "The spec asks for nothing. What should be done?", expected, "gap")
    _find_open_words(spec, problems)
    world = build_world(base, problems)
    for enum in spec.data_model.enums:
        _enter_enum(enum, world)
    find_statement_gaps(spec.data_model.statements, world)
    find_table_gaps(spec.data_model.tables, world)
    return problems.list_all()


def _enter_enum(enum: EnumSpec, world: World) -> None:
    if not enum.values and not enum.drop:
        world.gap(enum.line, f"Which values has the enum `{enum.name}`?", f"`{enum.name}: [first, second]`")
    if enum.drop and world.is_complete and normalise(enum.name) not in world.types:
        world.gap(enum.line, f"The spec drops the enum `{enum.name}`, which is not there.", "the name of one that is")
    world.types.add(normalise(enum.name))


def _find_open_words(spec: Spec, problems: Problems) -> None:
    for criterion in spec.criteria:
        if mentions_open(criterion.text):
            question = f"{criterion.id} is not decided: {criterion.text}"
            problems.report(criterion.line, question, "what must hold, so that a test can tell", "gap")
    for endpoint in spec.endpoints:
        if mentions_open(f"{endpoint.path} {endpoint.description}"):
            question = f"{endpoint.method} {endpoint.path} is not decided: {endpoint.description}"
            problems.report(endpoint.line, question, "what it takes and answers", "gap")
    for section in spec.sections:
        if section.key == "open questions":
            for line, text in _list_questions(spec, section):
                problems.report(line, f"The spec asks itself: {text}", "the answer where it belongs in the spec", "gap")
        elif section.key == "data model" and spec.data_model.is_empty and not _says_nothing(section.text):
            expected = "a fence of `sql`, `yaml`, `dbml` or `mermaid`, a table of columns, or `No changes`"
            question = "The data model is told in words only. Which tables and columns are meant?"
            problems.report(section.line, question, expected, "gap")
        elif section.text and is_open(section.text) and len(section.text) < 80:
            problems.report(section.line, f"{section.title} is not decided.", "what holds, or no such section", "gap")


def _list_questions(spec: Spec, section: Section) -> Iterator[tuple[int, str]]:
    """The lines of the section that are neither empty nor ticked."""
    lines = spec.body.split("\n")
    later = [other.line for other in spec.sections if other.line > section.line]
    for number in range(section.line, min(later, default=len(lines) + 1) - 1):
        text = lines[number].strip()
        ticked = re.match(r"(?:[-*+]|\d+[.)])\s+(?:\[[xX]\]|~~)|~~", text)
        if text and text in section.text and not ticked and text != NO_RESPONSE and not _says_nothing(text):
            yield number + 1, re.sub(r"^[-*+]\s+(?:\[ \]\s+)?|^\d+[.)]\s+", "", text)


def _says_nothing(text: str) -> bool:
    """Whether a text is empty, or says `None.`, `No changes`, `n/a` and the like."""
    return len(text) <= MAX_NOTHING and _NOTHING.fullmatch(text.strip(" \t\n-*_.!–—")) is not None
