"""Function, trigger and view"""

from alembic import op

from entities import keep_lower, lower_email, rich

revision = "7a1f2a7b9d11"
down_revision = "2b9d311f0c2a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_entity(lower_email)
    op.create_entity(keep_lower)
    op.create_entity(rich)


def downgrade() -> None:
    op.drop_entity(rich)
    op.drop_entity(keep_lower)
    op.drop_entity(lower_email)
