from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

BASE = "e9a1f4427c83"
NAMES = {
    "a@x.example": ("Ada King Lovelace", "Ada", "King Lovelace"),
    "b@x.example": ("Cher", "", "Cher"),
    "c@x.example": ("Grace Hopper", "Grace", "Hopper"),
}


@pytest.fixture
def config():
    return Config(Path(__file__).parents[2] / "alembic.ini")


@pytest.fixture
def rows(engine, config):
    """Customers of the time before, brought to the newest revision."""
    command.downgrade(config, BASE)
    with engine.begin() as connection:
        for email, (name, _, _) in NAMES.items():
            connection.execute(text("INSERT INTO customers (email, name) VALUES (:e, :n)"), {"e": email, "n": name})
    command.upgrade(config, "heads")
    yield
    command.upgrade(config, "heads")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM customers WHERE email LIKE '%@x.example'"))


def read(engine, columns):
    with engine.connect() as connection:
        found = connection.execute(text(f"SELECT email, {columns} FROM customers WHERE email LIKE '%@x.example'"))
        return {row[0]: tuple(row[1:]) for row in found}


def test_names_are_taken_apart(engine, rows):
    assert read(engine, "given_name, family_name") == {email: parts[1:] for email, parts in NAMES.items()}


def test_the_way_back_loses_nothing(engine, rows, config):
    command.downgrade(config, BASE)
    assert read(engine, "name") == {email: parts[:1] for email, parts in NAMES.items()}


def test_parts_are_taken(client):
    body = {"email": "d@x.example", "given_name": "Ada", "family_name": "King Lovelace"}
    added = client.post("/customers", json=body)
    assert added.status_code == 201
    assert added.json()["name"] == "Ada King Lovelace"


def test_a_whole_name_is_taken_apart(client):
    added = client.post("/customers", json={"email": "d@x.example", "name": "Ada King Lovelace"}).json()
    found = client.get(f"/customers/{added['id']}").json()
    assert (found["given_name"], found["family_name"]) == ("Ada", "King Lovelace")


def test_a_name_without_a_space(client):
    added = client.post("/customers", json={"email": "d@x.example", "given_name": "", "family_name": "Cher"})
    assert added.status_code == 201
    assert added.json()["name"] == "Cher"


def test_no_name_is_refused(client):
    assert client.post("/customers", json={"email": "d@x.example"}).status_code == 422
