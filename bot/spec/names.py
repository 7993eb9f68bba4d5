"""Names of tables, columns, types and constraints as a spec writes them.

As in SQL a name is lower case unless it stands in double quotes. One of mixed case is refused, since nobody can tell
whether `OrderItem` means orderitem, order_item or "OrderItem".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from bot.spec.errors import Problems
from bot.spec.markdown.inline import strip_code

MAX_NAME_BYTES = (
    63  # NAMEDATALEN - 1: Postgres cuts what is longer, https://www.postgresql.org/docs/current/limits.html
)
_PLAIN = re.compile(r"[^\W\d][\w$]*")
_QUOTED = re.compile(r'"[^".\x00-\x1f]+"')
_PART = r'(?:"[^"]+"|[^".\s]+)'


def read_name(text: str, line: int, problems: Problems, what: str = "name", *, qualified: bool = False) -> str | None:
    """The name, None (and a problem) when it is none. `qualified` ones may begin with a schema: `audit.events`."""
    text = strip_code(text)
    parts = re.findall(_PART, text) if re.fullmatch(rf"{_PART}(?:\.{_PART})*", text) else [text]
    if len(parts) > (2 if qualified else 1):
        problems.report(line, f"`{text}` is not the name of one {what}", f"the {what}'s name")
        return None
    read = [_read_part(part, line, problems, what) for part in parts]
    return ".".join(part for part in read if part is not None) if None not in read else None


def is_name(text: str) -> bool:
    """Whether a text can be a name: one word, or a quoted one."""
    return bool(_PLAIN.fullmatch(text) or _QUOTED.fullmatch(text))


def quote_name(name: str) -> str:
    """The name as `read_name` reads it again: in double quotes when it would be folded or is no word."""
    return ".".join(
        part if _PLAIN.fullmatch(part) and part == part.lower() else f'"{part}"' for part in name.split(".")
    )


def find_nearest(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """The known word that was probably meant."""
    found = difflib.get_close_matches(word[:100].lower(), list(known), n=1, cutoff=cutoff)
    return found[0] if found else None


def to_snake_case(text: str) -> str:
    """`OrderItem` and `Gift cards` as people name tables: order_item, gift_cards."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text[:MAX_NAME_BYTES])
    return re.sub(r"\W+", "_", words).strip("_").lower() or "name"


def _read_part(text: str, line: int, problems: Problems, what: str) -> str | None:
    quoted = _QUOTED.fullmatch(text) is not None
    name = text[1:-1] if quoted else text
    if len(name.encode("utf-8", "replace")) > MAX_NAME_BYTES:
        problems.report(line, f"the {what} `{name[:20]}…` is too long", f"at most {MAX_NAME_BYTES} bytes")
        return None
    if quoted:
        return name
    if _PLAIN.fullmatch(name) is None:
        message = f"`{name}` cannot be the name of a {what}" if name else f"a {what} has no name"
        problems.report(line, message, f"letters, digits and underscores, such as `{to_snake_case(name)}`")
        return None
    if name in (name.lower(), name.upper()):
        return name.lower()
    expected = f'`{to_snake_case(name)}`, or `"{name}"` in double quotes when it is spelled so in the database'
    problems.report(line, f"the {what} `{name}` has capitals, which Postgres would fold", expected)
    return None
