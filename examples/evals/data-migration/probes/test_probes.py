def add(client, given_name):
    body = {"email": f"{len(given_name)}@x.example", "given_name": given_name, "family_name": "y"}
    return client.post("/customers", json=body).status_code


def test_a_part_that_is_too_long_is_no_server_error(client):
    assert (add(client, "x" * 100), add(client, "x" * 101)) == (201, 422)


def test_a_nul_is_no_server_error(client):
    assert (add(client, "a b"), add(client, "a\0bc")) == (201, 422)
