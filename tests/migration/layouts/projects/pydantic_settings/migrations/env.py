from alembic import context
from sqlalchemy import create_engine

from models import Base
from settings import settings

with create_engine(str(settings.database_url)).connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
