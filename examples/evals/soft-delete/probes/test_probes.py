from sqlalchemy import text


def test_nobody_deletes_without_a_name(client, session, customer):
    for headers in ({}, {"X-Actor": ""}, {"X-Actor": " "}):
        assert client.delete(f"/customers/{customer.id}", headers=headers).status_code == 400
    assert client.delete(f"/customers/{customer.id}", headers={"X-Actor": "x" * 101}).status_code in (400, 422)
    assert session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one() == 0


def test_a_deletion_that_finds_nobody_is_not_recorded(client, session):
    assert client.delete("/customers/0", headers={"X-Actor": "grace"}).status_code == 404
    assert session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one() == 0
