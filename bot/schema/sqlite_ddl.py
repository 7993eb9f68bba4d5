"""What SQLite keeps only as text: names of constraints, checks, generated columns, AUTOINCREMENT, collations.

A tokenizer and one walk over the parts of CREATE TABLE: https://www.sqlite.org/lang_createtable.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)
      |(?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\])
      |(?P<string>'(?:[^']|'')*')
      |(?P<word>[^\W\d][\w$]*)
      |(?P<other>\d[\w.]*|\|\||<=|>=|<>|!=|==|.)""",
    re.VERBOSE | re.DOTALL,
)
TABLE_CONSTRAINTS = frozenset({"CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"})


@dataclass(slots=True)
class TableDdl:
    """What was found, by column or by columns."""

    checks: list[tuple[str | None, str]] = field(default_factory=list)
    generated: dict[str, str] = field(default_factory=dict)
    collations: dict[str, str] = field(default_factory=dict)
    autoincrement: set[str] = field(default_factory=set)
    unique_names: dict[tuple[str, ...], str] = field(default_factory=dict)
    foreign_key_names: dict[tuple[str, ...], str] = field(default_factory=dict)
    primary_key_name: str | None = None


def fold(sql: str) -> str:
    """The statement without comments and with single spaces outside of quotes."""
    parts = [" " if match.lastgroup == "space" else match.group() for match in TOKEN.finditer(sql)]
    return re.sub(r" {2,}", " ", "".join(parts)).strip() if "'" not in sql else "".join(parts).strip()


def read_predicate(sql: str) -> str | None:
    """The WHERE of a CREATE INDEX."""
    tokens = list(_tokens(sql))
    depth = 0
    for position, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token, 0)
        if depth == 0 and token.upper() == "WHERE":
            return _join(tokens[position + 1 :])
    return None


def read_table_ddl(sql: str) -> TableDdl:
    """The parts of a CREATE TABLE statement that no pragma tells."""
    ddl = TableDdl()
    for item in _split_items(list(_tokens(sql))):
        if item[0].upper() in TABLE_CONSTRAINTS:
            _read_table_constraint(item, ddl)
        else:
            _read_column(item, ddl)
    return ddl


def _read_column(item: Sequence[str], ddl: TableDdl) -> None:
    column, name = _unquote(item[0]), None
    for position, token in enumerate(item):
        word = token.upper()
        following = item[position + 1 : position + 2]
        if word == "CONSTRAINT" and following:
            name = _unquote(following[0])
        elif word == "CHECK":
            ddl.checks.append((name, _join(_group(item, position + 1))))
            name = None
        elif word == "AS" and following == ["("]:
            ddl.generated[column] = _join(_group(item, position + 1))
        elif word == "COLLATE" and following:
            ddl.collations[column] = _unquote(following[0])
        elif word == "AUTOINCREMENT":
            ddl.autoincrement.add(column)
        elif word in {"PRIMARY", "UNIQUE", "REFERENCES"} and name:
            _name(ddl, word, (column,), name)
            name = None


def _read_table_constraint(item: Sequence[str], ddl: TableDdl) -> None:
    name = _unquote(item[1]) if item[0].upper() == "CONSTRAINT" else None
    rest = item[2:] if name is not None else item
    kind, start = rest[0].upper(), next((i for i, token in enumerate(rest) if token == "("), len(rest))
    inside = _group(rest, start)
    if kind == "CHECK":
        ddl.checks.append((name, _join(inside)))
    elif name is not None:
        columns = tuple(_unquote(token) for token in inside if token != "," and token.upper() not in {"ASC", "DESC"})
        _name(ddl, "REFERENCES" if kind == "FOREIGN" else kind, columns, name)


def _name(ddl: TableDdl, kind: str, columns: tuple[str, ...], name: str) -> None:
    if kind == "PRIMARY":
        ddl.primary_key_name = name
    elif kind == "UNIQUE":
        ddl.unique_names[columns] = name
    else:
        ddl.foreign_key_names[columns] = name


def _tokens(sql: str) -> Iterator[str]:
    return (match.group() for match in TOKEN.finditer(sql) if match.lastgroup != "space")


def _split_items(tokens: list[str]) -> Iterator[list[str]]:
    """The comma-separated items between the outer parentheses."""
    inside = _group(tokens, tokens.index("(")) if "(" in tokens else []
    depth, item = 0, []
    for token in inside:
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token == "," and depth == 0:
            yield item
            item = []
        else:
            item.append(token)
    if item:
        yield item


def _group(tokens: Sequence[str], start: int) -> list[str]:
    """The tokens between the parenthesis at `start` and the one that closes it."""
    depth = 0
    for position in range(start, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[position], 0)
        if depth == 0:
            return list(tokens[start + 1 : position])
    return list(tokens[start + 1 :])


def _join(tokens: Sequence[str]) -> str:
    text = " ".join(tokens)
    return re.sub(r" ?([(),.]) ?", lambda match: {",": ", "}.get(match.group(1), match.group(1)), text)


def _unquote(token: str) -> str:
    if token[:1] in {'"', "`", "["}:
        closing = {"[": "]"}.get(token[0], token[0])
        return token[1:-1].replace(closing * 2, closing)
    return token
