import enum

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s"})


class CustomerStatus(enum.Enum):
    new = "new"
    known = "known"
    gone = "gone"


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.Text, index=True)
    points: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[CustomerStatus] = mapped_column(
        sa.Enum(CustomerStatus, name="customer_status"), server_default="new"
    )
