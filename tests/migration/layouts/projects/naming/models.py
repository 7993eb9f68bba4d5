import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


NAMING = {
    "ix": "idx__%(table_name)s__%(column_0_N_name)s",
    "uq": "unq__%(table_name)s__%(column_0_N_name)s",
    "ck": "chk__%(table_name)s__%(constraint_name)s",
    "fk": "fkc__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
    "pk": "pkc__%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


class Customer(Base):
    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(sa.Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(sa.Text, index=True)
    points: Mapped[int] = mapped_column(server_default="0")
