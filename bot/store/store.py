"""The store: one engine, a part for each table."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bot.store.deliveries import Deliveries
from bot.store.engine import make_engine
from bot.store.installations import Installations
from bot.store.pull_requests import PullRequests
from bot.store.runs import Runs
from bot.store.steps import Steps


@dataclass(frozen=True, slots=True)
class Store:
    """The bot's own database. Open one in each process: connections are not shared across a fork."""

    engine: sa.Engine
    installations: Installations
    deliveries: Deliveries
    runs: Runs
    steps: Steps
    pull_requests: PullRequests

    @classmethod
    def open(cls, url: str) -> Store:
        """A store on that database. Connects when it is first used; `bot.store.upgrade` makes the tables."""
        engine = make_engine(url)
        return cls(engine, Installations(engine), Deliveries(engine), Runs(engine), Steps(engine), PullRequests(engine))

    def check(self) -> None:
        """Raises SQLAlchemy's error when the database does not answer."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()
