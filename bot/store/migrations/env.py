"""Alembic's environment for the bot's own database: always on the connection that `bot.store.upgrade` hands in."""

from __future__ import annotations

from alembic import context

from bot.store.models import Model

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Model.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
