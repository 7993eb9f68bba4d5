from alembic import context
from sqlalchemy import engine_from_config, pool, text

from models import Base

config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
with engine.connect() as connection:
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS shop"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        version_table_schema="shop",
        version_table="revisions",
    )
    with context.begin_transaction():
        context.run_migrations()
