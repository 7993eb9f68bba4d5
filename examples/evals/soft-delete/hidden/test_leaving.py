import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

ACTOR = {"X-Actor": "grace"}


def test_an_action_is_not_empty(session):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO audit_entries (actor, action, subject_id) VALUES ('a', '', 1)"))


def test_an_address_is_free_again_in_the_database(session, customer):
    session.execute(text("UPDATE customers SET deleted_at = now()"))
    session.execute(text("INSERT INTO customers (email, name) VALUES (upper(:e), 'B')"), {"e": customer.email})
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO customers (email, name) VALUES (:e, 'C')"), {"e": customer.email})


def test_the_row_stays(client, session, customer):
    assert client.delete(f"/customers/{customer.id}", headers=ACTOR).status_code == 204
    assert session.execute(text("SELECT count(*) FROM customers WHERE deleted_at IS NOT NULL")).scalar_one() == 1
    assert client.delete(f"/customers/{customer.id}", headers=ACTOR).status_code == 404


def test_who_left_is_not_there(client, customer, book):
    client.delete(f"/customers/{customer.id}", headers=ACTOR)
    assert client.get(f"/customers/{customer.id}").status_code == 404
    order = {"customer_id": customer.id, "items": [{"book_id": book.id, "quantity": 1}]}
    assert client.post("/orders", json=order).status_code == 422


def test_an_address_can_be_registered_again(client, customer):
    body = {"email": customer.email.upper(), "name": "Ada"}
    assert client.post("/customers", json=body).status_code == 409
    client.delete(f"/customers/{customer.id}", headers=ACTOR)
    again = client.post("/customers", json=body)
    assert again.status_code == 201
    assert again.json()["id"] != customer.id


def test_a_deletion_is_recorded(client, session, customer):
    client.delete(f"/customers/{customer.id}", headers=ACTOR)
    rows = session.execute(text("SELECT actor, action, subject_id FROM audit_entries")).all()
    assert [tuple(row) for row in rows] == [("grace", "customer.deleted", customer.id)]
