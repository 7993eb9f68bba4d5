"""e-mail addresses are unique whatever their case

Revision ID: e9a1f4427c83
Revises: c57e0d3a9b46
Create Date: 2026-01-19 08:51:20.660437

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "e9a1f4427c83"
down_revision: str | None = "c57e0d3a9b46"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_customers_email_lower", "customers", [sa.literal_column("lower(email)")], unique=True
    )


def downgrade() -> None:
    op.drop_index("ix_customers_email_lower", table_name="customers")
