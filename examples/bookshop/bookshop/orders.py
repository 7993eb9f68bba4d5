"""Placing orders and moving them on."""

from sqlalchemy.orm import Session

from bookshop.models import Book, Customer, Order, OrderItem, OrderStatus

NEXT = {
    OrderStatus.PENDING: {OrderStatus.PAID, OrderStatus.CANCELLED},
    OrderStatus.PAID: {OrderStatus.SHIPPED, OrderStatus.CANCELLED},
}


class OrderError(Exception):
    """The order cannot be placed or moved; the message is for the customer."""


def place_order(session: Session, customer: Customer, quantities: dict[int, int]) -> Order:
    """Take `quantities` (book id to number of copies) from stock for `customer`."""
    if not quantities:
        raise OrderError("an order needs at least one book")
    order = Order(customer=customer)
    session.add(order)
    for book_id, quantity in sorted(quantities.items()):
        book = session.get(Book, book_id, with_for_update=True)
        if book is None:
            raise OrderError(f"there is no book {book_id}")
        if book.stock < quantity:
            raise OrderError(f"only {book.stock} of {book.title!r} are in stock")
        book.stock -= quantity
        order.items.append(OrderItem(book=book, quantity=quantity, unit_price=book.price))
    session.flush()
    return order


def move_order(session: Session, order: Order, status: OrderStatus) -> None:
    """Change the status; a cancelled order gives its books back."""
    if status not in NEXT.get(order.status, set()):
        raise OrderError(f"an order that is {order.status} cannot become {status}")
    if status is OrderStatus.CANCELLED:
        for item in order.items:
            item.book.stock += item.quantity
    order.status = status
    session.flush()
