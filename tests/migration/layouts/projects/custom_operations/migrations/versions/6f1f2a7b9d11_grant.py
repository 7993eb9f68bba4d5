"""Everybody may read customers"""

from alembic import op

revision = "6f1f2a7b9d11"
down_revision = "2b9d311f0c2a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.grant_select("customers")


def downgrade() -> None:
    op.revoke_select("customers")
