"""A part of a schema in full, as it is shown beside what it should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.schema.change import Change
from bot.schema.difference_words import list_differences
from bot.schema.model import Function, Table, Trigger, View
from bot.schema.part_words import render_comment, render_part
from bot.schema.summary import list_table_parts, render_subject


def render_title(change: Change, expected: str, actual: str) -> str:
    """One line: what it is, and where it is not, or how it differs from the expected side to the actual one."""
    wanted, found = (getattr(part, "name", change.name) for part in (change.before, change.after))
    if change.action == "alter" and wanted != found:
        return f"{render_subject(replace(change, name=found), change.table)}: named {wanted} in {expected}"
    subject = render_subject(change, change.table)
    if change.action == "drop":
        return f"{subject}: missing in {actual}"
    if change.action == "add":
        return f"{subject}: only in {actual}, not in {expected}"
    return f"{subject}: {'; '.join(list_differences(change.before, change.after))}"


def render_definition(part: Any) -> str | None:
    """The part in the words of SQL, over several lines where it has many parts; None for none."""
    if part is None or isinstance(part, str):
        return part
    if isinstance(part, tuple):
        return ", ".join(map(str, part))
    if isinstance(part, Table):
        return "\n".join((*list_table_parts(part), *part.options, *filter(None, [part.partition])))
    if isinstance(part, (View, Function, Trigger)):
        options = "".join(f"\n{option}" for option in getattr(part, "options", ()))
        return part.definition.strip() + options + render_comment(part)
    return render_part(part) + render_comment(part)
