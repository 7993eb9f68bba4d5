"""A shop's schema before and after two changes, as the catalog would give it."""

from __future__ import annotations

from dataclasses import replace

from bot.schema.model import (
    Check,
    Column,
    Enum,
    ForeignKey,
    Index,
    IndexKey,
    PrimaryKey,
    Schema,
    Table,
    Unique,
)


def make_index(table: str, *columns: str) -> Index:
    name = f"ix_{table}_{'_'.join(columns)}"
    return Index(
        name, tuple(IndexKey(column) for column in columns), definition=f"CREATE INDEX {name} ON {table} USING btree"
    )


def make_schema(*tables: Table, enums: tuple[Enum, ...] = ()) -> Schema:
    ordered = tuple(sorted(tables, key=lambda table: (table.schema, table.name)))
    return Schema("postgresql", ("public",), enums=enums, tables=ordered)


CUSTOMERS = Table(
    "public",
    "customers",
    (Column("id", "integer", nullable=False), Column("email", "character varying(200)", nullable=False)),
    PrimaryKey("pk_customers", ("id",)),
    uniques=(Unique("uq_customers_email", ("email",)),),
)
ORDERS = Table(
    "public",
    "orders",
    (
        Column("id", "integer", nullable=False),
        Column("customer_id", "integer", nullable=False),
        Column("status", "order_status", nullable=False, default="'open'::order_status"),
        Column("note", "character varying(200)"),
        Column("created_at", "timestamp with time zone", nullable=False, default="now()"),
    ),
    PrimaryKey("pk_orders", ("id",)),
    foreign_keys=(ForeignKey("fk_orders_customer_id", ("customer_id",), "public", "customers", ("id",)),),
    indexes=(make_index("orders", "status"),),
)
ORDER_STATUS = Enum("public", "order_status", ("open", "shipped", "cancelled"))
BASE = make_schema(CUSTOMERS, ORDERS, enums=(ORDER_STATUS,))

SHIPPING = make_schema(
    CUSTOMERS,
    replace(
        ORDERS,
        columns=(
            *ORDERS.columns[:3],
            Column("note", "text"),
            ORDERS.columns[4],
            Column("priority", "order_priority", nullable=False, default="'normal'::order_priority"),
            Column("tracking_number", "character varying(40)"),
            Column("shipped_at", "timestamp with time zone", comment="when the parcel left the warehouse"),
        ),
        uniques=(Unique("uq_orders_tracking_number", ("tracking_number",)),),
        checks=(Check("ck_orders_shipped_after_created", "shipped_at >= created_at"),),
        indexes=(make_index("orders", "status", "priority"),),
    ),
    enums=(
        Enum("public", "order_priority", ("low", "normal", "urgent")),
        replace(ORDER_STATUS, values=("open", "shipped", "returned", "cancelled")),
    ),
)

LOYALTY = make_schema(
    *BASE.tables,
    Table(
        "public",
        "loyalty_accounts",
        (
            Column("id", "bigint", nullable=False, identity="by default"),
            Column("customer_id", "integer", nullable=False),
            Column("points_balance", "integer", nullable=False, default="0"),
        ),
        PrimaryKey("pk_loyalty_accounts", ("id",)),
        uniques=(Unique("uq_loyalty_accounts_customer_id", ("customer_id",)),),
        foreign_keys=(
            ForeignKey(
                "fk_loyalty_accounts_customer_id", ("customer_id",), "public", "customers", ("id",), on_delete="CASCADE"
            ),
        ),
        checks=(Check("ck_loyalty_accounts_not_negative", "points_balance >= 0"),),
        comment="Members of the loyalty programme",
    ),
    enums=BASE.enums,
)

WITHOUT_NOTES = make_schema(
    CUSTOMERS,
    replace(ORDERS, columns=(*ORDERS.columns[:3], ORDERS.columns[4]), indexes=()),
    enums=BASE.enums,
)
