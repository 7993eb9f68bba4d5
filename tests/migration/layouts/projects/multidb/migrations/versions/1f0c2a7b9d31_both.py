"""Customers in one database, items in the other"""

from alembic import op
import sqlalchemy as sa

revision = "1f0c2a7b9d31"
down_revision = None
branch_labels = None
depends_on = None


def upgrade(engine_name: str) -> None:
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name: str) -> None:
    globals()["downgrade_%s" % engine_name]()


def upgrade_engine1() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_email", "customers", ["email"])


def downgrade_engine1() -> None:
    op.drop_table("customers")


def upgrade_engine2() -> None:
    op.create_table("items", sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True))


def downgrade_engine2() -> None:
    op.drop_table("items")
