from alembic import context
from sqlalchemy import engine_from_config, pool, text

from models import Base

config = context.config
tenant = context.get_x_argument(as_dictionary=True)["tenant"]
engine = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
with engine.connect().execution_options(schema_translate_map={None: tenant}) as connection:
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{tenant}"'))
    connection.execute(text(f'SET search_path TO "{tenant}"'))  # ALTER TABLE of Alembic's does not pass the map
    connection.commit()
    context.configure(connection=connection, target_metadata=Base.metadata, version_table_schema=tenant)
    with context.begin_transaction():
        context.run_migrations()
