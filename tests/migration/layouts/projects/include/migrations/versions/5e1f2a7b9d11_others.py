"""Tables that no model knows, and one in another schema"""

from alembic import op
import sqlalchemy as sa

revision = "5e1f2a7b9d11"
down_revision = "2b9d311f0c2a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA audit")
    op.execute("CREATE SCHEMA warehouse")
    op.create_table("entries", sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True), schema="audit")
    op.create_table("stock", sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True), schema="warehouse")
    op.create_table("legacy_orders", sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True))


def downgrade() -> None:
    op.drop_table("legacy_orders")
    op.execute("DROP SCHEMA warehouse CASCADE")
    op.execute("DROP SCHEMA audit CASCADE")
