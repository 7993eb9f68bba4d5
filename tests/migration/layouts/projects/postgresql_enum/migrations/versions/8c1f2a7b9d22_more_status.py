"""One status more"""

from alembic import op
from alembic_postgresql_enum import TableReference

revision = "8c1f2a7b9d22"
down_revision = "8b1f2a7b9d11"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.sync_enum_values(
        enum_schema="public",
        enum_name="customer_status",
        new_values=["new", "known", "gone"],
        affected_columns=[TableReference("customers", "status", existing_server_default="'new'::customer_status")],
        enum_values_to_rename=[],
    )


def downgrade() -> None:
    op.sync_enum_values(
        enum_schema="public",
        enum_name="customer_status",
        new_values=["new", "known"],
        affected_columns=[TableReference("customers", "status", existing_server_default="'new'::customer_status")],
        enum_values_to_rename=[],
    )
