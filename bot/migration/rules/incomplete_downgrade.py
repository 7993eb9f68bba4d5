"""The downgrade does not undo what the upgrade did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.migration.finding import Finding, Place, Severity
from bot.migration.inverse import render_inverse
from bot.migration.lint_context import LintContext
from bot.migration.places import find_place
from bot.migration.revision_calls import OpCall, find_calls, is_nothing, list_constants, read_text
from bot.migration.revision_source import RevisionSource
from bot.schema.change import Change
from bot.schema.model import Sequence

CODE = "incomplete-downgrade"
SEVERITY: Severity = "error"
MAX_LEFT = 12
_COUNTERPARTS = {"create_table": "drop_table", "add_column": "drop_column"}


def check(context: LintContext) -> Iterable[Finding]:
    """What the proof found left over; without a proof, tables and columns that nothing drops again."""
    for source in context.revisions:
        yield from _check_nameless(source)
        if context.leftover is None:
            yield from _check_counterparts(source)
    if all(source.does_something("downgrade") for source in context.revisions):
        yield from _check_leftover(context, context.leftover or ())  # else missing-downgrade says it


def _check_leftover(context: LintContext, leftover: Iterable[Change]) -> Iterator[Finding]:
    """One finding an operation: an index that goes with its table is no finding of its own."""
    seen: set[Place] = set()
    for change in leftover:
        if isinstance(change.after, Sequence) and change.after.owned_by:
            continue
        place = find_place(context, *(name for name in (change.table, change.name) if name))
        if place not in seen and len(seen) < MAX_LEFT:
            seen.add(place)
            yield _make_finding(place, f"The downgrade {_describe(change)}", "")


def _check_nameless(source: RevisionSource) -> Iterator[Finding]:
    for call in find_calls(source, "downgrade"):
        if call.name == "drop_constraint" and is_nothing(call.find_argument(0, "constraint_name")):
            yield Finding(
                code=CODE,
                severity=SEVERITY,
                path=source.path,
                line=call.line,
                title="The downgrade drops a constraint that has no name",
                consequence=(
                    "Alembic cannot render DROP CONSTRAINT without a name: the downgrade raises an error, and with it "
                    "everything that it undid before is rolled back."
                ),
                remedy="Give the constraint a name in the upgrade, and drop it by that name.",
                example=(
                    'op.create_unique_constraint("uq_books_isbn", "books", ["isbn"])  # in upgrade()\n'
                    'op.drop_constraint("uq_books_isbn", "books", type_="unique")  # in downgrade()\n'
                ),
            )


def _check_counterparts(source: RevisionSource) -> Iterator[Finding]:
    constants = list_constants(source)
    back = find_calls(source, "downgrade")
    if not back or any(_is_unclear(call, constants) for call in back):
        return
    for call in find_calls(source, "upgrade"):
        wanted = _COUNTERPARTS.get(call.name)
        inverse = render_inverse(source, call) if wanted else None
        if inverse and not any(_undoes(source, other, call) for other in back):
            what = "table" if call.name == "create_table" else "column"
            title = f"The downgrade never drops the {what} that line {call.line} adds"
            yield _make_finding(Place(source.path, call.line), title, f"{inverse}\n")


def _is_unclear(call: OpCall, constants: dict[str, str]) -> bool:
    """SQL, or an operation whose table the source does not name: it may undo anything."""
    return call.name == "execute" or call.find_table(constants) is None


def _undoes(source: RevisionSource, other: OpCall, call: OpCall) -> bool:
    constants = list_constants(source)
    if other.find_table(constants) != call.find_table(constants):
        return False
    if other.name == "drop_table":
        return True
    name = read_text(other.find_argument(1, "column_name"), constants)
    return other.name == "drop_column" and (name is None or (name in call.list_texts()))


def _make_finding(place: Place, title: str, example: str) -> Finding:
    return Finding(
        code=CODE,
        severity=SEVERITY,
        path=place.path,
        line=place.line,
        title=title,
        consequence=(
            "After a rollback the database is not the one that the old code was written for, and the next upgrade "
            "fails on what is there already."
        ),
        remedy="Undo every operation of the upgrade, in reverse order.",
        example=example or "# in downgrade(), for each operation of upgrade() the one that takes it back\n",
    )


def _describe(change: Change) -> str:
    kind = change.kind.replace("_", " ")
    what = f"{kind} {change.table}.{change.name}" if change.table else f"{kind} {change.name}"
    if change.action == "add":
        return f"leaves the {what} behind"
    return f"does not bring the {what} back" + (" as it was" if change.action == "alter" else "")
