"""Steps as the body of `upgrade()` or `downgrade()`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from alembic.autogenerate import render
from alembic.operations import ops

from bot.migration.python_layout import INDENT, Quote, lay_out, lay_out_text
from bot.migration.steps import BatchTable, SqlOp, Step
from bot.migration.types import SQL_TYPE_DEFINITION, make_render_context

_AUTOCOMMIT = "with op.get_context().autocommit_block():"
_HOLDS_WHITE_SPACE_THAT_COUNTS = re.compile(r"'[^']*\n[^']*'|\$\w*\$")


@dataclass(frozen=True, slots=True)
class Body:
    """`lines` stand in a function (indented by four); `imports` and `definitions` are what they need above it."""

    lines: tuple[str, ...]
    imports: tuple[str, ...] = ()
    definitions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The lines for a place that is indented already, as templates have it; empty when there is nothing to do."""
        return "\n".join(self.lines).removeprefix(" " * INDENT)


def render_steps(steps: Sequence[Step], *, width: int = 88, quote: Quote = '"') -> Body:
    """The steps as source, rendered by Alembic and laid out as black would."""
    context = make_render_context()
    lines: list[str] = []
    for is_autocommit, group in groupby(steps, key=lambda step: step.autocommit):
        if is_autocommit:
            lines.append(" " * INDENT + _AUTOCOMMIT)
        for step in group:
            lines += _render_step(step, context, INDENT * (2 if is_autocommit else 1), width, quote)
    definitions = (SQL_TYPE_DEFINITION,) if any("SqlType(" in line for line in lines) else ()
    return Body(tuple(lines), tuple(sorted(context.imports)), definitions)


def _render_step(step: Step, context: object, indent: int, width: int, quote: Quote) -> list[str]:
    lines = [f"{' ' * indent}# {line}" for line in step.note.splitlines()]
    operation = step.operation
    if isinstance(operation, SqlOp):
        sql = str(operation.sqltext)
        if "\n" in sql or len(sql) + indent + INDENT + 2 > width:
            counts = not operation.is_spaced and bool(_HOLDS_WHITE_SPACE_THAT_COUNTS.search(sql))
            is_verbatim = operation.is_verbatim or counts
            return lines + lay_out_text("op.execute", sql, indent=indent, is_verbatim=is_verbatim)
    if isinstance(operation, BatchTable):
        return [*lines, *_render_batch(operation, context, indent, width, quote)]
    for rendered in render.render_op(context, operation):  # type: ignore[arg-type]  # an AutogenContext
        lines += lay_out(rendered, indent=indent, width=width, quote=quote)
    return lines


def _render_batch(operation: BatchTable, context: object, indent: int, width: int, quote: Quote) -> list[str]:
    """A `with` block, whose body is the columns that come without values."""
    call = lay_out(_render_one(operation, context), indent=indent, width=width - len("with :"), quote=quote)
    name = " as batch_op" if operation.added else ""
    call[0] = f"{' ' * indent}with {call[0].lstrip()}"
    call[-1] += f"{name}:"
    inner = indent + INDENT
    body = []
    for added in operation.added:
        text = _render_one(added, context)
        shown = re.sub(r"^op\.add_column\(\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"),", "batch_op.add_column(", text)
        body += lay_out(shown, indent=inner, width=width, quote=quote)
    return [*call, *(body or [f"{' ' * inner}pass"])]


def _render_one(operation: ops.MigrateOperation, context: object) -> str:
    return render.render_op(context, operation)[0]  # type: ignore[arg-type]  # an AutogenContext
