"""Every table of the bookshop."""

from bookshop.models.author import Author
from bookshop.models.base import Base
from bookshop.models.book import Book
from bookshop.models.customer import Customer
from bookshop.models.order import Order, OrderItem, OrderStatus

__all__ = ["Author", "Base", "Book", "Customer", "Order", "OrderItem", "OrderStatus"]
