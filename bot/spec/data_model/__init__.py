"""The notations of a data model, one file each, named by the language of the fence: the folder is the registry.

A notation has `read(text, first_line, problems) -> DataModel`, `looks_like(text) -> bool` (for a fence without a
language) and, when people call it by other names too, `ALIASES`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Protocol

from bot.spec.errors import Problems
from bot.spec.model import DataModel


class Notation(Protocol):
    """What a module of this package offers."""

    def read(self, text: str, first_line: int, problems: Problems) -> DataModel:
        """The model; `first_line` is the text's first line in the issue."""

    def looks_like(self, text: str) -> bool:
        """Whether a text is most likely of this notation."""


@cache
def list_notations() -> Mapping[str, Notation]:
    """Every notation by the languages of its fence."""
    found: dict[str, Notation] = {}
    for module in pkgutil.iter_modules(__path__):
        notation: Any = importlib.import_module(f"{__name__}.{module.name}")
        for name in (module.name, *getattr(notation, "ALIASES", ())):
            found[name] = notation
    return MappingProxyType(found)


def find_notation(language: str, text: str) -> Notation | None:
    """The notation of a fence; without a language, the one that the text looks like."""
    notations = list_notations()
    if language:
        return notations.get(language)
    return next((notation for notation in notations.values() if notation.looks_like(text)), None)
