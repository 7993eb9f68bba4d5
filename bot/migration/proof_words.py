"""What the steps of a proof say they found, in a few lines each."""

from __future__ import annotations

from collections.abc import Collection

from bot.migration.alembic_runner import Ran, RanStatement
from bot.migration.contents import Loss
from bot.migration.errors import MigrationError
from bot.migration.kills import Kills
from bot.migration.rows import Filling
from bot.schema.change import Change
from bot.schema.diff import material
from bot.schema.model import Schema
from bot.schema.part_words import render_name
from bot.schema.summary import describe

MAX_DETAIL_LINES = 12


class OtherRevisions(MigrationError):
    """Up and down did not run the same revisions."""


def render_sql(statements: Collection[RanStatement]) -> str:
    """The statements as a script, each revision under a comment with its id."""
    lines: list[str] = []
    revision: str | None = None
    for statement in statements:
        if statement.revision != revision:
            revision = statement.revision
            lines.append(f"-- revision {revision}")
        lines.append(statement.sql.rstrip().rstrip(";") + ";")
    return "\n".join(lines)


def is_stated(loss: Loss, before: Schema, changes: Collection[Change]) -> bool:
    """Whether the schema change itself says that these values go: their table, column or type is dropped or altered."""
    for change in changes:
        if change.action == "add" or change.kind in ("column_order", "index"):
            continue
        if change.kind == "table" and change.action == "drop" and render_name(change.schema, change.name) == loss.table:
            return True
        table = render_name(change.schema, change.table or "")
        if change.kind == "column" and (table, change.name) == (loss.table, loss.column):
            return True
        if change.kind in ("enum", "domain") and change.name in _type_of(loss, before):
            return True
    return False


def _type_of(loss: Loss, schema: Schema) -> str:
    for table in schema.tables:
        if render_name(table.schema, table.name) == loss.table:
            return next((column.type for column in table.columns if column.name == loss.column), "")
    return ""


def describe_changes(changes: Collection[Change]) -> str:
    """The first few differences, one a line."""
    lines = [describe(change) for change in list(changes)[:MAX_DETAIL_LINES]]
    more = len(changes) - len(lines)
    return "\n".join([*lines, f"and {more} more"] if more > 0 else lines)


def describe_difference(changes: Collection[Change]) -> str:
    """What differs; the order of columns too, which is told and never counts."""
    counted = material(changes)
    order = tuple(change for change in changes if change not in counted)
    lines = [describe_changes(counted)]
    if order:
        lines += ["only the order of columns differs, which does not count:", describe_changes(order)]
    return "\n".join(filter(None, lines))


def describe_losses(losses: Collection[Loss]) -> str:
    """What was lost, one table and column a line."""
    lines = []
    for loss in losses:
        what = f"column {loss.column} of {loss.table}: the values of" if loss.column else f"table {loss.table}:"
        lines.append(
            f"{what} {loss.rows} row(s) are lost{'' if loss.is_stated else ', which the change does not ask for'}"
        )
    return "\n".join(lines)


def describe_filling(filling: Filling, total: int) -> str:
    """How many rows there are, and which tables have none."""
    lines = [f"{total} rows in {sum(count > 0 for count in filling.rows.values())} tables"]
    lines += [f"{render_name(*name)} is empty: {reason}" for name, reason in filling.unfilled]
    lines += ["rows of your own: name an SQL file as `migrations.rows`"] if filling.unfilled else []
    return "\n".join(lines)


def describe_kills(kills: Kills) -> str:
    """After which statements the session was ended, and what came of it."""
    if not kills.places:
        return "no statement was sent, so there is nothing to end"
    lines = [f"ended after each of {kills.statements} statement(s), the last one of a transaction for all of it"]
    for outcome in ("nothing happened", "finished again", "not reached"):
        found = [kill for kill in kills.places if kill.outcome == outcome]
        if found:
            lines.append(f"{outcome}: {', '.join(f'{kill.direction} {kill.statement}' for kill in found)}")
    lines += [
        f"stuck: {kill.direction}, ended after statement {kill.statement}, run again: {kill.detail}"
        for kill in kills.places
        if kill.outcome == "stuck"
    ]
    if kills.left_out:
        lines.append(f"{kills.left_out} more places were not tried, as each takes its time")
    return "\n".join(lines)


def check_same(what: str, ran: Ran, revisions: Collection[str]) -> None:
    """A branch beside the base is taken up with "heads", but a downgrade to the base does not take it back."""
    left = [revision for revision in revisions if revision not in ran.revisions]
    if left:
        raise OtherRevisions(f"{what} leaves out {', '.join(left)}: the history has several heads or branches")


def describe_ran(ran: Ran) -> str:
    """The revisions, and how many statements they sent; which of them sent none, as a merge does."""
    sending = {statement.revision for statement in ran.statements}
    silent = [revision for revision in ran.revisions if revision not in sending]
    told = f"\n{', '.join(silent)}: nothing to do, as in a merge or an empty revision" if silent else ""
    return f"{', '.join(ran.revisions) or 'no revision'}: {len(ran.statements)} statement(s){told}"
