import pytest


@pytest.fixture
def order(client, customer, book):
    items = [{"book_id": book.id, "quantity": 1}]
    return client.post("/orders", json={"customer_id": customer.id, "items": items}).json()["id"]


def pay(client, order, amount, headers):
    return client.post(f"/orders/{order}/payments", json={"amount": amount}, headers=headers)


def test_amounts_that_are_none(client, order):
    for number, amount in enumerate(("0", "-1.00", "0.001", "NaN", "Infinity", "1e9", "x")):
        assert pay(client, order, amount, {"Idempotency-Key": f"k-{number}"}).status_code == 422


def test_a_key_is_needed_and_bounded(client, order):
    assert pay(client, order, "1.00", {}).status_code == 400
    assert pay(client, order, "1.00", {"Idempotency-Key": "x" * 101}).status_code in (400, 422)


def test_a_key_shows_nothing_of_another_order(client, order, customer, book):
    items = [{"book_id": book.id, "quantity": 1}]
    other = client.post("/orders", json={"customer_id": customer.id, "items": items}).json()["id"]
    assert pay(client, order, "9.00", {"Idempotency-Key": "k"}).status_code == 201
    refused = pay(client, other, "9.00", {"Idempotency-Key": "k"})
    assert refused.status_code == 422
    assert client.get(f"/orders/{other}/payments").json() == []
