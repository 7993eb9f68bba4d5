"""Parcels, a line of revisions of its own"""

from alembic import op
import sqlalchemy as sa

revision = "3c0f2a7b9d99"
down_revision = None
branch_labels = ("shipping",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parcels",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parcels"),
    )


def downgrade() -> None:
    op.drop_table("parcels")
