"""The run's API, tried as it stands: which document it is held to, and where."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from bot.implement.claude.tools.result import ToolError
from bot.migration.errors import MigrationError
from bot.spec.model import Endpoint
from bot.workspace.api_check import ApiReport, check_api, ensure_tools
from bot.workspace.environment import EnvironmentFailed
from bot.workspace.openapi import list_applications
from jobs.context import RunContext
from jobs.run_tests import ask_openapi, render_values

_PARAMETER = re.compile(r"\{[^/{}]*\}|<[^/<>]*>")


def try_api(context: RunContext) -> ApiReport:
    """What schemathesis finds. Afterwards the tree is not fresh. Raises `ToolError` when there is nothing to try."""
    applications = list_applications(context.tree.path)
    if not applications:
        raise ToolError("there is no application to start: a FastAPI that is made at the top of a module")
    document, is_stated = _choose_document(context)
    try:
        tools = ensure_tools(context.parts.sandbox, context.parts.settings.data_dir.absolute() / "api-tools")
    except EnvironmentFailed as error:
        raise ToolError(f"schemathesis cannot be installed here: {error}") from error
    bench = context.bench
    with context.scratch_database(context.base.template) as database:
        try:
            bench.runner.upgrade(database, "heads")
        except MigrationError as error:
            raise ToolError(f"the schema cannot be brought up: {error}") from error
        values = render_values(context, database)
        return check_api(bench.workspace, tools, database, values, applications[0], document, is_stated=is_stated)


def _choose_document(context: RunContext) -> tuple[Mapping[str, Any], bool]:
    """The spec's, or what the application says of the endpoints that the spec names; whether people wrote it."""
    if context.spec.openapi is not None:
        return context.spec.openapi, True
    own = ask_openapi(context)
    if own is None:
        raise ToolError("the application cannot be imported, or gives no OpenAPI document")
    cut = keep_endpoints(own, context.spec.endpoints)
    if not cut["paths"]:
        raise ToolError("none of the spec's endpoints is in the application's OpenAPI document")
    return cut, False


def keep_endpoints(document: Mapping[str, Any], endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The document with those operations only; with all of them when there are no endpoints to go by."""
    asked = {(endpoint.method.lower(), _normalise(endpoint.path)) for endpoint in endpoints}
    paths = {
        path: {key: value for key, value in item.items() if not asked or (key, _normalise(path)) in asked}
        for path, item in dict(document["paths"]).items()
    }
    return {**document, "paths": {path: item for path, item in paths.items() if item}}


def _normalise(path: str) -> str:
    """Names of parameters and a slash at the end do not count."""
    return _PARAMETER.sub("{}", path).rstrip("/")
