"""A database at the latest revision; every test's rows are rolled back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from bookshop.database import get_engine, get_session
from bookshop.main import app
from bookshop.models import Author, Book, Customer

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    command.upgrade(Config(ROOT / "alembic.ini"), "head")
    yield get_engine()
    get_engine().dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Commits inside of a test end in a savepoint, so that nothing stays."""
    with engine.connect() as connection:
        transaction = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield session
        transaction.rollback()


@pytest.fixture
def client(session: Session) -> Iterator[TestClient]:
    app.dependency_overrides[get_session] = lambda: session
    with TestClient(app) as client:
        yield client
    app.dependency_overrides.clear()


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = Customer(email="ada@example.com", name="Ada")
    session.add(customer)
    session.flush()
    return customer


@pytest.fixture
def book(session: Session) -> Book:
    book = Book(author=Author(name="Mary Shelley"), title="Frankenstein", price=9, stock=3)
    session.add(book)
    session.flush()
    return book
