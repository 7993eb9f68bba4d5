"""Which slash-commands there are.

A command is a function with `@command(...)` in a module of `handlers.commands`; the file's name is what people type,
the function's docstring the help. Iterating the folder finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from bot.config import CommandPermission

if TYPE_CHECKING:
    from handlers.command_request import Answer, CommandRequest

Place = Literal["issue", "spec issue", "pull request", "bot's pull request"]
Run = Callable[["CommandRequest"], "Answer"]

_commands: dict[str, Command] = {}


class UsageError(Exception):
    """The arguments are not those that the command takes; the message says what is wrong with them."""


class CannotDo(Exception):
    """The command makes no sense here and now; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Command:
    """`arguments` is how they are written in the help, `permission` who may use it unless the config says otherwise.

    It can be used in any of its `places`: a spec issue is an issue too, a pull request of the bot a pull request.
    """

    name: str
    arguments: str
    help: str
    places: frozenset[Place]
    permission: CommandPermission
    run: Run

    @property
    def usage(self) -> str:
        """How it is typed."""
        return f"/{self.name} {self.arguments}".rstrip()


def command(*places: Place, arguments: str = "", permission: CommandPermission = "write") -> Callable[[Run], Run]:
    """Registers the decorated function as the command of its module's name.

    It runs in the worker, for somebody who may use it, in one of the places. It is quick and safe to repeat; long work
    is a run that it queues. Raises `UsageError` or `CannotDo` with what the person is to be told.
    """

    def register(function: Run) -> Run:
        module = function.__module__.rpartition(".")[2]
        name = module.rstrip("_").replace("_", "-")  # PEP 8: `continue_`, as `continue` is a keyword
        if name in _commands:
            raise ValueError(f"/{name} is registered already")
        text = " ".join((function.__doc__ or "").split())
        _commands[name] = Command(name, arguments, text, frozenset(places), permission, function)
        return function

    return register


@cache
def get_commands() -> Mapping[str, Command]:
    """Every command by its name."""
    package = import_module("handlers.commands")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return MappingProxyType(dict(sorted(_commands.items())))
