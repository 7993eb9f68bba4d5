"""The folder is the registry: what is in it is what is routed, asked for in the manifest, and documented."""

from __future__ import annotations

from pathlib import Path
from pkgutil import iter_modules

import yaml

import handlers.events
from handlers.routing import get_handlers

# GitHub sends these to every App; they cannot be subscribed to.
ALWAYS_SENT = {"installation", "installation_repositories", "ping"}


def test_every_file_handles_the_event_of_its_name() -> None:
    names = {module.name for module in iter_modules(handlers.events.__path__)}
    assert names == {f"{event}_{action}" if action else event for event, action in get_handlers()}


def test_the_manifest_asks_for_what_is_handled() -> None:
    manifest = yaml.safe_load((Path(__file__).parents[2] / "app.yml").read_text())
    assert set(manifest["default_events"]) == {event for event, _ in get_handlers()} - ALWAYS_SENT


def test_every_event_says_what_happens() -> None:
    for handler in get_handlers().values():
        assert handler.__doc__
