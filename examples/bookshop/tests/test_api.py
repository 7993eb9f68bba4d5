"""The endpoints, as a client sees them."""

from fastapi.testclient import TestClient

from bookshop.models import Book, Customer


def test_health(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}


def test_books_belong_to_an_author(client: TestClient) -> None:
    author = client.post("/authors", json={"name": "Jane Austen"}).json()
    body = {"author_id": author["id"], "title": "Emma", "price": "7.50", "isbn": "9780141439587"}
    assert client.post("/books", json=body).status_code == 201
    assert client.post("/books", json=body).status_code == 409
    books = client.get("/books", params={"author_id": author["id"]}).json()
    assert [(book["title"], book["price"], book["stock"]) for book in books] == [
        ("Emma", "7.50", 0)
    ]
    assert client.get("/authors").json() == [author]
    assert client.get(f"/authors/{author['id']}").json() == author


def test_a_book_needs_an_author(client: TestClient) -> None:
    body = {"author_id": -1, "title": "Emma", "price": "7.50"}
    assert client.post("/books", json=body).status_code == 422


def test_an_address_is_registered_once(client: TestClient) -> None:
    body = {"email": "grace@example.com", "name": "Grace"}
    added = client.post("/customers", json=body)
    assert added.status_code == 201
    assert client.get(f"/customers/{added.json()['id']}").json() == added.json()
    again = client.post("/customers", json={**body, "email": "Grace@Example.com"})
    assert again.status_code == 409


def test_the_way_of_an_order(client: TestClient, customer: Customer, book: Book) -> None:
    body = {"customer_id": customer.id, "items": [{"book_id": book.id, "quantity": 1}]}
    order = client.post("/orders", json=body).json()
    assert order["status"] == "pending"
    for status in ("paid", "shipped"):
        moved = client.patch(f"/orders/{order['id']}", json={"status": status})
        assert moved.json()["status"] == status
    late = client.patch(f"/orders/{order['id']}", json={"status": "cancelled"})
    assert late.status_code == 409
    assert client.get(f"/orders/{order['id']}").json()["items"][0]["quantity"] == 1


def test_what_is_not_there(client: TestClient) -> None:
    for path in ("/authors/0", "/customers/0", "/orders/0"):
        assert client.get(path).status_code == 404
