"""The same small shop, written in the styles that repositories have. Every one makes the same tables."""

from __future__ import annotations

SINGLE_COLUMN = '''
import enum
from sqlalchemy import Column, DateTime, Enum, ForeignKey, Integer, String, func
from sqlalchemy.orm import declarative_base, relationship

Base = declarative_base()


class Status(enum.Enum):
    new = 'new'
    paid = 'paid'  # and packed


class User(Base):
    __tablename__ = 'users'

    id = Column(Integer, primary_key=True)
    email = Column(String(200), unique=True, nullable=False)  # never shown
    name = Column(String(50),
                  index=True)

    orders = relationship('Order', backref='user')


class Order(Base):
    """An order."""
    __tablename__ = 'orders'

    id = Column(Integer, primary_key=True)
    user_id = Column(Integer, ForeignKey('users.id'), nullable=False)
    status = Column(Enum(Status), nullable=False, server_default='new')
    made_at = Column(DateTime(timezone=True), server_default=func.now(), nullable=False)
'''

SINGLE_ALIAS = '''"""Models."""
import datetime
import enum

import sqlalchemy as sa
import sqlalchemy.orm as so


class Base(so.DeclarativeBase):
    pass


class Status(enum.Enum):
    new = "new"
    paid = "paid"


class User(Base):
    __tablename__ = "users"
    id: so.Mapped[int] = so.mapped_column(primary_key=True)
    email: so.Mapped[str] = so.mapped_column(sa.String(200), unique=True)
    name: so.Mapped[str | None] = so.mapped_column(sa.String(50), index=True)
    orders: so.Mapped[list["Order"]] = so.relationship(back_populates="user")


class Order(Base):
    __tablename__ = "orders"
    id: so.Mapped[int] = so.mapped_column(primary_key=True)
    user_id: so.Mapped[int] = so.mapped_column(sa.ForeignKey("users.id"))
    status: so.Mapped[Status] = so.mapped_column(server_default="new")
    made_at: so.Mapped[datetime.datetime] = so.mapped_column(
        sa.DateTime(timezone=True), server_default=sa.func.now()
    )
    user: so.Mapped["User"] = so.relationship(back_populates="orders")
'''

PACKAGE = "from .base import Base\nfrom .orders import Order\nfrom .users import User\n"
PACKAGE_BASE = """from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, declared_attr

convention = {"pk": "%(table_name)s_pkey", "ix": "ix_%(column_0_label)s"}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=convention)

    @declared_attr.directive
    def __tablename__(cls) -> str:
        return cls.__name__.lower() + "s"
"""
PACKAGE_USER = """from typing import TYPE_CHECKING, List, Optional

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .orders import Order


class User(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[Optional[str]] = mapped_column(String(50), index=True)
    orders: Mapped[List["Order"]] = relationship(back_populates="user")
"""
PACKAGE_ORDER = """from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import DateTime, Enum, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from .base import Base

if TYPE_CHECKING:
    from .users import User


class Order(Base):
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Enum("new", "paid", name="status"), server_default="new")
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    user: Mapped["User"] = relationship(back_populates="orders")
"""
TABLES = """from sqlalchemy import Column, DateTime, Enum, ForeignKey, Integer, MetaData, String, Table, func
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    __table_args__ = {"comment": None}
    id = Column(Integer, primary_key=True)
    email = Column(String(200), unique=True, nullable=False)
    name = Column(String(50), index=True)


class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"), nullable=False)
    status = Column(Enum("new", "paid", name="status"), nullable=False, server_default="new")
    made_at = Column(DateTime(timezone=True), server_default=func.now(), nullable=False)


marks = Table("marks", Base.metadata, Column("id", Integer, primary_key=True))
"""

STYLES: dict[str, tuple[str, dict[str, str]]] = {
    "Column() in one file": ("models", {"models.py": SINGLE_COLUMN}),
    "Mapped[] through aliases in one file": ("shop.models", {"shop/__init__.py": "", "shop/models.py": SINGLE_ALIAS}),
    "a package with relative imports": (
        "app.models",
        {
            "src/app/__init__.py": "",
            "src/app/models/__init__.py": PACKAGE,
            "src/app/models/base.py": PACKAGE_BASE,
            "src/app/models/orders.py": PACKAGE_ORDER,
            "src/app/models/users.py": PACKAGE_USER,
        },
    ),
    "Table() beside classes without relationships": ("models", {"models.py": TABLES}),
}
