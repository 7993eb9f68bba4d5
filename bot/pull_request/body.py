"""The body of the pull request, never longer than GitHub takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bot.pull_request import migration_sections, sections
from bot.pull_request.level import FULL, Level
from bot.pull_request.report import Report
from bot.pull_request.sections import Section
from bot.words.loader import render

MAX_CHARACTERS = 65_536  # "body is too long (maximum is 65536 characters)", as the API answers a longer one

SECTIONS: Mapping[str, Section] = {
    "summary": sections.render_summary,
    "criteria": sections.render_criteria,
    "migration": lambda report, level: migration_sections.render_migration(report.migration, level),
    "lint": lambda report, level: migration_sections.render_lint(report.migration, level),
    "deploy": lambda report, level: migration_sections.render_deploy(report.migration, level),
    "tests": sections.render_tests,
    "checklist": sections.render_checklist,
    "rollback": lambda report, level: migration_sections.render_rollback(report.migration, level),
    "steering": sections.render_steering,
}
# The least needed goes first: the SQL stands in the revision's file, the diagram can be drawn again, lists have an end.
LEVELS = (
    FULL,
    replace(FULL, sql=False),
    Level(items=60, few=8, boxes=120, characters=400, sql=False),
    Level(items=40, few=4, boxes=80, characters=250, sql=False, diagram=False),
    Level(items=10, few=2, boxes=30, characters=120, sql=False, diagram=False),
)
LEFT_OUT_FIRST = ("lint", "criteria", "tests", "migration", "checklist", "deploy", "rollback", "steering", "summary")


def render_body(report: Report) -> str:
    """The whole body at the first level of detail at which it fits. What is left out is said where it would stand."""
    for level in LEVELS:
        body = _join({name: section(report, level) for name, section in SECTIONS.items()})
        if len(body) <= MAX_CHARACTERS:
            return body
    return next(body for body in _leave_out_sections(report) if len(body) <= MAX_CHARACTERS)


def _leave_out_sections(report: Report) -> Iterator[str]:
    """The body with one section less each time, for a report that no list's end makes short enough."""
    texts = {name: section(report, LEVELS[-1]) for name, section in SECTIONS.items()}
    for name in LEFT_OUT_FIRST:
        if texts[name]:
            texts[name] = render("pull_request/left_out.md", section=name)
            yield _join(texts)


def _join(texts: Mapping[str, str]) -> str:
    return "\n\n".join(text for text in texts.values() if text) + "\n"
