"""Two schemas compared: the differences as items, each with what would bring the sides together."""

from __future__ import annotations

from bot.drift.definitions import render_definition, render_title
from bot.drift.groups import group_changes
from bot.drift.item import Comparison, Item
from bot.drift.order import order_groups
from bot.drift.severity import grade
from bot.drift.ways import find_ways, reverse
from bot.schema.diagram import render_diagram
from bot.schema.diff import diff, material
from bot.schema.model import Schema


def compare_schemas(expected: Schema, actual: Schema, *, expected_name: str, actual_name: str) -> Comparison:
    """Every difference, in the order in which the statements that lead to the expected side can be run.

    The order of columns is none: it follows from when a column was added. The names are those that the report shows.
    """
    groups = order_groups(group_changes(material(diff(actual, expected)), (actual, expected)))
    items = []
    for group, ways in zip(groups, find_ways(actual, groups), strict=True):
        change = reverse(group.main)
        items.append(
            Item(
                change=change,
                severity=grade(change),
                title=render_title(change, expected_name, actual_name),
                expected=render_definition(change.before),
                actual=render_definition(change.after),
                to_expected=ways.onwards,
                to_actual=ways.back,
                along=tuple(reverse(item) for item in group.along),
            )
        )
    diagram = render_diagram(expected, actual, [change for item in items for change in (item.change, *item.along)])
    return Comparison(expected_name, actual_name, tuple(items), diagram)
