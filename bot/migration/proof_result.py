"""What a proof found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.migration.alembic_runner import RanStatement
from bot.migration.contents import Loss
from bot.migration.kills import Kills
from bot.migration.way import Way
from bot.schema.change import Change


@dataclass(frozen=True, slots=True)
class ProofStep:
    """One step; `detail` says what was found, in a few lines."""

    name: str
    ok: bool
    duration_seconds: float
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found. A step that failed is the last one, but for a target or a start that is not met.

    `changes` leads from the base to the upgraded schema, `mismatch` from the upgraded schema to the target, `leftover`
    from the base to what the downgrade left. `rows` counts the rows of each table before the upgrade; `unfilled` are
    the tables that could not be given any, and why. `upgrade` and `downgrade` tell what was seen statement by
    statement, `kills` what became of the migration when its session was ended on the way; `statements` are those of the
    first upgrade, as in `upgrade_sql`.
    """

    base_revision: str | None
    revisions: tuple[str, ...]
    steps: tuple[ProofStep, ...]
    changes: tuple[Change, ...]
    mismatch: tuple[Change, ...]
    leftover: tuple[Change, ...]
    lost: tuple[Loss, ...]
    rows: Mapping[str, int]
    unfilled: tuple[tuple[str, str], ...]
    upgrade_sql: str
    downgrade_sql: str
    server_version: str
    upgrade: Way = field(default_factory=Way)
    downgrade: Way = field(default_factory=Way)
    kills: Kills = field(default_factory=Kills)
    statements: tuple[RanStatement, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every step held. A loss that the change itself states does not fail it, see `lossy`."""
        return bool(self.steps) and all(step.ok for step in self.steps)

    @property
    def reversible(self) -> bool:
        """Whether the downgrade ran, led to the start's schema, and the upgrade could be run again."""
        names = {step.name for step in self.steps if step.ok}
        return {"downgrade", "start restored", "upgrade again"} <= names

    @property
    def lossy(self) -> bool:
        """Whether values are gone after the way up and down: needs a person's explicit tick."""
        return bool(self.lost)
