"""Several upgrades or downgrades, each in a process of its own that is forked from this one.

Alembic and SQLAlchemy are loaded once; nothing of the repository is, so what it keeps (an engine, settings) is that of
one attempt and one database.
"""

from __future__ import annotations

import json
import os
from typing import Any

from .actions import run_downgrade, run_upgrade
from .connection import REQUEST_URL
from .process import describe_error, prepare_process
from .state import State

REQUEST_URLS = "SPECWRIGHT_DATABASE_URLS"  # JSON, one for each attempt; not in the request, which `ps` shows
WAYS = {"upgrade": run_upgrade, "downgrade": run_downgrade}


def run_attempts(state: State) -> dict[str, Any]:
    """Run the attempts one after the other, whatever becomes of each."""
    import alembic.command
    import alembic.config  # noqa: F401 (loaded before the fork)

    urls = json.loads(os.environ.pop(REQUEST_URLS))
    pairs = zip(state.request["attempts"], urls)  # noqa: B905 (Python 3.9 has no `strict`)
    return {"attempts": [fork(state.request, attempt, url) for attempt, url in pairs]}


def fork(request: dict[str, Any], attempt: dict[str, Any], url: str) -> dict[str, Any]:
    """The answer of one attempt, from its own process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        answer = carry_out({**request, **attempt}, url)
        with os.fdopen(writing, "w", encoding="utf-8") as file:
            file.write(json.dumps(answer))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as file:
        text = file.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"ok": False, "error": "the process ended without an answer"}


def carry_out(request: dict[str, Any], url: str) -> dict[str, Any]:
    """Upgrade or downgrade; `is_ended` tells whether its session was ended on the way."""
    os.environ[REQUEST_URL] = url
    state = State(request)
    try:
        prepare_process(request)
        answer = {**WAYS[request["way"]](state), "ok": True}
    except BaseException as error:  # an env.py may call sys.exit
        answer = describe_error(state, error)
    return {"ok": answer["ok"], "error": answer.get("error", ""), "is_ended": state.is_ended}
