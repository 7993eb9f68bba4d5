from alembic import context
from sqlalchemy import MetaData, engine_from_config, pool

config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=MetaData(), transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
