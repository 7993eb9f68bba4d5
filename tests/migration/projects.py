"""Small Alembic projects in the layouts that repositories have, written to a folder."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

MAKO = '''"""${message}"""
from alembic import op
import sqlalchemy as sa
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
'''

INI = """
[alembic]
script_location = migrations
sqlalchemy.url = driver://user:pass@localhost/dbname
"""

ENV_FROM_INI = """
from alembic import context
from sqlalchemy import engine_from_config, pool
from models import Base

config = context.config

def run(connection):
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()

if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    options = config.get_section(config.config_ini_section, {})
    engine = engine_from_config(options, prefix="sqlalchemy.", poolclass=pool.NullPool)
    with engine.connect() as connection:
        run(connection)
"""

MODELS = """
import enum
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s"})

class Status(enum.Enum):
    new = "new"
    paid = "paid"

class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.Text, index=True)
    status: Mapped[Status]
"""

FIRST = """
import sqlalchemy as sa
from alembic import op
revision = "a1"
down_revision = None

def upgrade():
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer, sa.Identity(), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
    )
    op.create_index("ix_customers_email", "customers", ["email"])

def downgrade():
    op.drop_table("customers")
"""

SECOND = """
import sqlalchemy as sa
from alembic import op
revision = "a2"
down_revision = "a1"

def upgrade():
    op.add_column("customers", sa.Column("points", sa.Integer, server_default="0", nullable=False))

def downgrade():
    op.drop_column("customers", "points")
"""


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write each file below `root`; common indentation is taken off. Returns `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    return root


def plain_project(root: Path, files: Mapping[str, str] | None = None) -> Path:
    """alembic.ini, an env.py that reads the ini's URL, two revisions; `files` replaces or adds."""
    standard = {
        "alembic.ini": INI,
        "models.py": MODELS,
        "migrations/env.py": ENV_FROM_INI,
        "migrations/script.py.mako": MAKO,
        "migrations/versions/a1_first.py": FIRST,
        "migrations/versions/a2_second.py": SECOND,
    }
    return write_files(root, {**standard, **(files or {})})


def revision(number: str, down: str | None, upgrade: str, downgrade: str) -> str:
    """The text of a revision file with these bodies (each a few lines of Python)."""
    return (
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f"revision = {number!r}\ndown_revision = {down!r}\n\n"
        f"def upgrade():\n{_body(upgrade)}\n\ndef downgrade():\n{_body(downgrade)}\n"
    )


def _body(text: str) -> str:
    return textwrap.indent(textwrap.dedent(text).strip() or "pass", "    ")
