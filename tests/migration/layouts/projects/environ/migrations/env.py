import os

from alembic import context
from sqlalchemy import create_engine

from models import Base

STAGE = os.environ["SHOP_STAGE"]
with create_engine(os.environ["SHOP_DB_URI"]).connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
