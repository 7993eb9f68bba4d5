"""Take one request, answer it, whatever the repository's code does meanwhile."""

from __future__ import annotations

import io
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

from .actions import ACTIONS
from .connection import REQUEST_URL, get_url_part, redirect_engines
from .state import DriverError, State

MAX_TRACE_CHARACTERS = 20_000
MAX_MESSAGE_CHARACTERS = 4_000


def main() -> None:
    """Answer one request. The exit status is 0 when it was carried out, else 1."""
    answer_file = keep_answer_apart()
    sys.dont_write_bytecode = True  # the tree must stay as it is
    state = State(json.loads(sys.argv[1]))
    try:
        prepare_process(state.request)
        answer = {**ACTIONS[state.request["action"]](state), "ok": True}
    except BaseException as error:  # an env.py may call sys.exit
        answer = describe_error(state, error)
    answer.update(done=state.done, statements=state.statements, version_table=state.version_table)
    answer_file.write(json.dumps(answer, default=str))
    answer_file.flush()
    sys.stderr.flush()
    os._exit(0 if answer["ok"] else 1)  # threads that the application started must not keep us


def keep_answer_apart() -> io.TextIOBase:
    """The real standard output as a file of our own; prints of the repository go to standard error from now on."""
    answer_file = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answer_file


def describe_error(state: State, error: BaseException) -> dict[str, Any]:
    """The answer when something raised: which revision, the message, and the end of the traceback."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    message = str(error).strip() or "no message"
    return {
        "ok": False,
        "kind": error.kind if isinstance(error, DriverError) else "failed",
        "error": (type(error).__name__ + ": " + message)[:MAX_MESSAGE_CHARACTERS],
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
