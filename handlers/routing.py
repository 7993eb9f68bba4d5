"""Which handler takes which event.

A handler is a function with `@on("issues", "labeled")` in a module of `handlers.events`; iterating the folder finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from bot.store import Delivery
from jobs.parts import Parts

Handler = Callable[[Delivery, Parts], None]
Key = tuple[str, str | None]

_handlers: dict[Key, Handler] = {}


def on(event: str, action: str | None = None) -> Callable[[Handler], Handler]:
    """Registers the decorated function for that event and action (None: an event that has no actions).

    A handler runs in the worker. It is quick and safe to repeat: an error of GitHub's is answered by trying it again.
    """

    def register(handler: Handler) -> Handler:
        if (event, action) in _handlers:
            raise ValueError(f"{event}.{action} has a handler already: {_handlers[event, action].__module__}")
        _handlers[event, action] = handler
        return handler

    return register


@cache
def get_handlers() -> Mapping[Key, Handler]:
    """Every handler by (event, action)."""
    package = import_module("handlers.events")
    for module in iter_modules(package.__path__):
        import_module(f"{package.__name__}.{module.name}")
    return MappingProxyType(_handlers)
