"""A shop's models as a developer writes them, and what only migrations can make beside them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
STATUS = sa.Enum("pending", "paid", "shipped", name="order_status", metadata=METADATA)

sa.Table(
    "customers",
    METADATA,
    sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
    sa.Column("email", sa.String(200), nullable=False, unique=True, comment="Where invoices go."),
    sa.Column("name", sa.Text, nullable=False, index=True),
    sa.Column("phone", sa.String(40)),
    sa.Column("points", sa.Integer, sa.CheckConstraint("points >= 0", name="points"), server_default="0"),
    sa.Column("joined", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
    comment="Who buys.",
)
sa.Index("ix_customers_email_lower", sa.func.lower(METADATA.tables["customers"].c.email), unique=True)
sa.Table(
    "products",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sku", sa.String(40), nullable=False),
    sa.Column("price", sa.Numeric(10, 2), nullable=False),
    sa.Column("gross", sa.Numeric, sa.Computed("price * 1.19", persisted=True)),
    sa.Column("labels", postgresql.JSONB, nullable=False, server_default="{}"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("weight", sa.Numeric(6, 2)),
    sa.Column("season", postgresql.DATERANGE),
    sa.UniqueConstraint("sku"),
    sa.Index("ix_products_labels", "labels", postgresql_using="gin"),
    postgresql.ExcludeConstraint(("season", "&&"), name="no_overlap"),
)
sa.Table(
    "orders",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("customer_id", sa.ForeignKey("customers.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("status", STATUS, nullable=False, server_default="pending"),
    sa.Column("note", sa.String(200)),
    sa.Column("placed", sa.Date, nullable=False),
)
sa.Index(
    "ix_orders_open",
    METADATA.tables["orders"].c.placed.desc(),
    postgresql_where=sa.text("status = 'pending'"),
    postgresql_include=["note"],
)
sa.Table(
    "order_items",
    METADATA,
    sa.Column("order_id", sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("product_id", sa.ForeignKey("products.id"), primary_key=True),
    sa.Column("quantity", sa.SmallInteger, nullable=False, server_default="1"),
)

BESIDE = """
CREATE DOMAIN zip AS text CONSTRAINT zip_check CHECK (VALUE ~ '^[0-9]{5}$');
CREATE SEQUENCE invoice_numbers;
CREATE TYPE money_amount AS (currency text, amount numeric);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON customers FOR EACH ROW EXECUTE FUNCTION touch();
CREATE VIEW open_orders AS SELECT id, placed FROM orders WHERE status = 'pending';
CREATE MATERIALIZED VIEW prices AS SELECT sku, price FROM products;
CREATE UNIQUE INDEX ix_prices_sku ON prices (sku);
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
CREATE POLICY everyone ON customers FOR SELECT USING (points > 0);
CREATE STATISTICS orders_stats (dependencies) ON status, placed FROM orders;
CREATE TABLE events (id bigint, happened date NOT NULL) PARTITION BY RANGE (happened);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
COMMENT ON INDEX ix_customers_name IS 'for the search';
"""
