"""Who buys the books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookshop.models.base import Base, Timestamped

if TYPE_CHECKING:
    from bookshop.models.order import Order


class Customer(Timestamped, Base):
    __tablename__ = "customers"
    __table_args__ = (Index("ix_customers_email_lower", text("lower(email)"), unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))

    orders: Mapped[list[Order]] = relationship(back_populates="customer")
