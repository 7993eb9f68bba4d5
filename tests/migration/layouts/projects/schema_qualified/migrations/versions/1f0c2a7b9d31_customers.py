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
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        schema="shop",
    )
    op.create_index("ix_customers_email", "customers", ["email"], schema="shop")


def downgrade() -> None:
    op.drop_index("ix_customers_email", "customers", schema="shop")
    op.drop_table("customers", schema="shop")
