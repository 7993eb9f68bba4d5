"""The data model of an issue: all its notations put together, and nothing said twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.spec.data_model import find_notation, list_notations
from bot.spec.entities.inline_enums import read_inline_enums
from bot.spec.entities.tables import read_entities
from bot.spec.errors import Problems
from bot.spec.markdown.document import Fence
from bot.spec.markdown.sections import Part
from bot.spec.model import ColumnSpec, DataModel, EnumSpec, TableSpec
from bot.spec.openapi_text.document import LANGUAGES as OPENAPI

_ELSEWHERE = frozenset({"api", "security", "performance", "acceptance criteria", "user stories", "open questions"})


def read_data_model(parts: Sequence[Part], problems: Problems) -> DataModel:
    """From the sections on the data model; when there is none, from whatever part holds one of its notations."""
    stated = [part for part in parts if part.key == "data model"]
    if stated:
        models = [_read_part(part, problems, is_stated=True) for part in stated]
    else:
        models = [_read_part(part, problems, is_stated=False) for part in parts if part.key not in _ELSEWHERE]
    model = DataModel(
        tuple(statement for one in models for statement in one.statements),
        tuple(enum for one in models for enum in one.enums),
        tuple(table for one in models for table in one.tables),
    )
    model = replace(model, tables=tuple(_sort_constraints(table) for table in model.tables))
    model = read_inline_enums(model, problems)
    _check_names(model, problems)
    return model


def _read_part(part: Part, problems: Problems, *, is_stated: bool) -> DataModel:
    fences = [block for block in part.blocks if isinstance(block, Fence)]
    tables = read_entities(part.blocks, None if part.is_known else part.heading, problems)
    models = list(_read_fences(fences, problems, is_stated=is_stated, is_alone=not tables))
    return DataModel(
        tuple(statement for model in models for statement in model.statements),
        tuple(enum for model in models for enum in model.enums),
        (*(table for model in models for table in model.tables), *tables),
    )


def _read_fences(
    fences: Sequence[Fence], problems: Problems, *, is_stated: bool, is_alone: bool
) -> Iterator[DataModel]:
    """A diagram beside another notation is a picture of it; `is_alone` when there are no Markdown tables."""
    others = [fence for fence in fences if fence.language != "mermaid" and fence.language not in OPENAPI]
    diagrams = [fence for fence in fences if fence.language == "mermaid"]
    for fence in others or (diagrams if is_alone else []):
        notation = find_notation(fence.language, fence.text)
        if notation is not None and (is_stated or notation.looks_like(fence.text)):
            yield notation.read(fence.text, fence.line + 1, problems)
        elif is_stated:
            what = f"`{fence.language}` is no notation" if fence.language else "this is in no notation"
            problems.report(
                fence.line, f"{what} of a data model", f"a fence of {', '.join(sorted(list_notations()))}, or a table"
            )


def _sort_constraints(table: TableSpec) -> TableSpec:
    """Constraints, then indexes, as the canonical form has them."""
    return replace(table, constraints=tuple(sorted(table.constraints, key=lambda item: item.kind == "index")))


def _check_names(model: DataModel, problems: Problems) -> None:
    _check_unique("table", model.tables, problems)
    _check_unique("enum", model.enums, problems)
    for table in model.tables:
        _check_unique(f"column of {table.name}", table.columns, problems)
        dropped = {column.name for column in table.columns if column.drop}
        for column in table.columns:
            if column.was in dropped:
                problems.report(column.line, f"{column.was} is renamed to {column.name} and dropped", "one of the two")


def _check_unique(
    what: str, items: Iterable[TableSpec] | Iterable[EnumSpec] | Iterable[ColumnSpec], problems: Problems
) -> None:
    seen: dict[str, int] = {}
    for item in items:
        if item.name in seen:
            message = f"the {what} {item.name} is described twice (first in line {seen[item.name]})"
            problems.report(item.line, message, "one description of it")
        seen.setdefault(item.name, item.line)
