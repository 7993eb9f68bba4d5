"""What Python compiles of the tree's modules, kept for the next request and outside of the tree, which stays as it is.

The methods are those that a loader is meant to override:
https://docs.python.org/3/library/importlib.html#importlib.abc.SourceLoader
"""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any


def keep_compiled(tree: str, folder: str) -> None:
    """Have modules below `tree` compiled into `folder`, and no others written anywhere."""
    get_data, path_stats = SourceFileLoader.get_data, SourceFileLoader.path_stats
    inside = tree.rstrip(os.sep) + os.sep

    def find_place(path: str) -> Path:
        return Path(folder, hashlib.sha256(os.fsencode(path)).hexdigest())

    def get(self: SourceFileLoader, path: str) -> bytes:
        is_ours = path.startswith(inside) and path.endswith(".pyc")
        return get_data(self, str(find_place(path)) if is_ours else path)

    def put(self: SourceFileLoader, path: str, data: bytes, **_: Any) -> None:
        if path.startswith(inside):
            with suppress(OSError):
                find_place(path).write_bytes(data)

    def stat(self: SourceFileLoader, path: str) -> Any:
        stats = path_stats(self, path)
        if path.startswith(inside):  # seconds are too coarse: the bot may write a file twice in one
            stats = {**stats, "mtime": Path(path).stat().st_mtime_ns}
        return stats

    SourceFileLoader.get_data = get  # type: ignore[method-assign, assignment]
    SourceFileLoader.set_data = put  # type: ignore[method-assign, assignment]
    SourceFileLoader.path_stats = stat  # type: ignore[method-assign]
    sys.dont_write_bytecode = False
