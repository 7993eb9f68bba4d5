"""Take one request, answer it, whatever the repository's code does meanwhile."""

from __future__ import annotations

import io
import json
import os
import sys

from .actions import ACTIONS
from .attempts import run_attempts
from .process import describe_error, prepare_process
from .state import State


def main() -> None:
    """Answer one request. The exit status is 0 when it was carried out, else 1."""
    answer_file = keep_answer_apart()
    sys.dont_write_bytecode = True  # the tree must stay as it is
    state = State(json.loads(sys.argv[1]))
    try:
        prepare_process(state.request)
        action = {**ACTIONS, "attempts": run_attempts}[state.request["action"]]
        answer = {**action(state), "ok": True}
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
