import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


@pytest.fixture
def north(client):
    assert client.post("/shops", json={"slug": "north"}).status_code == 201
    return {"X-Shop": "north"}


@pytest.fixture
def body(client):
    author = client.post("/authors", json={"name": "Jane Austen"}).json()["id"]
    return {"author_id": author, "title": "Emma", "price": "7.50", "isbn": "9780141439587", "stock": 5}


def test_the_database_refuses_a_slug_that_is_none(session):
    for slug in ("North", "a b", ""):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text("INSERT INTO shops (slug) VALUES (:s)"), {"s": slug})


def test_there_is_a_main_shop(session):
    assert session.execute(text("SELECT count(*) FROM shops WHERE slug = 'main'")).scalar_one() == 1


def test_each_shop_sees_its_own(client, north, body):
    assert client.post("/books", json=body, headers=north).status_code == 201
    assert client.get("/books").json() == []
    assert [book["title"] for book in client.get("/books", headers=north).json()] == ["Emma"]


def test_books_of_old_code_are_the_main_shops(client, north, book):
    assert [found["id"] for found in client.get("/books", headers={"X-Shop": "main"}).json()] == [book.id]
    assert client.get("/books", headers=north).json() == []


def test_an_isbn_exists_once_in_a_shop(client, north, body):
    assert client.post("/books", json=body).status_code == 201
    assert client.post("/books", json=body, headers=north).status_code == 201
    assert client.post("/books", json=body, headers=north).status_code == 409


def test_an_order_holds_books_of_its_shop(client, north, body, customer):
    book = client.post("/books", json=body, headers=north).json()["id"]
    order = {"customer_id": customer.id, "items": [{"book_id": book, "quantity": 1}]}
    assert client.post("/orders", json=order).status_code == 409
    assert client.post("/orders", json=order, headers=north).status_code == 201
