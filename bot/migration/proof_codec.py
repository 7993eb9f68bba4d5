"""A proof as JSON and back: it is stored with the step that made it, and read again for the pull request."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from bot.migration.alembic_runner import RanStatement
from bot.migration.contents import Loss
from bot.migration.kills import Kills
from bot.migration.proof_result import Proof, ProofStep
from bot.migration.way import Way
from bot.schema import model
from bot.schema.change import Change

_PARTS: dict[str, Any] = {
    "schema": str,
    "extension": str,
    "domain": model.Domain,
    "enum": model.Enum,
    "sequence": model.Sequence,
    "function": model.Function,
    "table": model.Table,
    "column": model.Column,
    "column_order": tuple[str, ...],
    "primary_key": model.PrimaryKey,
    "unique": model.Unique,
    "check": model.Check,
    "exclusion": model.Exclusion,
    "foreign_key": model.ForeignKey,
    "index": model.Index,
    "view": model.View,
    "trigger": model.Trigger,
    "other": model.Other,
}
_CHANGES = ("changes", "mismatch", "leftover")


def to_json(proof: Proof) -> dict[str, Any]:
    """The proof as what `json.dumps` takes. `ok`, `reversible` and `lossy` are written too, for other readers."""
    content = asdict(proof)
    return {**content, "ok": proof.ok, "reversible": proof.reversible, "lossy": proof.lossy}


def from_json(content: dict[str, Any]) -> Proof:
    """The proof again, equal to the one that was written. Raises `pydantic.ValidationError` for anything else.

    One that was stored before statements were observed has nothing of that.
    """
    changes = {name: tuple(_read_change(item) for item in content[name]) for name in _CHANGES}
    return Proof(
        base_revision=content["base_revision"],
        revisions=tuple(content["revisions"]),
        steps=_adapter(tuple[ProofStep, ...]).validate_python(content["steps"]),
        lost=_adapter(tuple[Loss, ...]).validate_python(content["lost"]),
        rows=dict(content["rows"]),
        unfilled=tuple((str(table), str(reason)) for table, reason in content["unfilled"]),
        upgrade_sql=content["upgrade_sql"],
        downgrade_sql=content["downgrade_sql"],
        server_version=content["server_version"],
        upgrade=_adapter(Way).validate_python(content.get("upgrade", {})),
        downgrade=_adapter(Way).validate_python(content.get("downgrade", {})),
        kills=_adapter(Kills).validate_python(content.get("kills", {})),
        statements=_adapter(tuple[RanStatement, ...]).validate_python(content.get("statements", ())),
        **changes,
    )


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _read_change(item: dict[str, Any]) -> Change:
    part = _adapter(_PARTS[item["kind"]])
    before, after = (None if item[name] is None else part.validate_python(item[name]) for name in ("before", "after"))
    return Change(item["action"], item["kind"], item["schema"], item["name"], before, after, item["table"])
