"""Step 4: the environment is built, the schema at head cached as a template database, the tests run as they are."""

from __future__ import annotations

from typing import Any

from bot.workspace.environment import EnvironmentFailed

from bot.migration.alembic_runner import MigrationFailed
from bot.migration.errors import MigrationSetupError
from bot.schema.codec import fingerprint
from jobs.context import RunContext
from jobs.endings import Failed


def run(context: RunContext) -> dict[str, Any]:
    """Output: `revision` (the head), `schema` (fingerprint), `tests` (the report of the base commit's tests)."""
    try:
        base = context.base
    except EnvironmentFailed as error:
        raise Failed("The repository's dependencies could not be installed.", ENVIRONMENT, str(error)) from error
    except MigrationFailed as error:
        raise Failed(
            "The migrations of the base branch do not run on an empty database.", BROKEN, str(error)
        ) from error
    except MigrationSetupError as error:
        raise Failed(str(error), SETUP) from error
    _ask_about_gaps(context)
    return {
        "revision": base.revision,
        "schema": fingerprint(base.schema),
        "tests": context.run_tests(base.template),
    }
