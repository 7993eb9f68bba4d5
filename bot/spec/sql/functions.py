"""Functions that a spec may define: in sql or plpgsql, with the rights of whoever calls them."""

from __future__ import annotations

import re
from typing import Any

import pglast

from bot.spec.sql.parts import Refused, check_parts
from bot.spec.sql.text import NotSql, parse_statement, split_statements

LANGUAGES = ("sql", "plpgsql")
# A body is text to Postgres until it runs: what it may not mention is looked for in the text.
_REACHING = re.compile(
    r"\b(?:pg_read_\w+|pg_ls_\w+|pg_stat_file|pg_file_\w+|lo_import|lo_export|dblink\w*|pg_terminate_backend|"
    r"pg_cancel_backend|pg_reload_conf|set_config)\s*\(|\bcopy\b[^;]*\b(?:program|from|to)\b|\balter\s+system\b|"
    r"\b(?:create|alter|drop)\s+(?:role|user|database|extension)\b|\b(?:grant|revoke)\b|"
    r"\bset\s+(?:local\s+|session\s+)?(?:role|session\s+authorization)\b",
    re.IGNORECASE,
)


def check_function(node: Any) -> None:
    """Raises `Refused` or `NotSql`."""
    if node.is_procedure:
        raise Refused("a procedure is no part of a data model", "a function")
    options = {option.defname: option.arg for option in node.options or ()}
    language = str(getattr(options.get("language"), "sval", "sql")).lower()
    if language not in LANGUAGES:
        raise Refused(f"a function in the language {language} is refused", "LANGUAGE sql or plpgsql")
    security = options.get("security")
    if security is not None and getattr(security, "boolval", True):
        raise Refused("a function with the rights of its owner is refused", "the function without SECURITY DEFINER")
    body: Any = options.get("as")
    for text in [part.sval for part in body or ()]:
        if _REACHING.search(text):
            raise Refused("the function reaches out of its tables", "a function that works on tables only")
        if language == "sql":
            _check_body(text)


def _check_body(text: str) -> None:
    try:
        for piece in split_statements(text):
            check_parts(parse_statement(piece.sql))
    except (NotSql, pglast.parser.ParseError) as error:
        raise NotSql(f"the body of the function: {error}") from error
