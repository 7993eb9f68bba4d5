"""Workspaces for the tests: files on the spot, with the interpreter that runs the tests as environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bot.config import RepositoryConfig
from bot.workspace.databases import ScratchServer
from bot.workspace.environment import Environment
from bot.workspace.sandbox import Sandbox
from bot.workspace.workspace import Workspace
from tests.workspace.trees import open_tree

OWN_ENVIRONMENT = Environment(Path(sys.executable), Path(sys.prefix), "own")


def make_workspace(
    root: Path, files: Mapping[str, str], server: ScratchServer, sandbox: Sandbox, **config: object
) -> Workspace:
    """A workspace with these files as its base commit."""
    contents = {name: text.encode() for name, text in files.items()}
    _, tree = open_tree(root, "overlay", contents or {"README.md": b"hello"})
    scratch = root / "scratch"
    scratch.mkdir()
    return Workspace(tree, OWN_ENVIRONMENT, server, sandbox, RepositoryConfig.model_validate(config), scratch)
