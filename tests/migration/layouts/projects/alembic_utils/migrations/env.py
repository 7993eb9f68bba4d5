from alembic import context
from alembic_utils.replaceable_entity import register_entities
from sqlalchemy import engine_from_config, pool

from entities import ENTITIES
from models import Base

register_entities(ENTITIES)
config = context.config
engine = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
