"""Status of customers"""

from alembic import op
import sqlalchemy as sa

revision = "8b1f2a7b9d11"
down_revision = "2b9d311f0c2a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sa.Enum("new", "known", name="customer_status").create(op.get_bind())
    status = sa.dialects.postgresql.ENUM("new", "known", name="customer_status", create_type=False)
    op.add_column("customers", sa.Column("status", status, nullable=False, server_default="new"))


def downgrade() -> None:
    op.drop_column("customers", "status")
    sa.Enum("new", "known", name="customer_status").drop(op.get_bind())
