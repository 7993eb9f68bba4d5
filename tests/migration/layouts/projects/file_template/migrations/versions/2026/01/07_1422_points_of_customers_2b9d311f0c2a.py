"""Points of customers"""

from alembic import op
import sqlalchemy as sa

revision = "2b9d311f0c2a"
down_revision = "1f0c2a7b9d31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("points", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("customers", "points")
