from alembic import context

import shop

with shop.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=shop.Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
