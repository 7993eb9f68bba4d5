from sqlalchemy import text


def test_the_digest_is_no_token(client, session, customer):
    assert client.post(f"/customers/{customer.id}/tokens", json={}).status_code == 201
    digest = session.execute(text("SELECT token_hash FROM api_tokens")).scalar_one()
    assert client.get("/me", headers={"Authorization": f"Bearer {digest}"}).status_code == 401


def test_tokens_are_long_and_never_the_same(client, customer):
    tokens = [client.post(f"/customers/{customer.id}/tokens", json={}).json()["token"] for _ in range(20)]
    assert len(set(tokens)) == 20
    assert min(map(len, tokens)) >= 32


def test_odd_headers_are_no_server_error(client):
    for value in ("Bearer", "Bearer ", "Basic YTpi", "bearer \u00e9".encode("latin-1"), "Bearer " + "x" * 5000):
        assert client.get("/me", headers={"Authorization": value}).status_code == 401
