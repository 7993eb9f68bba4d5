"""Nickname, written at the same time as the points"""

from alembic import op
import sqlalchemy as sa

revision = "4d1f2a7b9d11"
down_revision = "1f0c2a7b9d31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("nickname", sa.Text()))


def downgrade() -> None:
    op.drop_column("customers", "nickname")
