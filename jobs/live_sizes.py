"""The sizes that the tables of a migration have in the repository's live databases."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.config import ConfigError
from bot.live.session import LiveUnavailable, open_live
from bot.live.sizes import LiveSizes, Name, read_sizes
from bot.migration.proof_result import Proof
from bot.schema.model import Schema
from bot.schema.part_words import render_name
from jobs.context import RunContext

logger = logging.getLogger(__name__)


def ask_sizes(context: RunContext, proof: Proof) -> tuple[LiveSizes, ...]:
    """What each environment of the config says. Never raises for one that does not answer: that is its result."""
    names = _list_tables(context.base.schema, proof)
    return tuple(_ask(context, environment, names) for environment in context.config.drift.environments)


def _list_tables(schema: Schema, proof: Proof) -> Mapping[Name, str]:
    """The tables that were there and that change, are locked or are gone through, with the names they are shown by."""
    touched = {render_name(change.schema, change.table or change.name) for change in proof.changes}
    touched |= {lock.table for lock in proof.upgrade.locks}
    touched |= {cause.table for statement in proof.upgrade.statements for cause in statement.causes}
    every = {(table.schema, table.name): render_name(table.schema, table.name) for table in schema.tables}
    return {name: shown for name, shown in every.items() if shown in touched}


def _ask(context: RunContext, environment: str, names: Mapping[Name, str]) -> LiveSizes:
    repository = context.run.repository
    try:
        url = context.parts.settings.find_live_url(repository, environment)
        if url is None:
            return LiveSizes(environment, {}, f"the bot has no URL for {repository}/{environment}")
        limits = context.config.drift.environments[environment]
        with open_live(url.get_secret_value(), limits.statement_timeout_seconds) as connection:
            found = read_sizes(connection, names.keys())
    except (LiveUnavailable, ConfigError) as error:
        logger.warning("%s could not be asked: %s", environment, error, extra={"run": context.run.id})
        return LiveSizes(environment, {}, str(error))
    return LiveSizes(environment, {names[name]: size for name, size in found.items()})
