"""The store: one engine, and the queries of every table as its methods."""

from __future__ import annotations

from bot.store.decisions import DecisionQueries
from bot.store.deliveries import DeliveryQueries
from bot.store.drift_checks import DriftCheckQueries
from bot.store.drift_schedules import DriftScheduleQueries
from bot.store.engine import make_engine
from bot.store.installations import InstallationQueries
from bot.store.leases import LeaseQueries
from bot.store.pull_requests import PullRequestQueries
from bot.store.runs import RunQueries
from bot.store.snapshots import SnapshotQueries
from bot.store.steps import StepQueries
from bot.store.transcript import TranscriptQueries


class Store(
    DeliveryQueries,
    InstallationQueries,
    RunQueries,
    LeaseQueries,
    StepQueries,
    TranscriptQueries,
    PullRequestQueries,
    DecisionQueries,
    DriftCheckQueries,
    DriftScheduleQueries,
    SnapshotQueries,
):
    """The bot's own database. Open one in each process: connections are not shared across a fork.

    Connects when it is first used; `bot.store.upgrade.upgrade(store.engine)` makes the tables. `runs_per_repository`
    is how many runs of one repository may hold a lease at the same time.
    """

    def __init__(self, url: str, *, runs_per_repository: int = 2) -> None:
        self.engine = make_engine(url)
        self.runs_per_repository = runs_per_repository

    def check(self) -> None:
        """Raises SQLAlchemy's error when the database does not answer."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()
