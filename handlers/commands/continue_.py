"""/continue."""

from __future__ import annotations

import re

from bot.store import ACTIVE
from handlers.command_registry import CannotDo, UsageError, command
from handlers.command_request import Answer, CommandRequest

_BUDGET = re.compile(r"(?:budget=)?\$?(\d{1,4}(?:\.\d{1,2})?)")


@command("spec issue", "bot's pull request", arguments="[budget=DOLLARS]")
def run(request: CommandRequest) -> Answer:
    """Takes a run up that stopped at a limit, with as much again or with that many dollars more."""
    from bot.words.loader import render
    from jobs.continuation import NoLimitReached, NothingWaits, continue_run

    budget_usd = _read_budget(request.arguments)
    found = request.find_run()
    if found is None:
        raise CannotDo("There is no run.")
    if found.status in ACTIVE:
        raise CannotDo("The run is under way.")
    _check_open(request, found.id)
    try:
        continue_run(request.parts, found.id, request.actor, budget_usd)
    except NoLimitReached as error:
        raise CannotDo("The run did not stop at a limit, so more of it would change nothing.") from error
    except NothingWaits as error:
        raise CannotDo("There is no run that stopped at a limit.") from error
    return Answer(render("commands/continue.md", actor=request.actor))


def _read_budget(arguments: str) -> float | None:
    if not arguments:
        return None
    found = _BUDGET.fullmatch(arguments.strip())
    if found is None or float(found[1]) <= 0:
        raise UsageError("it takes dollars, as in budget=5")
    return float(found[1])


def _check_open(request: CommandRequest, run_id: int) -> None:
    """What was merged or closed is not written anew."""
    record = request.parts.store.find_pull_request(run_id)
    if record is not None and request.github.get_pull_request(record.repository, record.number).state != "open":
        raise CannotDo("The pull request is merged or closed.")
