"""What everything in the playground stands on: the state on disk, the clock, the address, the webhooks' sender."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bot.playground.bare import Bare
from bot.playground.faults import Faults
from bot.playground.tables import Account, Issue, Repository, Table
from bot.store.engine import make_engine


def read_clock() -> datetime:
    """Now. Answers show whole seconds; what happened in the same second keeps its order."""
    return datetime.now(UTC)


@dataclass
class Site:
    """One GitHub. Its state survives a restart; `url` is where people and git reach it."""

    directory: Path
    url: str = "http://127.0.0.1"
    clock: Callable[[], datetime] = read_clock
    token_lifetime: timedelta = timedelta(hours=1)
    delivery_timeout_seconds: float = 10  # https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks
    faults: Faults = field(default_factory=Faults)
    on_commit: Callable[[], None] = lambda: None
    lock: threading.Lock = field(default_factory=threading.Lock)
    push_locks: dict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self.engine: sa.Engine = make_engine(f"sqlite:///{self.directory.absolute() / 'playground.db'}")
        # After a power cut the last changes may be missing here; a playground need not wait for the disk each time.
        sa.event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = NORMAL"))
        Table.metadata.create_all(self.engine)

    @property
    def api_url(self) -> str:
        """The REST API's base, as on an Enterprise server."""
        return f"{self.url}/api/v3"

    @contextmanager
    def open(self) -> Iterator[Work]:
        """A piece of work on the state: kept as a whole or, when an exception passes, not at all.

        One at a time. Webhooks leave after it was kept, never before.
        """
        with self.lock:
            with Session(self.engine, expire_on_commit=False) as session, session.begin():
                work = Work(self, session)
                yield work
            if work.has_deliveries:
                self.on_commit()

    def get_bare(self, repository: Repository) -> Bare:
        """The git repository of a repository. Its folder is named by id: names may be anything."""
        return Bare(self.directory / "repositories" / f"{repository.id}.git")

    def close(self) -> None:
        """Lets go of the database."""
        self.engine.dispose()


@dataclass
class Work:
    """A transaction and the few questions that everybody asks. `memo` keeps what lists ask for again and again."""

    site: Site
    session: Session
    has_deliveries: bool = False
    memo: dict[object, Any] = field(default_factory=dict)

    def now(self) -> datetime:
        """The time."""
        return self.site.clock()

    def add(self, *rows: Table) -> None:
        """Adds rows and gives them their ids."""
        self.session.add_all(rows)
        self.session.flush()

    def find_account(self, login: str) -> Account | None:
        """The account of that login, whatever its case."""
        return self.session.scalar(sa.select(Account).where(Account.login == login))

    def find_repository(self, owner: str, name: str) -> Repository | None:
        """The repository of that name, whatever its case."""
        query = sa.select(Repository).join(Account).where(Account.login == owner, Repository.name == name)
        return self.session.scalar(query)

    def find_issue(self, repository: Repository, number: int) -> Issue | None:
        """The issue or pull request of that number; one that was deleted, too."""
        query = sa.select(Issue).where(Issue.repository_id == repository.id, Issue.number == number)
        return self.session.scalar(query)

    def list_repositories(self) -> list[Repository]:
        """All repositories, by name."""
        query = sa.select(Repository).join(Account).order_by(Account.login, Repository.name)
        return list(self.session.scalars(query))

    def get_bare(self, repository: Repository) -> Bare:
        """The git repository of a repository."""
        return self.site.get_bare(repository)
