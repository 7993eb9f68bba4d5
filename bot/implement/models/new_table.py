"""A new table as a class, or as a `Table` where it has no key or the repository writes associations so."""

from __future__ import annotations

from pathlib import Path

from bot.implement.models.column_source import ColumnContext, column_call, render_column
from bot.implement.models.constraint_source import render_part, split_parts
from bot.implement.models.layout import Group, Item, docstring, lay_out, tuple_of
from bot.implement.models.names import free_name
from bot.implement.models.workbench import FileEditor, Place, Workbench
from bot.schema.model import Table


def is_association(table: Table) -> bool:
    """Whether the table only pairs rows of two others: its key is two foreign keys, and nothing else is in it."""
    if table.primary_key is None or len(table.foreign_keys) != 2 or len(table.columns) < 2:
        return False
    columns = {column for key in table.foreign_keys for column in key.columns}
    return columns == set(table.primary_key.columns) == {column.name for column in table.columns}


def is_core_table(workbench: Workbench, table: Table) -> bool:
    """Whether it is written as `Table(…)`: a class needs a primary key."""
    return table.primary_key is None or (is_association(table) and workbench.style.uses_core_tables)


def start_file(workbench: Workbench, path: Path, subject: str) -> FileEditor:
    """The editor of the file; a new one begins as the repository's others do."""
    is_new = not (workbench.tree / path).exists() and path not in workbench.editors
    editor = workbench.edit(path)
    if is_new:
        others = [model.file.text for model in workbench.repository.models]
        lines = [docstring(f"{subject}."), ""] if workbench.style.has_module_docstrings else []
        if sum("from __future__ import annotations" in text for text in others) * 2 > len(others):
            lines += ["from __future__ import annotations", ""]
        editor.restart("\n".join(lines).rstrip("\n") + ("\n" if lines else ""))
    return editor


def add_table(workbench: Workbench, editor: FileEditor, table: Table) -> None:
    """Write the table at the end of the file."""
    if is_core_table(workbench, table):
        editor.append(_render_core(workbench, editor, table))
    else:
        editor.append(_render_class(workbench, editor, table))
    workbench.done.append(f"model of the new table `{table.name}` in {editor.path.as_posix()}")


def place_table(workbench: Workbench, table: Table, path: Path) -> None:
    """Decide the name of the class before anything refers to it."""
    if not is_core_table(workbench, table):
        name = workbench.free_class_name(workbench.style.class_name(table.name))
        editor = workbench.edit(path)
        editor.imports.define(name)
        workbench.places[table.schema, table.name] = Place(name, path, editor.module)


def _render_class(workbench: Workbench, editor: FileEditor, table: Table) -> str:
    write, base = editor.write, workbench.repository.base
    place = workbench.places[table.schema, table.name]
    base_name = base.name if base.file.path == editor.path else editor.imports.get(base.file.module, base.name)
    inline = split_parts(workbench, table)
    context = ColumnContext(workbench, editor, table, inline)
    keywords = ", kw_only=True" if base.is_dataclass else ""
    lines = [f"class {place.name}({base_name}{keywords}):"]
    if workbench.style.has_class_docstrings:
        words = table.comment or f"A row of `{table.name}`"
        lines += [f"    {docstring(words.rstrip('.') + '.')}", ""]
    lines.append(f"    __tablename__ = {write.literal(table.name)}")
    parts = [render_part(workbench, write, table, part) for part in inline.rest]
    options = table_options(table)
    if parts or options:
        mapping = write.mapping(options)
        node = tuple_of([*parts, *([mapping] if options else [])]) if parts else mapping
        lines.append(indent(lay_out("__table_args__ = ", node, workbench.style.line_length - 4)))
    lines.append("")
    lines += [indent(render_column(context, column)) for column in table.columns]
    return "\n".join(lines) + "\n"


def table_options(table: Table) -> dict[str, str]:
    """The options of a table that stand in the dictionary of `__table_args__`."""
    options = {} if table.schema == "public" else {"schema": table.schema}
    return options | ({"comment": table.comment} if table.comment is not None else {})


def _render_core(workbench: Workbench, editor: FileEditor, table: Table) -> str:
    write, base = editor.write, workbench.repository.base
    base_name = base.name if base.file.path == editor.path else editor.imports.get(base.file.module, base.name)
    inline = split_parts(workbench, table)
    context = ColumnContext(workbench, editor, table, inline)
    items = [Item(write.literal(table.name)), Item(f"{base_name}.metadata")]
    items += [Item(column_call(context, column, None, is_core=True)) for column in table.columns]
    items += [Item(render_part(workbench, write, table, part)) for part in inline.rest]
    items += [Item(write.literal(value), f"{name}=") for name, value in table_options(table).items()]
    variable = free_name(table.name, set(editor.imports.bound))
    node = Group(f"{write.sa('Table')}(", tuple(items))
    return lay_out(f"{variable} = ", node, workbench.style.line_length) + "\n"


def indent(text: str) -> str:
    """The text as part of a class."""
    return "\n".join("    " + line if line else line for line in text.split("\n"))
