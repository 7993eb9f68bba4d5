"""The tables of the bot's own database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware point in time. SQLite keeps no zone, so what comes back is marked as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The time in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """The time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """The base of the bot's tables."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: sa.JSON(none_as_null=True),
        list[str]: sa.JSON,
        str: sa.Text,
    }


class InstallationRow(Model):
    """An installation of the App on an account."""

    __tablename__ = "installations"

    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    account: Mapped[str]
    repositories: Mapped[list[str]]
    removed: Mapped[datetime | None]


class DeliveryRow(Model):
    """A webhook delivery, kept whole so that it can be taken through again."""

    __tablename__ = "deliveries"
    id: Mapped[str] = mapped_column(primary_key=True)
    event: Mapped[str]
    action: Mapped[str | None]
    installation_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    repository: Mapped[str | None]
    payload: Mapped[bytes]
    state: Mapped[str]
    received: Mapped[datetime] = mapped_column(index=True)
    due: Mapped[datetime | None] = mapped_column(index=True)
    attempts: Mapped[int]
    error: Mapped[str | None]


class RunRow(Model):
    """One attempt at a spec. The partial index holds "one run at a time per issue" whatever the code does."""

    __tablename__ = "runs"
    __table_args__ = (
        sa.Index(
            "uq_runs_active_issue",
            "repository",
            "issue",
            unique=True,
            postgresql_where=sa.text("status IN ('queued', 'running')"),
            sqlite_where=sa.text("status IN ('queued', 'running')"),
        ),
        sa.Index(None, "status", "lease_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    repository: Mapped[str]
    installation_id: Mapped[int] = mapped_column(sa.BigInteger)
    issue: Mapped[int]
    delivery_id: Mapped[str] = mapped_column(sa.ForeignKey("deliveries.id"), unique=True)
    actor: Mapped[str]
    actor_id: Mapped[int] = mapped_column(sa.BigInteger)
    title: Mapped[str]
    body: Mapped[str]
    label: Mapped[str]
    status: Mapped[str]
    detail: Mapped[str | None]
    base_branch: Mapped[str | None]
    base_commit: Mapped[str | None]
    branch: Mapped[str | None]
    head_commit: Mapped[str | None]
    cancel_reason: Mapped[str | None]
    notices: Mapped[list[str]]
    attempts: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created: Mapped[datetime]
    ended: Mapped[datetime | None]


class StepRow(Model):
    """A step of a run and what it produced."""

    __tablename__ = "steps"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    attempts: Mapped[int]
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    output: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]


class EntryRow(Model):
    """A line of the transcript of what a model was told, answered and did in a run. Only ever added to."""

    __tablename__ = "transcript"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    conversation: Mapped[str]
    kind: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    duration_seconds: Mapped[float] = mapped_column(sa.Double)
    created: Mapped[datetime]


class DecisionRow(Model):
    """Whether somebody was allowed a slash-command, why, and what came of it: kept for ever, changed only once."""

    __tablename__ = "decisions"
    __table_args__ = (
        sa.UniqueConstraint("delivery_id", "position"),
        sa.Index(None, "repository", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[str] = mapped_column(sa.ForeignKey("deliveries.id"))
    position: Mapped[int]
    actor: Mapped[str]
    actor_id: Mapped[int] = mapped_column(sa.BigInteger)
    repository: Mapped[str]
    number: Mapped[int]
    comment_id: Mapped[int] = mapped_column(sa.BigInteger)
    command: Mapped[str]
    arguments: Mapped[str]
    allowed: Mapped[bool]
    reason: Mapped[str]
    made: Mapped[datetime]
    outcome: Mapped[str | None]


class PullRequestRow(Model):
    """A pull request that the bot opened."""

    __tablename__ = "pull_requests"

    repository: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("runs.id"), index=True)
    url: Mapped[str]
    branch: Mapped[str]
    head_sha: Mapped[str]


class DriftCheckRow(Model):
    """A drift check of a repository. The partial index has at most one wait: it will look at the newest head anyway."""

    __tablename__ = "drift_checks"
    __table_args__ = (
        sa.UniqueConstraint("repository", "cause"),
        sa.Index(
            "uq_drift_checks_waiting",
            "repository",
            unique=True,
            postgresql_where=sa.text("status = 'queued'"),
            sqlite_where=sa.text("status = 'queued'"),
        ),
        sa.Index(None, "status", "lease_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    repository: Mapped[str]
    installation_id: Mapped[int] = mapped_column(sa.BigInteger)
    cause: Mapped[str]
    status: Mapped[str]
    detail: Mapped[str | None]
    commit: Mapped[str | None]
    counts: Mapped[dict[str, Any] | None]
    snapshots: Mapped[dict[str, Any] | None]
    since: Mapped[dict[str, Any] | None]
    attempts: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    created: Mapped[datetime]
    ended: Mapped[datetime | None]


class DriftScheduleRow(Model):
    """When a repository is to be checked for drift, as its config said when it was last read."""

    __tablename__ = "drift_schedules"

    repository: Mapped[str] = mapped_column(primary_key=True)
    installation_id: Mapped[int] = mapped_column(sa.BigInteger)
    cron: Mapped[str | None]
    time_zone: Mapped[str]
    due: Mapped[datetime | None] = mapped_column(index=True)
    read: Mapped[datetime]


class SnapshotRow(Model):
    """The newest snapshot that was sent of a database which the bot does not reach."""

    __tablename__ = "snapshots"

    repository: Mapped[str] = mapped_column(primary_key=True)
    environment: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    received: Mapped[datetime]
