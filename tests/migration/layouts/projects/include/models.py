import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention={"ix": "ix_%(column_0_label)s", "pk": "%(table_name)s_pkey"})


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.Text, index=True)
    points: Mapped[int] = mapped_column(server_default="0")


class Entry(Base):
    __tablename__ = "entries"
    __table_args__ = {"schema": "audit"}

    id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
