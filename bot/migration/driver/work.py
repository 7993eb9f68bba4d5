"""One request, carried out in a process of its own, whatever the repository's code does meanwhile."""

from __future__ import annotations

import json
import os
import sys
from typing import IO, Any, NoReturn

from .actions import ACTIONS
from .process import describe_error, prepare_process
from .state import State


def carry_out(request: dict[str, Any], said: IO[bytes], printed: IO[bytes]) -> NoReturn:
    """Write the answer to `said` and end. The exit status is 0 when it was carried out, else 1."""
    for descriptor in (1, 2):
        os.dup2(printed.fileno(), descriptor)
    os.environ.update(request.pop("env"))
    state = State(request)
    try:
        prepare_process(request)
        answer = {**ACTIONS[request["action"]](state), "ok": True}
    except BaseException as error:  # an env.py may call sys.exit
        answer = describe_error(state, error)
    answer.update(
        done=state.done, statements=state.statements, version_table=state.version_table, is_ended=state.is_ended
    )
    said.write(json.dumps(answer, default=str).encode())
    said.flush()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0 if answer["ok"] else 1)  # threads that the application started must not keep us
