"""The model's tools: one file each, with `DEFINITION` (as the API takes it) and `run(place, given) -> ToolResult`.

The modules here that have no `DEFINITION` are what tools are made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any, Protocol, cast

from pydantic import ValidationError

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolError, ToolResult


class Tool(Protocol):
    """A module of this package."""

    DEFINITION: Mapping[str, Any]

    def run(self, place: Place, given: Mapping[str, Any]) -> ToolResult:
        """Does what is asked. Raises `ToolError`, or pydantic's `ValidationError` for an input that does not fit."""
        ...


@cache
def get_tools() -> Mapping[str, Tool]:
    """Every tool by the name that the model calls it, in an order that never changes."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    tools = {str(module.DEFINITION["name"]): module for module in modules if hasattr(module, "DEFINITION")}
    return MappingProxyType(cast("dict[str, Tool]", {name: tools[name] for name in sorted(tools)}))


def run_tool(place: Place, name: str, given: object) -> ToolResult:
    """Does what the model asks for. Whatever is wrong with it becomes a result that says so."""
    tool = get_tools().get(name)
    if tool is None:
        return ToolResult(f"there is no tool {name!r}; there are: {', '.join(get_tools())}", is_error=True)
    if not isinstance(given, Mapping):
        return ToolResult("the input must be an object", is_error=True)
    try:
        return tool.run(place, given)
    except ToolError as error:
        return ToolResult(str(error), is_error=True)
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        return ToolResult("the input does not fit:\n" + "\n".join(lines), is_error=True)
