def test_a_name_is_bounded(client):
    for name in ("", "x" * 81):
        assert client.post("/categories", json={"name": name, "parent_id": None}).status_code == 422


def test_ids_beyond_the_database_are_not_found(client):
    known = client.post("/categories", json={"name": "Crime", "parent_id": None}).json()["id"]
    assert client.get(f"/categories/{known}/books").status_code == 200
    assert client.get(f"/categories/{2**40}/books").status_code in (404, 422)


def test_a_list_without_end_is_refused_or_answered_in_order(client, book):
    ids = list(range(10**6, 10**6 + 20_000))
    assert client.put(f"/books/{book.id}/categories", json={"category_ids": ids}).status_code == 422
