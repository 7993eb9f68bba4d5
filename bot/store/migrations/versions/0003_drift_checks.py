"""Drift checks: what each found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WAITING = sa.text("status = 'queued'")


def upgrade() -> None:
    op.create_table(
        "drift_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("commit", sa.Text(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=True),
        sa.Column("snapshots", sa.JSON(), nullable=True),
        sa.Column("since", sa.JSON(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift_checks")),
        sa.UniqueConstraint("repository", "cause", name=op.f("uq_drift_checks_repository_cause")),
    )
    op.create_index(
        "uq_drift_checks_waiting",
        "drift_checks",
        ["repository"],
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(op.f("ix_drift_checks_status_lease_until"), "drift_checks", ["status", "lease_until"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_drift_checks_status_lease_until"), table_name="drift_checks")
    op.drop_index("uq_drift_checks_waiting", table_name="drift_checks", postgresql_where=WAITING, sqlite_where=WAITING)
    op.drop_table("drift_checks")
