"""Step 4: the environment is built, the schema at head cached as a template database, the tests run as they are."""

from __future__ import annotations

from typing import Any

from bot.migration.baseline import Base
from bot.migration.errors import MigrationError, MigrationFailed
from bot.schema.codec import fingerprint
from bot.spec.gaps import find_gaps
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.sandbox import SandboxUnavailable
from bot.workspace.test_run import to_json
from jobs.context import RunContext
from jobs.endings import Asked, Failed
from jobs.run_tests import run_tests


def run(context: RunContext) -> dict[str, Any]:
    """Output: `revision` (the head), `schema` (fingerprint), `tests` (the report of the base commit's tests)."""
    base = _get_base(context)
    gaps = find_gaps(context.spec, base.schema)
    if gaps:
        raise Asked(gaps)
    report = run_tests(context)
    return {"revision": base.revision, "schema": fingerprint(base.schema), "tests": to_json(report)}


def _get_base(context: RunContext) -> Base:
    try:
        return context.base
    except SandboxUnavailable as error:
        raise Failed("sandbox", message=str(error)) from error
    except EnvironmentFailed as error:
        raise Failed("environment", output=error.output) from error
    except MigrationFailed as error:
        raise Failed("migrations", message=str(error), output=error.output) from error
    except MigrationError as error:
        raise Failed("migrations", message=str(error)) from error
