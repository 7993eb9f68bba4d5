"""`Ref: orders.customer_id > customers.id` and the same in a column's settings: which side holds the foreign key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.spec.dbml_text.stream import Setting, Stream, SyntaxProblem
from bot.spec.dbml_text.tokens import Token

_SIDES = ("<", ">", "-", "<>")


@dataclass(frozen=True, slots=True)
class End:
    """One side: a table and columns of it."""

    table: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """`child` holds the key to `parent`; `is_unique` when it is one to one."""

    child: End
    parent: End
    line: int
    is_unique: bool = False
    name: str | None = None
    on_delete: str | None = None
    on_update: str | None = None


def take_reference(stream: Stream) -> list[Reference]:
    """Behind the word `Ref`: one, or several in braces. Raises `SyntaxProblem`."""
    name = stream.take().text if stream.peek().kind in ("word", "name") else None
    if stream.accept(":"):
        return [_take_one(stream, name)]
    stream.expect("{")
    found: list[Reference] = []
    while not stream.accept("}"):
        found.append(_take_one(stream, name))
    return found


def read_inline(setting: Setting, table: str, column: str, aliases: dict[str, str]) -> Reference:
    """`ref: > customers.id` of a column. Raises `SyntaxProblem`."""
    end = Token("end", "the end", setting.line)
    stream = Stream([*setting.values, end])
    side = _take_side(stream)
    other = _take_end(stream)
    other = End(aliases.get(other.table, other.table), other.columns)
    own = End(table, (column,))
    if side == "<":
        return Reference(other, own, setting.line)
    return Reference(own, other, setting.line, is_unique=side == "-")


def _take_one(stream: Stream, name: str | None) -> Reference:
    line = stream.peek().line
    first = _take_end(stream)
    side = _take_side(stream)
    second = _take_end(stream)
    actions = {setting.name: " ".join(token.text for token in setting.values) for setting in stream.take_settings()}
    child, parent = (first, second) if side == ">" else (second, first)
    on_delete, on_update = actions.get("delete"), actions.get("update")
    return Reference(child, parent, line, side == "-", name, on_delete, on_update)


def _take_side(stream: Stream) -> str:
    token = stream.take()
    if token.text not in _SIDES or token.kind != "mark":
        raise SyntaxProblem(token.line, f"`{token.text[:40]}` stands where a relation is expected", "`<`, `>` or `-`")
    if token.text == "<>":
        expected = "a table between the two that refers to both"
        raise SyntaxProblem(token.line, "many to many does not say which table holds the pairs", expected)
    return token.text


def _take_end(stream: Stream) -> End:
    """`customers.id`, `public.customers.id` or `customers.(a, b)`."""
    parts = [stream.take_name("a table and its column").written]
    while stream.accept("."):
        if stream.accept("("):
            columns = [stream.take_name("a column").written]
            while stream.accept(","):
                columns.append(stream.take_name("a column").written)
            stream.expect(")")
            return End(".".join(parts), tuple(columns))
        parts.append(stream.take_name("a column").written)
    if len(parts) < 2:
        raise SyntaxProblem(stream.peek().line, f"`{parts[0]}` names no column", f"`{parts[0]}.id`")
    return End(".".join(parts[:-1]), (parts[-1],))


def resolve(references: Sequence[Reference], aliases: dict[str, str]) -> list[Reference]:
    """With the names of tables in place of their aliases."""

    def rename(end: End) -> End:
        return End(aliases.get(end.table, end.table), end.columns)

    return [replace(item, child=rename(item.child), parent=rename(item.parent)) for item in references]
