import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


@pytest.fixture
def order(client, customer, book):
    """Two copies at 9.00."""
    items = [{"book_id": book.id, "quantity": 2}]
    return client.post("/orders", json={"customer_id": customer.id, "items": items}).json()["id"]


def pay(client, order, amount, key="k-1"):
    return client.post(f"/orders/{order}/payments", json={"amount": amount}, headers={"Idempotency-Key": key})


def list_payments(client, order):
    return client.get(f"/orders/{order}/payments").json()


def insert(session, order, key="k", amount="1"):
    row = {"o": order, "k": key, "a": amount}
    session.execute(text("INSERT INTO payments (order_id, idempotency_key, amount) VALUES (:o, :k, :a)"), row)


def test_a_key_exists_once(session, order):
    insert(session, order)
    with pytest.raises(IntegrityError):
        insert(session, order)


def test_the_database_refuses_nothing_and_less(session, order):
    with pytest.raises(IntegrityError):
        insert(session, order, amount="0")


def test_an_order_is_paid_in_parts(client, order):
    assert pay(client, order, "10.00", "a").status_code == 201
    assert client.get(f"/orders/{order}").json()["status"] == "pending"
    assert pay(client, order, "8.00", "b").status_code == 201
    assert client.get(f"/orders/{order}").json()["status"] == "paid"
    assert [payment["amount"] for payment in list_payments(client, order)] == ["10.00", "8.00"]


def test_the_same_again(client, order):
    first, again = pay(client, order, "18.00"), pay(client, order, "18.00")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert len(list_payments(client, order)) == 1


def test_the_same_key_for_something_else(client, order):
    pay(client, order, "8.00")
    assert pay(client, order, "9.00").status_code == 422
    assert len(list_payments(client, order)) == 1


def test_more_than_is_open(client, order):
    assert pay(client, order, "18.01").status_code == 409
    assert list_payments(client, order) == []


def test_a_cancelled_order(client, order):
    client.patch(f"/orders/{order}", json={"status": "cancelled"})
    assert pay(client, order, "1.00").status_code == 409
