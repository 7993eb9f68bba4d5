"""SQL as text that goes into Python source: names, literals, expressions from the catalog."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

# sqlalchemy/sql/elements.py (TextClause) and compiler.py (BIND_PARAMS_ESC): what text() takes for a parameter, and
# where it takes a backslash for an escape. Before 2.1 it took `:a` out of `:aa:`, and an escape only counts when no
# plain colon follows: so all colons of such a run are escaped.
_TAKEN = re.compile(r"(?<![:\w\\]):\w+(?::+\w*)*|\\(?=:\w*(?![:\w]))")
_LITERAL = r"'(?:[^']|'')*'"
_ANY_OF_STRINGS = re.compile(
    rf'\((?P<column>(?:\w+\.|"[^"]+"\.)?(?:\w+|"[^"]+"))\)::text (?P<how>= ANY|<> ALL) '
    rf"\(\(ARRAY\[(?P<items>{_LITERAL}::character varying(?:, {_LITERAL}::character varying)*)\]\)::text\[\]\)"
)
_CAST_ARRAY = re.compile(
    rf"\(ARRAY\[(?P<items>{_LITERAL}::(?P<type>[a-z][\w ]*)(?:, {_LITERAL}::(?P=type))*)\]\)::(?P<to>[a-z][\w ]*)\[\]"
)
_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|\W""")
_PREPARER = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy


def quote_name(name: str) -> str:
    """An identifier, quoted when it must be."""
    return str(_PREPARER.quote(name)).replace("%%", "%")


def quote_qualified(schema: str, name: str) -> str:
    """A name with its schema, which is left out for `public`."""
    return quote_name(name) if schema == "public" else f"{quote_name(schema)}.{quote_name(name)}"


def quote_literal(text: str) -> str:
    """A string constant."""
    body = text.replace("'", "''")
    return f"E'{body.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{body}'"


def escape_parameters(sql: str) -> str:
    """SQL so that `sqlalchemy.text()` gives back exactly this SQL: a colon before a word is no parameter."""
    return _TAKEN.sub(lambda match: "\\\\" if match[0] == "\\" else match[0].replace(":", "\\:"), sql)


def simplify_expression(sql: str) -> str:
    """An expression of the catalog as a person would have written it, where the catalog's own form is no fixed point.

    `varchar_column IN ('a')` is shown by Postgres as `(c)::text = ANY ((ARRAY['a'::character varying])::text[])`; read
    again, that is shown differently, since a cast of `ARRAY[…]` is handed down to its elements. So it is written as the
    list it was; elsewhere a first cast to the elements' own type holds the second one off.
    """
    listed = _ANY_OF_STRINGS.sub(_as_list, sql)
    return _CAST_ARRAY.sub(r"(ARRAY[\g<items>]::\g<type>[])::\g<to>[]", listed)


def sql_expression(sql: str) -> sa.ColumnClause[object]:
    """An expression for places that end in `sa.text(…)` or in a plain string that SQLAlchemy makes text of."""
    return sa.literal_column(escape_parameters(simplify_expression(sql)))


def find_words(sql: str) -> frozenset[str]:
    """Every identifier in the text, string constants left out; quoted identifiers without their quotes."""
    return frozenset(
        token[1:-1].replace('""', '"') if token.startswith('"') else token
        for token in _TOKEN.findall(sql)
        if not token.startswith("'") and (token.startswith('"') or token[0].isalnum() or token[0] == "_")
    )


def replace_word(sql: str, before: str, after: str) -> str:
    """The text with one identifier in place of another, string constants left alone."""
    old, new = {before, quote_name(before), f'"{before}"'}, quote_name(after)
    return "".join(new if token in old else token for token in _TOKEN.findall(sql))


def replace_type(sql: str, before: str, after: str) -> str:
    """The text with one type in place of another wherever something is cast to it; both as the catalog shows them."""
    return re.sub(rf"::{re.escape(before)}(?![\w$.])", lambda _match: f"::{after}", sql)


def _as_list(match: re.Match[str]) -> str:
    items = ", ".join(re.findall(rf"({_LITERAL})::character varying", match["items"]))
    return f"{match['column']} {'IN' if match['how'] == '= ANY' else 'NOT IN'} ({items})"
