"""isbn and stock of books

Revision ID: c57e0d3a9b46
Revises: 8d24b6c0f1a9
Create Date: 2025-11-28 11:05:47.338120

"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

# revision identifiers, used by Alembic.
revision: str = "c57e0d3a9b46"
down_revision: str | None = "8d24b6c0f1a9"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("books", sa.Column("isbn", sa.String(length=13), nullable=True))
    op.add_column("books", sa.Column("stock", sa.Integer(), server_default="0", nullable=False))
    op.create_unique_constraint(op.f("uq_books_isbn"), "books", ["isbn"])
    op.create_check_constraint(op.f("ck_books_stock_not_negative"), "books", "stock >= 0")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_books_stock_not_negative"), "books", type_="check")
    op.drop_constraint(op.f("uq_books_isbn"), "books", type_="unique")
    op.drop_column("books", "stock")
    op.drop_column("books", "isbn")
