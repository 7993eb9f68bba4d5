"""What must hold before delivery: one file a gate, with `check(context) -> GateResult`; its docstring is the help.

The modules here that have no `check` are what gates are made of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from inspect import cleandoc
from pkgutil import iter_modules
from types import MappingProxyType

from bot.gates.context import GateContext
from bot.gates.result import GateResult

logger = logging.getLogger(__name__)

Gate = Callable[[GateContext], GateResult]


def run_gates(context: GateContext) -> tuple[GateResult, ...]:
    """The result of every gate, by name. A gate that breaks has failed: nothing passes unchecked."""
    return tuple(_run(name, gate, context) for name, gate in get_gates().items())


@cache
def get_gates() -> Mapping[str, Gate]:
    """Every gate by its name, sorted."""
    modules = {module.name: import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)}
    return MappingProxyType({name: modules[name].check for name in sorted(modules) if hasattr(modules[name], "check")})


def get_help(name: str) -> str:
    """What a gate checks, in the words of its file."""
    return cleandoc(import_module(f"{__name__}.{name}").__doc__ or "")


def _run(name: str, gate: Gate, context: GateContext) -> GateResult:
    try:
        return gate(context)
    except Exception as error:
        logger.exception("the gate %s broke", name)
        return GateResult(name, "failed", f"could not be checked: {type(error).__name__}")
