"""What the parts of the store share: they are the methods of one store on one engine, kept in a file a table."""

from __future__ import annotations

import sqlalchemy as sa


class Table:
    """The queries of one table. Values go in and out, never rows that are bound to a session."""

    engine: sa.Engine

    def _update(self, statement: sa.Update) -> bool:
        with self.engine.begin() as connection:
            return connection.execute(statement).rowcount > 0
