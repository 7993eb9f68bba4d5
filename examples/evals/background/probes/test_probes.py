def test_other_kinds_are_refused(client):
    for kind in ("", "x" * 31, "sales; DROP TABLE reports", None, 1):
        assert client.post("/reports", json={"kind": kind}).status_code == 422


def test_ids_beyond_the_database_are_not_found(client):
    assert client.post("/reports", json={"kind": "sales"}).status_code == 202
    for number in ("0", str(2**70), "x"):
        assert client.get(f"/reports/{number}").status_code in (404, 422)
