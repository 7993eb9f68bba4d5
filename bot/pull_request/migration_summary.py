"""The migration's changes, beside what they mean for a database in use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.migration.proof_result import Proof
from bot.migration.way import TableLock
from bot.pull_request.risks import find_change_risks, read_setting
from bot.schema.change import Change
from bot.schema.part_words import render_name
from bot.schema.summary import describe, summarize
from bot.spec.model import DataModel


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change. `table` is "" for what belongs to none; `rows` of the proof are None where there was no table yet.

    `is_first` tells the first row of a table, which has what was seen of it: `locks`, and whether it `is_rewritten`.
    `is_new` tells what nobody uses yet. `risks` are kinds of `Risk`.
    """

    table: str
    rows: int | None
    is_first: bool
    is_new: bool
    text: str
    risks: tuple[str, ...]
    locks: tuple[TableLock, ...] = ()
    is_rewritten: bool = False


def list_change_rows(proof: Proof, data_model: DataModel) -> tuple[ChangeRow, ...]:
    """A row for each change, those of one table together."""
    setting = read_setting(proof, data_model)
    order = {name: position for position, name in enumerate(dict.fromkeys(["", *map(_find_table, proof.changes)]))}
    rows: list[ChangeRow] = []
    for change in sorted(proof.changes, key=lambda change: order[_find_table(change)]):
        table = _find_table(change)
        risks = tuple(dict.fromkeys(risk.kind for risk in find_change_risks(change, setting)))
        is_first = not rows or rows[-1].table != table
        is_new = change.action == "add" and change.table is None
        locks = proof.upgrade.list_worst_locks(table) if is_first else ()
        is_rewritten = is_first and table in proof.upgrade.rewritten
        count = proof.rows.get(table)
        rows.append(ChangeRow(table, count, is_first, is_new, _render_text(change), risks, locks, is_rewritten))
    return tuple(rows)


def _find_table(change: Change) -> str:
    name = change.name if change.kind == "table" else change.table
    return "" if name is None else render_name(change.schema, name)


def _render_text(change: Change) -> str:
    """The change in the words under its table's name, a whole table in one line."""
    if change.kind == "table" and change.action != "alter":
        return describe(change)
    return "; ".join(line for summary in summarize([change]) for line in summary.lines)


def list_other_locks(proof: Proof) -> tuple[TableLock, ...]:
    """The locks for which users wait on tables that do not change themselves."""
    changed = {_find_table(change) for change in proof.changes}
    return tuple(lock for lock in proof.upgrade.list_waits() if lock.table not in changed)


def list_downgrade_locks(proof: Proof) -> tuple[TableLock, ...]:
    """The locks of the way back for which users wait, on the tables that were there before."""
    return tuple(lock for lock in proof.downgrade.list_waits() if lock.table in proof.rows)


def list_written(changes: Iterable[Change]) -> tuple[str, ...]:
    """The tables and columns that are new, and so are gone with their values after a downgrade."""
    return tuple(_list_written(changes))


def _list_written(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        if change.action == "add" and change.kind == "table":
            yield render_name(change.schema, change.name)
        elif change.action == "add" and change.kind == "column":
            yield f"{render_name(change.schema, change.table or '')}.{change.name}"
