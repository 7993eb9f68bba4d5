import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


def ask(client):
    return client.post("/reports", json={"kind": "sales"})


def run_next(session):
    from bookshop.reports import run_next

    return run_next(session)


def test_attempts_are_never_below_zero(session):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO reports (kind, attempts) VALUES ('sales', -1)"))


def test_one_is_queued_of_a_kind(session):
    with pytest.raises(IntegrityError):
        session.execute(text("INSERT INTO reports (kind) VALUES ('sales'), ('sales')"))


def test_a_report_is_queued(client):
    answer = ask(client)
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert answer.headers["Location"].endswith(f"/reports/{answer.json()['id']}")
    assert ask(client).json()["id"] == answer.json()["id"]


def test_a_report_is_made(client, session, customer, book):
    for quantity in (1, 2):
        items = [{"book_id": book.id, "quantity": quantity}]
        order = client.post("/orders", json={"customer_id": customer.id, "items": items}).json()["id"]
    client.patch(f"/orders/{order}", json={"status": "cancelled"})
    report = ask(client).json()["id"]
    assert run_next(session) is True
    found = client.get(f"/reports/{report}").json()
    assert (found["status"], found["result"]) == ("done", {"orders": 1, "books": 1})


def test_nothing_is_queued(session):
    assert run_next(session) is False


def test_a_done_report_makes_room(client, session):
    first = ask(client).json()["id"]
    run_next(session)
    assert ask(client).json()["id"] != first
