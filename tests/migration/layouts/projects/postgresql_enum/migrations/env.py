import alembic_postgresql_enum  # noqa: F401 (registers op.sync_enum_values)
from alembic import context
from sqlalchemy import engine_from_config, pool

from models import Base

config = context.config


def run() -> None:
    engine = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()


run()
