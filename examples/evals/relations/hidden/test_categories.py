import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


def add(client, name, parent=None):
    answer = client.post("/categories", json={"name": name, "parent_id": parent})
    assert answer.status_code == 201
    return answer.json()["id"]


def test_a_pair_exists_once_in_the_database(session):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO categories (name) VALUES ('A'), ('A')"))


def test_a_pair_exists_once(client):
    top = add(client, "Fiction")
    add(client, "Crime", top)
    add(client, "Crime")
    assert client.post("/categories", json={"name": "Crime", "parent_id": top}).status_code == 409


def test_a_subtree_lists_each_book_once(client, book):
    top = add(client, "Fiction")
    below = add(client, "Horror", add(client, "Dark", top))
    path = f"/books/{book.id}/categories"
    assert client.put(path, json={"category_ids": [top, below]}).status_code == 204
    assert [found["id"] for found in client.get(f"/categories/{top}/books").json()] == [book.id]


def test_categories_are_replaced(client, book):
    first, second = add(client, "One"), add(client, "Two")
    path = f"/books/{book.id}/categories"
    client.put(path, json={"category_ids": [first]})
    assert client.put(path, json={"category_ids": [second]}).status_code == 204
    assert client.get(f"/categories/{first}/books").json() == []


def test_an_unknown_category_changes_nothing(client, book):
    known = add(client, "One")
    path = f"/books/{book.id}/categories"
    client.put(path, json={"category_ids": [known]})
    assert client.put(path, json={"category_ids": [known + 1000]}).status_code == 422
    assert len(client.get(f"/categories/{known}/books").json()) == 1


def test_a_category_with_others_below_it_stays(client):
    top = add(client, "Fiction")
    below = add(client, "Crime", top)
    assert client.delete(f"/categories/{top}").status_code == 409
    assert client.delete(f"/categories/{below}").status_code == 204
    assert client.delete(f"/categories/{top}").status_code == 204
