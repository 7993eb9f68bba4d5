"""Customers"""

from alembic import op
import sqlalchemy as sa

revision = "1f0c2a7b9d31"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pkc__customers"),
    )
    op.create_index("idx__customers__email", "customers", ["email"])


def downgrade() -> None:
    op.drop_index("idx__customers__email", "customers")
    op.drop_table("customers")
