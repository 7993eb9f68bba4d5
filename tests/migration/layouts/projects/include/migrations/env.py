from alembic import context
from sqlalchemy import engine_from_config, pool

from models import Base

config = context.config


def include_name(name, type_, parent_names):
    return type_ != "schema" or name in (None, "audit")


def include_object(object_, name, type_, reflected, compare_to):
    return not (type_ == "table" and name.startswith("legacy_"))


engine = engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_schemas=True,
        include_name=include_name,
        include_object=include_object,
    )
    with context.begin_transaction():
        context.run_migrations()
