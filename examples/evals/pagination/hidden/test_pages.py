import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from bookshop.models import Author, Book


@pytest.fixture
def books(session):
    author = Author(name="Many")
    titles = ["B", "A", "C", "A", "E", "D", "A"]
    session.add_all(Book(author=author, title=title, price=1) for title in titles)
    session.flush()
    return sorted(titles)


def walk(client, limit):
    items, cursor = [], None
    for _ in range(20):
        page = client.get("/books/page", params={"limit": limit} | ({"cursor": cursor} if cursor else {})).json()
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items
    raise AssertionError("there is no end")


def test_versions_are_never_below_one(session, book):
    assert session.execute(text("SELECT version FROM books")).scalar_one() == 1
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE books SET version = 0"))


def test_the_index_is_there(engine):
    found = {tuple(index["column_names"]) for index in inspect(engine).get_indexes("books")}
    assert ("title", "id") in found


def test_pages_hold_every_book_once(client, books):
    found = walk(client, 2)
    assert [item["title"] for item in found] == books
    assert len({item["id"] for item in found}) == len(books)


def test_the_order_is_by_title_and_id(client, books):
    found = [(item["title"], item["id"]) for item in walk(client, 3)]
    assert found == sorted(found)


def test_a_book_before_the_place_moves_nothing(client, session, books):
    first = client.get("/books/page", params={"limit": 3}).json()
    session.execute(text("DELETE FROM books WHERE title = 'A'"))
    second = client.get("/books/page", params={"limit": 3, "cursor": first["next"]}).json()
    assert [item["title"] for item in second["items"]] == ["B", "C", "D"]


def test_nothing_has_changed(client, session, books):
    first = client.get("/books/page")
    assert "max-age=0" in first.headers["Cache-Control"]
    tagged = {"If-None-Match": first.headers["ETag"]}
    again = client.get("/books/page", headers=tagged)
    assert (again.status_code, again.content) == (304, b"")
    session.execute(text("UPDATE books SET price = 2, version = version + 1 WHERE title = 'B'"))
    session.expire_all()
    assert client.get("/books/page", headers=tagged).status_code == 200


def test_limits(client, books):
    for limit in (0, 101):
        assert client.get("/books/page", params={"limit": limit}).status_code == 422
    assert len(client.get("/books/page", params={"limit": 100}).json()["items"]) == len(books)
