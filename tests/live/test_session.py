"""A live database is asked read-only and with short patience; what is wrong is said without any secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from bot.live.session import LiveUnavailable, open_live
from bot.workspace.databases import ScratchServer

PASSWORD = "hunter2-of-production"
NOWHERE = f"postgresql://ada:{PASSWORD}@127.0.0.1:1/shop"


@pytest.fixture
def engine(fresh_database: Callable[[], sa.Engine]) -> sa.Engine:
    engine = fresh_database()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE orders (id integer)")
    return engine


@pytest.fixture
def url(engine: sa.Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@pytest.fixture
def guarded(scratch_server: ScratchServer) -> Iterator[sa.URL]:
    """A database whose server asks for a password."""
    database = scratch_server.create()
    yield sa.make_url(database.url())
    scratch_server.drop(database)


def ask(url: str, statement: str, seconds: float = 5) -> None:
    with open_live(url, seconds) as connection:
        connection.exec_driver_sql(statement)


def test_nothing_can_be_written(url: str, engine: sa.Engine) -> None:
    with pytest.raises(LiveUnavailable, match="the server answers with error 25006"):  # read_only_sql_transaction
        ask(url, "INSERT INTO orders VALUES (1)")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM orders").scalar_one() == 0


def test_a_long_answer_is_not_waited_for(url: str) -> None:
    with pytest.raises(LiveUnavailable, match="the answer took longer than the time limit"):
        ask(url, "SELECT pg_sleep(60)", 0.05)


def test_a_locked_table_is_not_waited_for(url: str, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("LOCK TABLE orders")
        with pytest.raises(LiveUnavailable, match="a table is locked for longer than a second"):
            ask(url, "SELECT pg_table_size('orders')")


def test_what_is_wrong_is_said_without_secrets(guarded: sa.URL) -> None:
    wrong = {
        guarded.set(password=PASSWORD): "the user or the password is refused",
        guarded.set(database="nowhere"): "there is no such database or user",
        NOWHERE: "it cannot be reached",
        NOWHERE + "?sslrootcert=/nowhere&sslmode=verify-full": "it cannot be reached",
        f"mysql://ada:{PASSWORD}@db/shop": "its URL is not one of a Postgres database",
        f"{PASSWORD} is no URL": "its URL cannot be read",
        "": "its URL cannot be read",
    }
    for url, reason in wrong.items():
        text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        with pytest.raises(LiveUnavailable) as caught:
            ask(text, "SELECT 1")
        assert str(caught.value) == reason, url
        assert caught.value.__cause__ is None
