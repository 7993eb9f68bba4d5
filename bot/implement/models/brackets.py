"""What stands between brackets — the arguments of a call, the elements of a tuple — with single items changed.

An item of a list that stands on one line makes the whole be laid out again; in one that stands on several lines only
the item itself is touched, so that comments and line breaks of others stay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from bot.implement.models.class_body import code_of
from bot.implement.models.layout import Group, Item, Node, flat, lay_out

_INDENT = "    "


def find_argument(call: cst.Call, name: str) -> cst.Arg | None:
    """The keyword argument of that name."""
    return next((argument for argument in call.args if argument.keyword and argument.keyword.value == name), None)


def set_argument(call: cst.Call, name: str, value: Node | None, width: int) -> cst.Call:
    """The call with the keyword argument; without it when `value` is None."""
    known = find_argument(call, name)
    if known is None:
        return call if value is None else insert_argument(call, len(call.args), value, width, name=name)
    if value is None:
        return remove_argument(call, known)
    expression = parse_expression(value, width, f"{name}=")
    return call.with_changes(
        args=[item.with_changes(value=expression) if item is known else item for item in call.args]
    )


def insert_argument(call: cst.Call, position: int, value: Node, width: int, *, name: str | None = None) -> cst.Call:
    """The call with one more argument; positional ones are put before those with names."""
    prefix = f"{name}=" if name else ""
    if _is_exploded(call.args):
        comma = _comma_of(call.args)
        new = cst.Arg(
            value=parse_expression(value, width, prefix),
            keyword=cst.Name(name) if name else None,
            equal=_tight_equal() if name else cst.MaybeSentinel.DEFAULT,
            comma=comma,
        )
        return call.with_changes(args=_spliced(call.args, position, new, comma))
    return call.with_changes(
        args=_parse_arguments([*_texts(call.args[:position]), (prefix, value), *_texts(call.args[position:])])
    )


def remove_argument(call: cst.Call, argument: cst.Arg) -> cst.Call:
    """The call without the argument."""
    args = [item for item in call.args if item is not argument]
    return call.with_changes(args=_ended(args, call.args))


def replace_argument(call: cst.Call, argument: cst.Arg, value: Node, width: int) -> cst.Call:
    """The call with another value for the argument."""
    new = argument.with_changes(value=parse_expression(value, width))
    return call.with_changes(args=[new if item is argument else item for item in call.args])


def insert_element(node: cst.Tuple, position: int, value: Node, width: int) -> cst.Tuple:
    """The tuple with one more element."""
    if _is_exploded(node.elements):
        comma = _comma_of(node.elements)
        new = cst.Element(value=parse_expression(value, width), comma=comma)
        return node.with_changes(elements=_spliced(node.elements, position, new, comma))
    nodes: list[Node] = [code_of(element.value) for element in node.elements]
    nodes.insert(position, value)
    return parse_tuple(nodes, width)


def remove_element(node: cst.Tuple, element: cst.BaseElement) -> cst.Tuple:
    """The tuple without the element."""
    rest = [item for item in node.elements if item is not element]
    if len(rest) == 1 and not _is_exploded(node.elements):
        return node.with_changes(elements=[rest[0].with_changes(comma=cst.Comma())])
    return node.with_changes(elements=rest if len(rest) == 1 else _ended(rest, node.elements))


def parse_tuple(nodes: Sequence[Node], width: int) -> cst.Tuple:
    """A tuple display laid out for an assignment to `__table_args__`."""
    text = lay_out("__table_args__ = ", Group("(", tuple(Item(node) for node in nodes), is_tuple=True), width)
    parsed = cst.parse_expression(text.removeprefix("__table_args__ = "))
    assert isinstance(parsed, cst.Tuple)  # noqa: S101 (more than one element or a comma)
    return parsed


def parse_expression(node: Node, width: int, prefix: str = "") -> cst.BaseExpression:
    """The node as it stands one level deeper than its statement."""
    text = lay_out(prefix, node, width - len(_INDENT), ",").removeprefix(prefix).removesuffix(",")
    return cst.parse_expression(text.replace("\n", "\n" + _INDENT))


def map_call(
    statement: cst.SimpleStatementLine, change: Callable[[cst.Call], cst.Call], width: int
) -> cst.BaseStatement:
    """The assignment with its call changed, laid out again when it stood on one line and has become too long."""
    node = statement.body[0]
    value = node.value if isinstance(node, (cst.Assign, cst.AnnAssign)) else None
    if not isinstance(value, cst.Call):
        return statement
    new = change(value)
    changed = statement.with_changes(body=[node.with_changes(value=new)])
    is_short = "\n" not in code_of(new) and len(code_of(changed.body[0])) <= width
    if new is value or is_short or _is_exploded(new.args):
        return changed
    prefix = code_of(changed.body[0]).removesuffix(code_of(new))
    group = Group(code_of(new.func) + "(", tuple(_item(text) for text in _texts(new.args)))
    parsed = cst.parse_statement(lay_out(prefix, group, width))
    assert isinstance(parsed, cst.SimpleStatementLine)  # noqa: S101 (an assignment)
    return statement.with_changes(body=parsed.body)


def _item(text: tuple[str, Node]) -> Item:
    return Item(text[1], text[0])


def _texts(arguments: Sequence[cst.Arg]) -> list[tuple[str, Node]]:
    return [((f"{item.keyword.value}=" if item.keyword else item.star), code_of(item.value)) for item in arguments]


def _parse_arguments(texts: Sequence[tuple[str, Node]]) -> Sequence[cst.Arg]:
    parsed = cst.parse_expression("f(" + ", ".join(prefix + flat(node) for prefix, node in texts) + ")")
    assert isinstance(parsed, cst.Call)  # noqa: S101 (written as one)
    return parsed.args


def _is_exploded(items: Sequence[cst.Arg] | Sequence[cst.BaseElement]) -> bool:
    return any(_breaks(item) for item in items) or any("\n" in code_of(item.value) for item in items)


def _breaks(item: cst.Arg | cst.BaseElement) -> bool:
    return isinstance(item.comma, cst.Comma) and isinstance(item.comma.whitespace_after, cst.ParenthesizedWhitespace)


def _comma_of(items: Sequence[cst.Arg] | Sequence[cst.BaseElement]) -> cst.Comma:
    for item in items[:-1]:
        if isinstance(item.comma, cst.Comma) and _breaks(item):
            return cst.Comma(whitespace_after=_without_comment(item.comma.whitespace_after))
    return cst.Comma(whitespace_after=_new_line(_INDENT))


def _without_comment(space: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return space
    return _new_line(code_of(space.last_line))


def _new_line(indentation: str) -> cst.ParenthesizedWhitespace:
    return cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(indentation))


def _spliced(
    items: Sequence[cst.Arg] | Sequence[cst.BaseElement], position: int, new: cst.CSTNode, comma: cst.Comma
) -> list[cst.CSTNode]:
    """The items with a new one; at the end it takes over the last comma, which stands before the closing bracket."""
    spliced: list[cst.CSTNode] = [*items[:position], new, *items[position:]]
    if position == len(items) and items:
        last = items[-1]
        is_trailing = isinstance(last.comma, cst.Comma)
        closing = last.comma if is_trailing else cst.Comma(whitespace_after=_new_line(""))
        spliced[-2] = last.with_changes(comma=comma)
        spliced[-1] = (
            new.with_changes(comma=closing) if is_trailing else new.with_changes(comma=cst.MaybeSentinel.DEFAULT)
        )
    return spliced


def _ended(
    rest: list[cst.Arg] | list[cst.BaseElement], items: Sequence[cst.Arg] | Sequence[cst.BaseElement]
) -> list[cst.CSTNode]:
    """The items that are left; when the last one went, the new last one ends as it did."""
    ended: list[cst.CSTNode] = list(rest)
    if rest and rest[-1] is not items[-1]:
        ended[-1] = rest[-1].with_changes(comma=items[-1].comma)
    return ended


def _tight_equal() -> cst.AssignEqual:
    return cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace(""))
