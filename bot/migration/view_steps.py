"""Steps that put views up, those that others stand on first."""

from __future__ import annotations

from collections.abc import Iterator

from bot.migration.difference import Difference
from bot.migration.object_steps import comment_view, create_view
from bot.migration.part_steps import add_part, drop_part
from bot.migration.steps import Step
from bot.schema.model import View


def put_up_views(difference: Difference) -> Iterator[Step]:
    """New and rebuilt views with the indexes of materialised ones, and what changes in place of the others."""
    old = {(view.schema, view.name): view for view in difference.old.views}
    made = {(view.schema, view.name) for view in difference.rebuilds.views_up}
    for view in difference.rebuilds.views_up:
        yield from create_view(view)
        for index in view.indexes:
            yield from add_part(view.schema, view.name, index)
    for view in difference.new.views:
        if (view.schema, view.name) not in made:
            yield from _tweak(old[view.schema, view.name], view)


def _tweak(old: View, new: View) -> Iterator[Step]:
    if old.comment != new.comment:
        yield comment_view(new)
    before, after = ({index.name: index for index in view.indexes} for view in (old, new))
    for name, index in before.items():
        if after.get(name) != index:
            yield drop_part(new.schema, new.name, index)
    for name, index in after.items():
        if before.get(name) != index:
            yield from add_part(new.schema, new.name, index)
