"""The command line: `specwright`, one file a command."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules

import click

from bot.config import ConfigError

CONFIG_EXIT_CODE = 2


class Commands(click.Group):
    """The modules of this package, each with a click command named `command`; imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the files."""
        return sorted(module.name for module in iter_modules(__path__) if not module.ispkg)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="specwright")
def group() -> None:
    """Specwright implements backend specs as pull requests, with migrations proved reversible.

    See it work with `specwright demo`. To run it for your team, set the SPECWRIGHT_ variables (README.md lists them),
    ask `specwright doctor` what is missing, then start `specwright serve` and `specwright worker`.
    """


def main() -> None:
    """The console script. Settings that are missing or wrong end it with exit code 2."""
    try:
        group()
    except ConfigError as error:
        click.echo(f"specwright: the settings are not complete:\n{error}", err=True)
        sys.exit(CONFIG_EXIT_CODE)
