import base64


def test_a_foreign_cursor_is_refused(client, book):
    made = [base64.urlsafe_b64encode(text.encode()).decode() for text in ("x", '["A", "1 OR 1=1"]', "{}", "[]")]
    for cursor in ("x", "'; DROP TABLE books; --", "\0", "A" * 10_000, *made):
        assert client.get("/books/page", params={"cursor": cursor}).status_code == 422


def test_a_limit_that_is_no_number(client):
    for limit in ("all", "-1", "1e9", str(2**70)):
        assert client.get("/books/page", params={"limit": limit}).status_code == 422
