"""Names of classes, attributes and modules made from names of tables and columns."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection

# Attributes that the declarative base uses itself
# (https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html: "metadata" and "registry" are reserved).
RESERVED_ATTRIBUTES = {"metadata", "registry"}
_IRREGULAR = {"people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index"}
_UNCHANGED = ("status", "address", "bonus", "series", "news", "analysis", "class", "business", "process", "access")


def singularize(word: str) -> str:
    """The singular of the last part of a snake_case English name, by the regular rules."""
    head, _, last = word.rpartition("_")
    return f"{head}_{_singular(last)}" if head else _singular(last)


def pluralize(word: str) -> str:
    """The plural of the last part of a snake_case English name, by the regular rules."""
    head, _, last = word.rpartition("_")
    return f"{head}_{_plural(last)}" if head else _plural(last)


def camelize(name: str) -> str:
    """A class name of a snake_case name."""
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", name) if part]
    text = "".join(part[:1].upper() + part[1:] for part in parts)
    return text if text[:1].isalpha() else f"Table{text}"


def snake(name: str) -> str:
    """A snake_case name of a class name."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def attribute_name(column: str) -> str:
    """The attribute that stands for a column: its name where Python and SQLAlchemy allow it."""
    name = re.sub(r"\W", "_", column)
    if not name[:1].isalpha() and not name.startswith("_"):
        name = f"column_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name in RESERVED_ATTRIBUTES or name.startswith("__") else name


def module_stem(name: str) -> str:
    """The name of a module: letters, digits and underscores only, so that it can lead to no other folder."""
    stem = re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_") or "table"
    return f"table_{stem}" if stem[0].isdigit() or keyword.iskeyword(stem) else stem


def free_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number that makes it free."""
    number, name = 2, wanted
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _UNCHANGED or word.endswith("ss") or len(word) < 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes", "uses")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("us", "is")) else word


def _plural(word: str) -> str:
    irregular = {single: plural for plural, single in _IRREGULAR.items()}
    if word in irregular:
        return irregular[word]
    if word in _IRREGULAR or (_singular(word) != word):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "z", "ch", "sh")) else "s")
