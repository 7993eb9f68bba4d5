"""What a revision does, step by step: Alembic's operations, and those of them that Alembic cannot render."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy.sql.elements import conv

from bot.migration.sql_text import escape_parameters


@dataclass(frozen=True, slots=True)
class Step:
    """One operation. `note` is a comment above it; `autocommit` says that it must not run in a transaction."""

    operation: ops.MigrateOperation
    note: str = ""
    autocommit: bool = False


class SqlOp(ops.ExecuteSQLOp):
    """A statement that no directive exists for. `is_verbatim` when its white space counts (a function's body).

    `is_spaced` says that it does not count, whatever the statement looks like.
    """

    def __init__(self, sql: str, *, is_verbatim: bool = False, is_spaced: bool = False) -> None:
        super().__init__(escape_parameters(sql))
        self.is_verbatim, self.is_spaced = is_verbatim, is_spaced


class BatchTable(ops.MigrateOperation):
    """A table that SQLite copies into another with this definition; `options` are those of the table.

    `added` are columns that have no values to be copied.
    """

    def __init__(
        self, definition: ops.MigrateOperation, options: Mapping[str, Any], added: Sequence[ops.AddColumnOp] = ()
    ) -> None:
        self.definition, self.options, self.added = definition, dict(options), tuple(added)


class RenameTable(ops.RenameTableOp):
    """A rename that can be rendered; Alembic has the directive but no renderer."""


class AddPrimaryKey(ops.CreatePrimaryKeyOp):
    """A primary key of an existing table that can be rendered; Alembic has the directive but no renderer."""


class CommentTable(ops.CreateTableCommentOp):
    """A comment whose table may have any name; Alembic's renderer pastes the name between quotes."""


class UncommentTable(ops.DropTableCommentOp):
    """See `CommentTable`."""


class AlterColumn(ops.AlterColumnOp):
    """Also renders `existing_server_default` beside a new one: without it an identity cannot be dropped."""


class AlterType(ops.AlterColumnOp):
    """Also renders `postgresql_using`, which Alembic takes but does not write."""


def sql(
    text: str, note: str = "", *, autocommit: bool = False, is_verbatim: bool = False, is_spaced: bool = False
) -> Step:
    """A step that executes one statement as it is."""
    return Step(SqlOp(text, is_verbatim=is_verbatim, is_spaced=is_spaced), note, autocommit)


def final_name(name: str) -> conv:
    """A name that no naming convention may touch again; rendered as `op.f(…)`."""
    return conv(name)


@render.renderers.dispatch_for(SqlOp)
def _render_sql(context: AutogenContext, operation: SqlOp) -> str:
    return f"op.execute({operation.sqltext!r})"


@render.renderers.dispatch_for(BatchTable)
def _render_batch(context: AutogenContext, operation: BatchTable) -> str:
    text = render.render_op(context, operation.definition)[0]
    match = re.match(r"op\.create_table\(\s*('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"),", text)
    assert match is not None  # noqa: S101 (the definition is that of a table)
    table = f"sa.Table({match[1]}, sa.MetaData(),{text[match.end() :]}"
    options = f", table_kwargs={operation.options!r}" if operation.options else ""
    return f"op.batch_alter_table({match[1]}, copy_from={table}, recreate='always'{options})"


@render.renderers.dispatch_for(RenameTable)
def _render_rename(context: AutogenContext, operation: RenameTable) -> str:
    arguments = [operation.table_name, operation.new_table_name]
    return _call("op.rename_table", arguments, schema=operation.schema)


@render.renderers.dispatch_for(AddPrimaryKey)
def _render_primary_key(context: AutogenContext, operation: AddPrimaryKey) -> str:
    name = render._render_gen_name(context, operation.constraint_name)
    arguments = [name, operation.table_name, list(operation.columns)]
    return _call("op.create_primary_key", arguments, schema=operation.schema, **operation.kw)


@render.renderers.dispatch_for(CommentTable)
def _render_comment(context: AutogenContext, operation: CommentTable) -> str:
    arguments = [operation.table_name, operation.comment]
    existing = operation.existing_comment
    return _call("op.create_table_comment", arguments, existing_comment=existing, schema=operation.schema)


@render.renderers.dispatch_for(UncommentTable)
def _render_uncomment(context: AutogenContext, operation: UncommentTable) -> str:
    existing = operation.existing_comment
    return _call("op.drop_table_comment", [operation.table_name], existing_comment=existing, schema=operation.schema)


@render.renderers.dispatch_for(AlterColumn)
def _render_alter(context: AutogenContext, operation: AlterColumn) -> str:
    existing = render._render_server_default(operation.existing_server_default or None, context)
    return _add_argument(render._alter_column(context, operation), f"existing_server_default={existing}")


@render.renderers.dispatch_for(AlterType)
def _render_type(context: AutogenContext, operation: AlterType) -> str:
    using = operation.kw.get("postgresql_using")
    text = render._alter_column(context, operation)
    return _add_argument(text, f"postgresql_using={using!r}") if using else text


def _add_argument(call: str, argument: str) -> str:
    return f"{call.removesuffix(')')}, {argument})"


def _call(function: str, arguments: list[Any], **options: Any) -> str:
    rendered = [repr(item) for item in arguments]
    rendered += [f"{key}={value!r}" for key, value in options.items() if value is not None]
    return f"{function}({', '.join(rendered)})"
