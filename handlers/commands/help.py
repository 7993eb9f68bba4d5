"""/help."""

from __future__ import annotations

from handlers.command_access import render_rule
from handlers.command_registry import command, get_commands
from handlers.command_request import Answer, CommandRequest


@command("issue", "pull request")
def run(request: CommandRequest) -> Answer:
    """Lists the commands, where each can be used and who may."""
    from bot.words.loader import render

    request.take_nothing()
    rows = [
        {
            "usage": item.usage,
            "help": item.help,
            "places": ", ".join(sorted(item.places)),
            "who": render_rule(request.config, item),
        }
        for item in get_commands().values()
    ]
    return Answer(render("commands/help.md", commands=rows))
