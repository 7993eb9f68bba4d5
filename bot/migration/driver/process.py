"""The process in which the repository's code runs: made as `alembic` would have it, and its errors told."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import Any

from .connection import REQUEST_URL, get_url_part, redirect_engines
from .settings import list_missing_variables
from .state import DriverError, State

MAX_TRACE_CHARACTERS = 20_000
MAX_MESSAGE_CHARACTERS = 4_000


def describe_error(state: State, error: BaseException) -> dict[str, Any]:
    """The answer when something raised: which revision, the message, and the end of the traceback."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    message = str(error).strip() or "no message"
    return {
        "ok": False,
        "kind": error.kind if isinstance(error, DriverError) else "failed",
        "error": (type(error).__name__ + ": " + message)[:MAX_MESSAGE_CHARACTERS],
        "missing": list_missing_variables(error),
        "failed_revision": state.revision if state.is_running_revision else None,
        "traceback": trace[-MAX_TRACE_CHARACTERS:],
    }


def prepare_process(request: dict[str, Any]) -> None:
    """The working directory and import path as `alembic` would have them, and the URL in every known variable."""
    own_folder = Path(__file__).resolve().parents[1]
    sys.path[:] = [path for path in sys.path if path and Path(path).resolve() != own_folder]
    os.chdir(request["directory"])
    sys.path.insert(0, request["directory"])
    if REQUEST_URL in os.environ:
        for name, part in request.get("url_variables", {}).items():
            os.environ[name] = get_url_part(part)
        redirect_engines()
