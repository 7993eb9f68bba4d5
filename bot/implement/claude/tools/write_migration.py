"""Write the revisions of this change anew, from the models as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.implement.claude.place import Place
from bot.implement.claude.tools.result import ToolResult

DEFINITION = {
    "name": "write_migration",
    "description": (
        "Writes the revisions of this change anew from the models as they are now. For what the spec says in words and "
        "its data model leaves out: another column, table, index or constraint, which you have added to the models. It "
        "takes additions only; what the spec's data model states stays. Edits of yours in those revisions are lost, so "
        "make them afterwards. Then call prove_migration."
    ),
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
}


def run(place: Place, given: Mapping[str, Any]) -> ToolResult:
    """Writes them. Raises `ToolError` when the models take away or change what the spec states."""
    written = place.write_migration()
    return ToolResult(
        "\n".join([f"{path} is written" for path in written.files] + [f"added: {line}" for line in written.additions]),
        kept=written.kept,
    )
