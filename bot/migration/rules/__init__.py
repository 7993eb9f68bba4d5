"""One file a rule: its name is the file's, with dashes; its docstring is the help, `docs/rules/` explains it.

A rule has `CODE` (its name), `SEVERITY` and `check(context) -> Iterable[Finding]`. It looks at the context only, and
raises for nothing that a revision may hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Protocol, cast

from bot.migration.finding import Finding, Severity
from bot.migration.lint_context import LintContext
from bot.migration.squawk_rules import SQUAWK_RULES


class Rule(Protocol):
    """A module of this package."""

    CODE: str
    SEVERITY: Severity
    __doc__: str | None

    def check(self, context: LintContext) -> Iterable[Finding]:
        """What the rule finds, in any order."""
        ...


@cache
def get_rules() -> Mapping[str, Rule]:
    """Every rule by its name."""
    modules = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
    return MappingProxyType({str(module.CODE): cast("Rule", module) for module in modules})


def list_rule_names() -> tuple[str, ...]:
    """Every name that can be configured or ignored: ours and squawk's."""
    return tuple(sorted({*get_rules(), *SQUAWK_RULES}))
