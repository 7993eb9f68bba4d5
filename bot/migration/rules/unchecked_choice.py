"""A column that holds one of a few words takes any text."""

from __future__ import annotations

from collections.abc import Iterable

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.new_parts import NewColumn, list_new_columns
from bot.migration.places import find_place
from bot.migration.python_layout import quote_string
from bot.migration.sql_text import find_words, quote_name

CODE = "unchecked-choice"
SEVERITY: Severity = "info"
_CHOICES = frozenset({"status", "state", "kind", "role", "stage", "phase", "visibility", "gender"})


def check(context: LintContext) -> Iterable[Finding]:
    """A finding for each new text column named `status`, `kind`, … that neither a check nor a foreign key limits."""
    for new in list_new_columns(context):
        if new.column.name.lower().split("_")[-1] not in _CHOICES or not _is_text(new) or _is_limited(new):
            continue
        place = find_place(context, new.table.name, new.column.name)
        yield Finding(
            code=CODE,
            severity=SEVERITY,
            path=place.path,
            line=place.line,
            title=f"{new.name} takes any text",
            consequence=(
                "A misspelt value is stored without a word. Code that knows the right ones then skips the row, and it "
                "is found months later, when there are several spellings."
            ),
            remedy="List the values in a check constraint (it is changed more easily than an enumerated type).",
            example=_render_example(new),
        )


def _is_text(new: NewColumn) -> bool:
    return new.column.type == "text" or new.column.type.startswith("character varying")


def _is_limited(new: NewColumn) -> bool:
    checks = any(new.column.name in find_words(check.expression) for check in new.table.checks)
    return checks or any(new.column.name in key.columns for key in new.table.foreign_keys)


def _render_example(new: NewColumn) -> str:
    name = quote_string(f"ck_{new.table.name}_{new.column.name}")
    check = quote_string(f"{quote_name(new.column.name)} IN ('new', 'done')")
    return f"op.create_check_constraint({name}, {quote_string(new.table.name)}, {check})\n"
