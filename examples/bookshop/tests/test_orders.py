"""Placing orders and moving them on."""

import pytest
from sqlalchemy.orm import Session

from bookshop.models import Book, Customer, OrderStatus
from bookshop.orders import OrderError, move_order, place_order


def test_an_order_takes_its_books_from_stock(
    session: Session, customer: Customer, book: Book
) -> None:
    order = place_order(session, customer, {book.id: 2})
    assert order.status is OrderStatus.PENDING
    assert [(item.book, item.quantity, item.unit_price) for item in order.items] == [(book, 2, 9)]
    assert book.stock == 1


def test_a_cancelled_order_gives_them_back(
    session: Session, customer: Customer, book: Book
) -> None:
    order = place_order(session, customer, {book.id: 2})
    move_order(session, order, OrderStatus.CANCELLED)
    assert book.stock == 3


@pytest.mark.parametrize("quantities", [{}, {-1: 1}])
def test_an_order_needs_books_that_exist(
    session: Session, customer: Customer, quantities: dict[int, int]
) -> None:
    with pytest.raises(OrderError):
        place_order(session, customer, quantities)


def test_no_more_than_the_stock_is_sold(session: Session, customer: Customer, book: Book) -> None:
    with pytest.raises(OrderError, match="only 3"):
        place_order(session, customer, {book.id: 4})


def test_a_pending_order_cannot_be_shipped(
    session: Session, customer: Customer, book: Book
) -> None:
    order = place_order(session, customer, {book.id: 1})
    with pytest.raises(OrderError, match="cannot become shipped"):
        move_order(session, order, OrderStatus.SHIPPED)
