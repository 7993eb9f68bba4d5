"""The migrations of this project are SQL that the operators run: no connection is ever opened."""

from alembic import context

from models import Base

context.configure(
    url=context.config.get_main_option("sqlalchemy.url"),
    target_metadata=Base.metadata,
    literal_binds=True,
    dialect_opts={"paramstyle": "named"},
)
with context.begin_transaction():
    context.run_migrations()
