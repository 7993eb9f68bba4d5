"""The driver's answer: read, and its errors turned into ours. It comes from the repository's process, so it may lie."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from bot.migration.errors import (
    BrokenAlembic,
    MigrationError,
    MigrationFailed,
    MissingArgument,
    MissingSettings,
    NoModels,
    WrongDatabase,
)
from bot.workspace.sandbox import Completed

MAX_OUTPUT_CHARACTERS = 8_000
_HINTS = {
    "wrong_database": (WrongDatabase, "name the variable that env.py reads with `database.url_env`"),
    "no_driver": (BrokenAlembic, "add one to what `install` lists"),
    "no_metadata": (NoModels, "set target_metadata in env.py, as `alembic revision --autogenerate` needs it too"),
    "no_migrations": (BrokenAlembic, "see Alembic's own template of env.py"),
    "no_application": (BrokenAlembic, "name it with `FLASK_APP` under `env`"),
}
# What else is used to read the environment: environs, python-decouple, starlette.config, django-environ.
_UNSET = (
    r'EnvError: Environment variable "(\w+)" not set',
    r"UndefinedValueError: (\w+) not found\. Declare it as envvar",
    r"KeyError: \"Config '(\w+)' is missing",
    r"ImproperlyConfigured: Set the (\w+) environment variable",
)
_NO_SCHEMA = r'schema "[^"]*" does not exist|no schema has been selected to create in'
_SCHEMA_HINT = (
    "\nName a schema that must be there before the first revision with `database.schemas` (.github/specwright.yml)"
)


@dataclass(frozen=True, slots=True)
class Attempted:
    """How an attempt went; `is_ended` tells whether its session was ended by force on the way."""

    ok: bool
    error: str
    is_ended: bool


def read_completed(line: bytes, duration_seconds: float) -> Completed:
    """How the process of one request ended, from the line that the driver answers with."""
    answer = _parse(line.decode(errors="replace")) or {}
    returncode = answer.get("returncode")
    text, output = str(answer.get("answer", "")), str(answer.get("output", ""))
    return Completed(returncode if isinstance(returncode, int) else -1, text, output, duration_seconds)


def read_attempted(completed: Completed) -> Attempted:
    """How an attempt went. Never raises."""
    answer = _parse(completed.stdout)
    if answer is None:
        return Attempted(False, _explain_silence(completed), False)
    return Attempted(answer.get("ok") is True, str(answer.get("error", "")), answer.get("is_ended") is True)


def read_answer(action: str, completed: Completed) -> dict[str, Any]:
    """The answer of a request that was carried out.

    Raises `MigrationFailed` when the repository's code raised or was stopped, `MissingSettings` when it asked for
    environment variables that are not there, and the other `MigrationSetupError`s when the set-up cannot be used.
    """
    output = completed.stderr[-MAX_OUTPUT_CHARACTERS:]
    answer = _parse(completed.stdout)
    if answer is None:
        raise MigrationFailed(action, None, _explain_silence(completed), output)
    if answer.get("ok") is not True:
        raise _read_error(action, answer, output)
    return {**answer, "output": output, "duration_seconds": completed.duration_seconds}


def _parse(text: str) -> dict[str, Any] | None:
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _explain_silence(completed: Completed) -> str:
    if completed.timed_out:
        return f"stopped after {completed.duration_seconds:.0f} seconds"
    if completed.exceeded is not None:
        return f"stopped: over the limit of {completed.exceeded}"
    last = completed.stderr.strip().splitlines()[-1:] or ["no output"]
    return f"the process ended with status {completed.returncode} and no answer: {last[0][:500]}"


def _read_error(action: str, answer: dict[str, Any], output: str) -> MigrationError:
    message, trace = str(answer.get("error", "")), str(answer.get("traceback", ""))
    if answer.get("kind") == "missing_x":
        return MissingArgument(message.partition(": ")[2])
    if answer.get("kind") in _HINTS:
        kind, hint = _HINTS[answer["kind"]]
        return kind(f"{message.partition(': ')[2]}; {hint} (.github/specwright.yml)")
    told = answer.get("missing")
    missing = tuple(map(str, told)) if isinstance(told, list) and told else find_missing_variables(message, trace)
    if missing:
        return MissingSettings(missing)
    revision = answer.get("failed_revision")
    if re.search(_NO_SCHEMA, message):
        message += _SCHEMA_HINT
    return MigrationFailed(action, None if revision is None else str(revision), message, f"{output}\n{trace}".strip())


def find_missing_variables(message: str, trace: str) -> tuple[str, ...]:
    """Environment variables that the repository's code asked for in vain, from its own error."""
    match = re.match(r"KeyError: '(\w+)'$", message)
    if match and re.search(r"<frozen os>|[/\\]os\.py", trace):
        return (match[1],)
    found = (re.match(pattern, message) for pattern in _UNSET)
    return tuple(match[1] for match in found if match)[:1]
