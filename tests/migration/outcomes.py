"""What becomes of a change on a database with rows, in the words of docs/changes.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa

from bot.migration.contents import Contents, Name, find_losses, read_contents
from bot.migration.errors import CannotWrite
from bot.migration.losses import find_losses_on_the_way
from bot.migration.renames import Rename, apply_renames, find_applicable
from bot.schema.change import Change
from bot.schema.diff import diff, material
from bot.schema.model import Schema
from bot.schema.snapshot import snapshot
from tests.migration.autogenerate import Autogenerate, reflect
from tests.migration.refusals import empty_tables, is_of_rows
from tests.migration.revisions import ONLINE, Pair, Project

Rows = Mapping[Name, Contents]
_SHOWN = 3


@dataclass(frozen=True)
class Outcome:
    """A row of the table."""

    written: str
    applied: str
    rolled_back: str
    rows: str
    autogenerate: str


class Runner(Protocol):
    """What leads up and down again."""

    def upgrade(self) -> object: ...

    def downgrade(self) -> object: ...


@dataclass(frozen=True)
class Ran:
    """`left` and `residue` are the differences from the target and the start; an error ends the way there or back."""

    left: tuple[Change, ...] = ()
    residue: tuple[Change, ...] = ()
    lost: tuple[str, ...] = ()
    refused: bool = False
    up_error: str = ""
    down_error: str = ""
    down_refused: str = ""


def prove_change(
    make: Callable[[], sa.Engine], target: sa.Engine, folder: Path, renames: Sequence[Rename] = ()
) -> Outcome:
    """`make` gives a database that stands before the change, with rows; `target` is one that stands after it."""
    ours, theirs = make(), make()
    pair = Pair(look(ours), look(target))
    project = Project(folder / "ours", ours, ONLINE)
    try:
        written = project.write(pair, renames)
    except CannotWrite as error:
        return Outcome(f"no: {error}", "", "", "", _describe_autogenerate(theirs, target, folder, pair))
    ran = run(project, ours, pair)
    count = len(written.files)
    return Outcome(
        "yes" if count == 1 else f"{count} revisions",
        ran.up_error or _say_missing(ran.left) or "yes",
        "" if ran.up_error else ran.down_error or _say_missing(ran.residue) or _say_way_back(ran),
        _say_rows(ran, pair, renames),
        _describe_autogenerate(theirs, target, folder, pair),
    )


def look(engine: sa.Engine) -> Schema:
    """The schema of a database."""
    with engine.connect() as connection:
        return snapshot(connection)


def run(runner: Runner, engine: sa.Engine, pair: Pair) -> Ran:
    """Up and down. Where rows do not allow the change, that is found out and it is made without them."""
    rows = _read(engine, pair.before)
    refused = False
    error = _try(runner.upgrade)
    if error and is_of_rows(error):
        refused = True
        empty_tables(engine)
        error = _try(runner.upgrade)
    if error:
        return Ran(up_error=_say_error(error), refused=refused)
    left = material(diff(look(engine), pair.after))
    error, down_refused = _try(runner.downgrade), ""
    if error and is_of_rows(error):
        down_refused = _say_error(error).removeprefix("fails: ")
        empty_tables(engine)
        error = _try(runner.downgrade)
    if error:
        return Ran(left, down_error=_say_error(error), refused=refused)
    found = look(engine)
    known = {(table.schema, table.name) for table in found.tables}
    kept = [table for table in pair.before.tables if (table.schema, table.name) in known]
    is_empty = refused or bool(down_refused)
    lost = () if is_empty else _find_lost(rows, _read(engine, found), {(t.schema, t.name) for t in kept})
    return Ran(left, material(diff(found, pair.before)), lost, refused, down_refused=down_refused)


def _read(engine: sa.Engine, schema: Schema) -> Rows:
    with engine.begin() as connection:
        return read_contents(connection, schema.tables)


def _find_lost(before: Rows, after: Rows, kept: set[Name]) -> tuple[str, ...]:
    """Tables and columns whose values are not what they were; of a table that is gone all of them."""
    losses = find_losses(before, {name: contents for name, contents in after.items() if name in kept})
    return tuple(dict.fromkeys(loss.table if loss.column is None else f"{loss.table}.{loss.column}" for loss in losses))


def _try(run_once: Callable[[], object]) -> Exception | None:
    try:
        run_once()
    except Exception as error:
        return error
    return None


def _say_error(error: Exception) -> str:
    text = str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__]
    return f"fails: {text[0][:110]}"


def _say_way_back(ran: Ran) -> str:
    return f"yes, without rows; with them: {ran.down_refused}" if ran.down_refused else "yes"


def _say_missing(changes: Iterable[Change]) -> str:
    words = list(dict.fromkeys(_name(change) for change in changes))
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return f"not quite: {', '.join(words[:_SHOWN])}{more}" if words else ""


def _name(change: Change) -> str:
    kind = change.kind.replace("_", " ")
    place = f"{change.table}." if change.table and change.kind == "column" else ""
    return f"{kind} {place}{change.name}"


def _say_rows(ran: Ran, pair: Pair, renames: Sequence[Rename]) -> str:
    if ran.refused:
        return "refused by these rows; the rest on empty tables"
    if ran.down_refused:
        return "what went on the way up is missing on the way back"
    if not ran.lost:
        return "all"
    said = find_losses_on_the_way(apply_renames(pair.before, find_applicable(pair.before, renames)), pair.after)
    return f"all but {_join(ran.lost)}, {'as the revision says' if said else 'UNSAID'}"


def _join(words: Sequence[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more


def _describe_autogenerate(engine: sa.Engine, target: sa.Engine, folder: Path, pair: Pair) -> str:
    project = Autogenerate(folder / "theirs", engine, reflect(target))
    error = _try(project.write)
    if error:
        return f"cannot be written: {_say_error(error).removeprefix('fails: ')}"
    ran = run(project, engine, pair)
    if ran.up_error:
        return f"upgrade {ran.up_error}"
    if ran.left and set(ran.left) == set(material(diff(pair.before, pair.after))):
        return "nothing"
    parts = [_say_missing(ran.left).replace("not quite: ", "part; missing or other: ") or "complete"]
    parts += [f"downgrade {ran.down_error}"] if ran.down_error else []
    residue = _say_missing(ran.residue) if not ran.left else ""
    parts += [f"downgrade does not lead back: {residue.removeprefix('not quite: ')}"] if residue else []
    parts += [f"loses {_join(ran.lost)}"] if ran.lost and not ran.down_error else []
    parts += ["refused by these rows"] if ran.refused else []
    parts += ["downgrade refused by these rows"] if ran.down_refused else []
    return "; ".join(parts)
