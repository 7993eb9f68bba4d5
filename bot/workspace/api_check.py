"""An application's API tried by schemathesis, against an OpenAPI document: in the sandbox, on its own loopback."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.config import RepositoryConfig
from bot.workspace.databases import Database
from bot.workspace.environment import Environment, ensure_environment
from bot.workspace.process import MIB, Limits
from bot.workspace.sandbox import Sandbox
from bot.workspace.workspace import Workspace

TOOLS = Path(__file__).parent / "api_tools"
LIMITS = Limits(timeout_seconds=300, output_bytes=4 * MIB)
DOES_NOT_SERVE = 70  # api_tools/driver.py
OPTIONS = (
    *("--seed", "1", "--max-examples", "30", "--request-timeout", "10"),
    *("--continue-on-failure", "--max-failures", "20", "--no-color", "--warnings", "off"),
)
# Of a document that people wrote everything must hold. What a framework writes by itself leaves out the errors that the
# code raises, so there only its own promises count.
STATED = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth"
OWN = "not_a_server_error,response_schema_conformance,ignored_auth"


@dataclass(frozen=True, slots=True)
class ApiReport:
    """What schemathesis found, for a person or a model to read."""

    ok: bool
    text: str


def ensure_tools(sandbox: Sandbox, cache_dir: Path) -> Environment:
    """The environment with schemathesis and a server, built once. Raises `EnvironmentFailed`."""
    return ensure_environment(TOOLS, RepositoryConfig(install=("requirements.txt",)), sandbox, cache_dir)


def check_api(
    workspace: Workspace,
    tools: Environment,
    database: Database,
    env: Mapping[str, str],
    application: str,
    document: Mapping[str, Any],
    *,
    is_stated: bool,
) -> ApiReport:
    """Tries the `application` (module:variable) against the document; `is_stated`: people wrote it.

    `env` names the database. Raises `SandboxUnavailable`.
    """
    plan = {
        "application": application,
        "python": str(workspace.environment.python),
        "packages": str(_find_packages(tools)),
        "document": document,
        "options": [*OPTIONS, "--checks", STATED if is_stated else OWN],
    }
    with tempfile.TemporaryDirectory(prefix="api-") as folder:
        path = Path(folder) / "plan.json"
        path.write_text(json.dumps(plan))
        argv = [str(tools.python), "-I", str(TOOLS / "driver.py"), str(path)]
        readable = [TOOLS, Path(folder), tools.root, *tools.interpreter_paths]
        done = workspace.run(argv, database, env=env, limits=LIMITS, readable=readable)
    text = f"{done.stdout}\n{done.stderr}".strip()
    if done.timed_out:
        text += f"\nstopped after {LIMITS.timeout_seconds:.0f} seconds"
    return ApiReport(done.ok, text)


def _find_packages(tools: Environment) -> Path:
    """Where its packages are: https://docs.python.org/3/library/sysconfig.html#posix-prefix."""
    return next((tools.root / "lib").glob("python3*/site-packages"))
