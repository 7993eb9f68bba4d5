import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


def get_token(client, customer, **body):
    answer = client.post(f"/customers/{customer.id}/tokens", json=body)
    assert answer.status_code == 201
    return answer.json()["token"]


def get_me(client, token):
    return client.get("/me", headers={"Authorization": f"Bearer {token}"})


def test_a_digest_exists_once(session, customer):
    row = "(:c, repeat('a', 64), now())"
    with pytest.raises(IntegrityError):
        session.execute(
            text(f"INSERT INTO api_tokens (customer_id, token_hash, expires_at) VALUES {row}, {row}"), {"c": customer.id}
        )


def test_only_the_digest_is_kept(client, session, customer):
    token = get_token(client, customer)
    kept = session.execute(text("SELECT token_hash FROM api_tokens")).scalars().all()
    assert kept == [hashlib.sha256(token.encode()).hexdigest()]


def test_a_token_says_who_asks(client, customer):
    answer = get_me(client, get_token(client, customer))
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["email"]) == (customer.id, customer.email)


def test_without_a_token(client):
    answer = client.get("/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert get_me(client, "x" * 43).status_code == 401


def test_an_expired_token(client, session, customer):
    token = get_token(client, customer)
    session.execute(text("UPDATE api_tokens SET expires_at = now() - interval '1 second'"))
    assert get_me(client, token).status_code == 401


def test_a_revoked_token(client, customer):
    token, other = get_token(client, customer), get_token(client, customer, days=1)
    headers = {"Authorization": f"Bearer {token}"}
    assert client.delete("/me/token", headers=headers).status_code == 204
    assert get_me(client, token).status_code == 401
    assert get_me(client, other).status_code == 200


def test_days_are_bounded(client, customer):
    for days in (0, 91):
        assert client.post(f"/customers/{customer.id}/tokens", json={"days": days}).status_code == 422
