"""Drift schedules: when each repository is to be checked next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drift_schedules",
        sa.Column("repository", sa.Text(), nullable=False),
        sa.Column("installation_id", sa.BigInteger(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("repository", name=op.f("pk_drift_schedules")),
    )
    op.create_index(op.f("ix_drift_schedules_due"), "drift_schedules", ["due"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_drift_schedules_due"), table_name="drift_schedules")
    op.drop_table("drift_schedules")
