"""/rollback."""

from __future__ import annotations

from bot.store import PullRequestRecord
from handlers.command_registry import CannotDo, command
from handlers.command_request import Answer, CommandRequest

MAX_SQL_CHARACTERS = 20_000
MAX_LOSSES = 40


@command("bot's pull request")
def run(request: CommandRequest) -> Answer:
    """Tells the tested way back of this pull request: commands, SQL, what is lost."""
    from bot.migration import proof_codec
    from bot.words.loader import render

    request.take_nothing()
    record, outputs = request.get_delivered()
    way_back = outputs.get("deliver", {}).get("rollback")
    if way_back is None:
        raise CannotDo("It was delivered before the way back was kept; its text has it under “How to roll back”.")
    content = outputs["gates"]["proof"]
    proof = None if content is None else proof_codec.from_json(content)
    text = render(
        "commands/rollback.md",
        way_back=way_back,
        proof=proof,
        sql="" if proof is None else proof.downgrade_sql[:MAX_SQL_CHARACTERS],
        is_cut=proof is not None and len(proof.downgrade_sql) > MAX_SQL_CHARACTERS,
        lost=() if proof is None else proof.lost[:MAX_LOSSES],
        is_changed=_is_changed(request, record),
    )
    return Answer(text)


def _is_changed(request: CommandRequest, record: PullRequestRecord) -> bool:
    """Whether somebody pushed since."""
    return request.github.get_pull_request(request.repository, request.number).head_sha != record.head_sha
