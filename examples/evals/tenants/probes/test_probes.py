def test_an_unknown_shop_is_no_shop(client, book):
    for name in ("other", "MAIN", "main' OR '1'='1", "%", "x" * 1000):
        assert client.get("/books", headers={"X-Shop": name}).status_code in (404, 422)


def test_another_shops_book_looks_like_none(client, customer, book):
    assert client.post("/shops", json={"slug": "north"}).status_code == 201
    answers = []
    for number in (book.id, 10**8):
        order = {"customer_id": customer.id, "items": [{"book_id": number, "quantity": 1}]}
        answer = client.post("/orders", json=order, headers={"X-Shop": "north"})
        answers.append((answer.status_code, answer.text.replace(str(number), "N")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 409
