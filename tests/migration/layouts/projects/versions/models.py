"""As SQLAlchemy 1.4 has them; 2.0 and 2.1 take them too."""

import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

naming = {"ix": "ix_%(column_0_label)s", "pk": "pk_%(table_name)s"}
Base = declarative_base(metadata=sa.MetaData(naming_convention=naming))


class Customer(Base):
    __tablename__ = "customers"

    id = sa.Column(sa.Integer, sa.Identity(), primary_key=True)
    email = sa.Column(sa.Text, nullable=False, index=True)
    points = sa.Column(sa.Integer, nullable=False, server_default="0")
